// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// peers are the other filters that are installed here.
func peers(o options) ([]contestant, error) {
	var list []contestant
	for _, p := range []struct {
		name string
		make func(options) ([]contestant, error)
	}{{"bogofilter", bogofilters}, {"spamassassin", spamAssassins}} {
		if !o.peers[p.name] {
			continue
		}
		some, err := p.make(o)
		if errors.Is(err, exec.ErrNotFound) {
			fmt.Printf("%s is not installed: left out\n", p.name)
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

// bogofilters is bogofilter alone.
func bogofilters(options) ([]contestant, error) {
	path, err := exec.LookPath("bogofilter")
	if err != nil {
		return nil, err
	}
	return []contestant{{name: "bogofilter", make: func() (filter, error) {
		dir, err := os.MkdirTemp("", "accuracy-bogofilter-")
		return &bogofilter{path: path, dir: dir}, err
	}}}, nil
}

// bogofilterSpam is the probability from which on bogofilter says spam (spam_cutoff).
const bogofilterSpam = 0.99

// bogofilter is Debian's, with the settings it is shipped with. It sees the messages whole, without the mbox line.
type bogofilter struct{ path, dir string }

func (b *bogofilter) run(in []byte, args ...string) ([]byte, error) {
	cmd := exec.Command(b.path, append([]string{"-C", "-d", b.dir}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	// 0, 1 and 2 are verdicts.
	if e, ok := err.(*exec.ExitError); ok && e.ExitCode() <= 2 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("bogofilter: %w: %s", err, errs.String())
	}
	return out, nil
}

func (b *bogofilter) one(m *message) (scored, error) {
	out, err := b.run(m.text, "-TT")
	if err != nil {
		return scored{}, err
	}
	f := strings.Fields(string(out))
	if len(f) == 0 {
		return scored{}, fmt.Errorf("bogofilter: no answer about %s", m.name)
	}
	p, err := strconv.ParseFloat(f[len(f)-1], 64)
	return scored{m, p, p >= bogofilterSpam}, err
}

func (b *bogofilter) score(list []*message) ([]scored, error) {
	var out []scored
	for _, m := range list {
		s, err := b.one(m)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// learn hands over whole mailboxes, which is faster than one message at a time.
func (b *bogofilter) learn(list []*message) error {
	for _, spam := range []bool{false, true} {
		var box bytes.Buffer
		w := bufio.NewWriter(&box)
		for _, m := range list {
			if m.spam == spam {
				_, _ = w.WriteString("From accuracy Thu Jan  1 00:00:00 2026\n")
				for line := range bytes.Lines(m.text) {
					if bytes.HasPrefix(line, []byte("From ")) {
						_ = w.WriteByte('>')
					}
					_, _ = w.Write(line)
				}
				_, _ = w.WriteString("\n\n")
			}
		}
		_ = w.Flush()
		if _, err := b.run(box.Bytes(), "-M", register(spam)); err != nil {
			return err
		}
	}
	return nil
}

func register(spam bool) string {
	if spam {
		return "-s"
	}
	return "-n"
}

func (b *bogofilter) online(list []*message) ([]scored, error) {
	var out []scored
	for _, m := range list {
		s := scored{m: m}
		if _, err := os.Stat(filepath.Join(b.dir, "wordlist.db")); err == nil {
			if s, err = b.one(m); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
		if _, err := b.run(m.text, register(m.spam)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *bogofilter) close() error { return os.RemoveAll(b.dir) }
