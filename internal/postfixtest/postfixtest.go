// SPDX-License-Identifier: Apache-2.0

// Package postfixtest runs a private Postfix for tests and for the demo: the programs of the system, but configuration, queue, log and ports of
// its own in a temporary folder. The Postfix of the system is neither read nor touched. There is no DNS in it: what comes in goes on to one
// next hop. It needs root, as Postfix does.
package postfixtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Loopback is the address that an instance listens on. It is not 127.0.0.1, which is where outgoing connections on the loopback network come from: the
// kernel could give one of them the port that a listener is about to open again.
const Loopback = "127.0.0.2"

// DefaultLifetime is after what time an instance ends by itself, should nobody be left to stop it.
const DefaultLifetime = 30 * time.Minute

// Options describe an instance.
type Options struct {
	NextHop   string            // host:port that all mail is relayed to by SMTP, in the end.
	Main      map[string]string // Parameters of main.cf, in addition to ours or in place of them.
	Master    []string          // Entries of master.cf in addition, as they stand there.
	Listeners []Listener        // SMTP listeners.
	Lifetime  time.Duration     // 0 is DefaultLifetime; below 0 is without end.
}

// Listener is an smtpd(8) that listens.
type Listener struct {
	Name    string   // For Addr.
	Address string   // host:port; "" is a port from the kernel on Loopback.
	Options []string // name=value, for this listener alone.
}

// Instance is a running private Postfix.
type Instance struct {
	dir       string
	master    string // Path of master(8).
	listeners map[string]string
}

// Missing tells what the machine lacks to run an instance, "" if nothing.
func Missing() string {
	if os.Geteuid() != 0 {
		return "a private Postfix needs root"
	}
	for _, program := range []string{"postfix", "postconf", "postqueue"} {
		if _, err := exec.LookPath(program); err != nil {
			return "Postfix is not installed: no " + program
		}
	}
	if _, err := user.Lookup("postfix"); err != nil {
		return "Postfix is not installed: no user postfix"
	}
	return ""
}

// FreeAddrs finds n addresses on Loopback with ports that the kernel says are free. It gives none that stands in what is used: nobody may listen yet on
// addresses that it gave before.
func FreeAddrs(n int, used ...string) ([]string, error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	addrs := make([]string, 0, n)
	for len(addrs) < n {
		l, err := net.Listen("tcp", Loopback+":0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		held = append(held, l)
		if addr := l.Addr().String(); !slices.ContainsFunc(used, func(s string) bool { return strings.Contains(s, addr) }) {
			addrs = append(addrs, addr)
		}
	}
	return addrs, nil
}

// Start starts an instance, which takes mail on all its listeners when Start returns. Stop is to be called for it.
func Start(ctx context.Context, o Options) (*Instance, error) {
	if why := Missing(); why != "" {
		return nil, errors.New(why)
	}
	dir, err := os.MkdirTemp("", "mailweir-postfix-")
	if err != nil {
		return nil, fmt.Errorf("start postfix: %w", err)
	}
	i := &Instance{dir: dir, listeners: map[string]string{}}
	if err := i.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("start postfix: %w", err), i.Stop())
	}
	return i, nil
}

func (i *Instance) start(ctx context.Context, o Options) error {
	if err := i.layout(); err != nil {
		return err
	}
	if err := i.configure(ctx, o); err != nil {
		return err
	}
	// Makes the folders of the queue, and finds faults of the configuration.
	if err := i.Check(ctx); err != nil {
		return err
	}
	// "postfix start" would check once more, and cannot set an end.
	args := []string{"-c", i.ConfigDir(), "-w"}
	if o.Lifetime == 0 {
		o.Lifetime = DefaultLifetime
	}
	if o.Lifetime > 0 {
		args = append(args, "-e", fmt.Sprint(int(o.Lifetime.Seconds())))
	}
	// No pipes: what outlives this command would keep them open. What it has to say is in the log.
	if err := exec.CommandContext(ctx, i.master, args...).Run(); err != nil {
		log, _ := i.Log()
		return fmt.Errorf("master: %w\n%s", err, log)
	}
	return nil
}

// layout makes the folders. User postfix must be able to come through the outermost.
func (i *Instance) layout() error {
	if err := os.Chmod(i.dir, 0o755); err != nil {
		return err
	}
	for _, d := range []string{"etc", "spool", "data", "log"} {
		if err := os.Mkdir(filepath.Join(i.dir, d), 0o755); err != nil {
			return err
		}
	}
	return chownPostfix(filepath.Join(i.dir, "data"))
}

// Dir is the folder of the instance. It is removed by Stop.
func (i *Instance) Dir() string { return i.dir }

// ConfigDir is the folder of main.cf and master.cf, for "postconf -c".
func (i *Instance) ConfigDir() string { return filepath.Join(i.dir, "etc") }

// Addr is the host:port of the listener of that name, "" if there is none.
func (i *Instance) Addr(listener string) string { return i.listeners[listener] }

// Check asks Postfix for faults of the configuration. A warning is an error here: of an unknown parameter, for one.
func (i *Instance) Check(ctx context.Context) error {
	for _, section := range []string{"-n", "-M"} {
		out, err := run(ctx, "postconf", "-c", i.ConfigDir(), section)
		if err != nil {
			return err
		}
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, "postconf: ") {
				return errors.New(strings.TrimSpace(line))
			}
		}
	}
	out, err := run(ctx, "postfix", "-c", i.ConfigDir(), "check")
	if err != nil {
		// Without a terminal it keeps the reason to itself; postsuper(1) is what finds it, and can be made to tell.
		_, why := run(ctx, "postsuper", "-v", "-c", i.ConfigDir())
		return errors.Join(err, why)
	}
	if out = strings.TrimSpace(out); out != "" {
		return fmt.Errorf("postfix check: %s", out)
	}
	return nil
}

// Reload makes the instance read its configuration anew.
func (i *Instance) Reload(ctx context.Context) error {
	_, err := run(ctx, "postfix", "-c", i.ConfigDir(), "reload")
	return err
}

// LogFile is the path of the instance's log.
func (i *Instance) LogFile() string { return filepath.Join(i.dir, "log", "mail.log") }

// Log is what the instance has logged so far.
func (i *Instance) Log() (string, error) {
	b, err := os.ReadFile(i.LogFile())
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// run runs a program to its end. The error has what the program wrote.
func run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", filepath.Base(name), err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
