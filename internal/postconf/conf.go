// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
)

// Conf is the configuration of one Postfix instance.
type Conf struct {
	Dir string // Folder of main.cf and master.cf; "" is the system's.
}

// run runs postconf(1). Its warnings are not part of the answer.
func (c Conf) run(ctx context.Context, args ...string) (string, error) {
	if c.Dir != "" {
		args = append([]string{"-c", c.Dir}, args...)
	}
	cmd := exec.CommandContext(ctx, program(), args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: is Postfix installed on this host?", err)
	}
	if err != nil {
		return "", fmt.Errorf("postconf %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimRight(string(out), "\n"), nil
}

// program is where postconf(1) is: who is not root does not look into /usr/sbin on Debian.
func program() string {
	if path, err := exec.LookPath("postconf"); err == nil {
		return path
	}
	return "/usr/sbin/postconf"
}

// Explicit is the value that main.cf gives a parameter; ok is false if it gives none.
func (c Conf) Explicit(ctx context.Context, name string) (value string, ok bool, err error) {
	return c.value(ctx, "-n", name)
}

// Value is the value in force of a parameter, with what it refers to put in; the default if main.cf gives none.
func (c Conf) Value(ctx context.Context, name string) (string, error) {
	return c.run(ctx, "-xh", name)
}

// Option is the value that an entry of master.cf gives a parameter by -o; ok is false if it gives none. key is name/type/parameter.
func (c Conf) Option(ctx context.Context, key string) (value string, ok bool, err error) {
	return c.value(ctx, "-P", key)
}

func (c Conf) value(ctx context.Context, flag, key string) (string, bool, error) {
	out, err := c.run(ctx, flag, key)
	if err != nil || out == "" {
		return "", false, err
	}
	_, value, _ := strings.Cut(out, "=")
	return strings.TrimSpace(value), true, nil
}

// Entry is the entry of master.cf by that name/type, on one line; ok is false if there is none.
func (c Conf) Entry(ctx context.Context, key string) (entry string, ok bool, err error) {
	out, err := c.run(ctx, "-M", key)
	if err != nil || out == "" {
		return "", false, err
	}
	return out, true, nil
}

// Entries are all entries of master.cf. An option that needs braces stays as postconf(1) shows it.
func (c Conf) Entries(ctx context.Context) ([]string, error) {
	out, err := c.run(ctx, "-M")
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(out, "\n"), nil
}

// publicKeys are the entries that clients connect to: the SMTP port, or what postscreen(8) hands over to if it has that port.
func (c Conf) publicKeys(ctx context.Context) ([]string, error) {
	entry, ok, err := c.Entry(ctx, Public)
	if err != nil {
		return nil, err
	}
	if ok && command(entry) == "smtpd" {
		return []string{Public}, nil
	}
	const behindPostscreen = "smtpd/pass"
	if ok && command(entry) == "postscreen" {
		if _, ok, err := c.Entry(ctx, behindPostscreen); err != nil || ok {
			return []string{behindPostscreen}, err
		}
	}
	return nil, fmt.Errorf("master.cf has no smtpd at %s: name the entry of your public listener by --service", Public)
}

// command is the program of an entry of master.cf, "" if the entry is none.
func command(entry string) string {
	words := strings.Fields(entry)
	if len(words) < masterFields {
		return ""
	}
	return words[masterFields-1]
}
