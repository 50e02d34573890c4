// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

//go:embed testdata/spamassassin.pl
var script string

// spamAssassin is Debian's, as it is shipped, without network tests. It scores every nth message only, because it is slow; it learns all. What it
// said of a message, after it had learned the same, is taken from the cache if it is there: then it does not even learn.
type spamAssassin struct {
	mode    string // bayes or rules
	every   int
	cache   *cache
	waiting []*message // To be learned before the next message that is not in the cache.
	state   [sha256.Size]byte
	dir     string
	cmd     *exec.Cmd
	in      *bufio.Writer
	pipe    io.Closer
	out     *bufio.Reader
}

const (
	limit         = 500_000 // Octets of a message that SpamAssassin's own client hands over.
	requiredScore = 5       // Points from which on it says spam (required_score).
)

// spamAssassins are SpamAssassin with and without its Bayes. The error is exec.ErrNotFound if it is not installed.
func spamAssassins(o options) ([]contestant, error) {
	if err := exec.Command("perl", "-MMail::SpamAssassin", "-e", "1").Run(); err != nil {
		return nil, fmt.Errorf("SpamAssassin's Perl module: %w", exec.ErrNotFound)
	}
	c, err := openCache(o.cache)
	if err != nil {
		return nil, err
	}
	var list []contestant
	for _, mode := range []string{"rules", "bayes"} {
		name := "SpamAssassin rules"
		if mode == "bayes" {
			name = "SpamAssassin rules + Bayes"
		}
		list = append(list, contestant{name: name, sample: o.sample, make: func() (filter, error) {
			return &spamAssassin{mode: mode, every: o.sample, cache: c}, nil
		}})
	}
	return list, nil
}

func (s *spamAssassin) start() error {
	var err error
	if s.dir, err = os.MkdirTemp("", "accuracy-spamassassin-"); err != nil {
		return err
	}
	s.cmd = exec.Command("perl", "-e", script, s.dir, s.mode)
	s.cmd.Stderr = os.Stderr
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	s.pipe, s.in, s.out = in, bufio.NewWriter(in), bufio.NewReader(out)
	return s.cmd.Start()
}

// ask has one command answered.
func (s *spamAssassin) ask(command string, m *message) (string, error) {
	if s.cmd == nil {
		if err := s.start(); err != nil {
			return "", fmt.Errorf("SpamAssassin: %w", err)
		}
	}
	text := m.text[:min(len(m.text), limit)]
	if _, err := fmt.Fprintf(s.in, "%s %d\n%s", command, len(text), text); err != nil {
		return "", fmt.Errorf("SpamAssassin: %w", err)
	}
	if err := s.in.Flush(); err != nil {
		return "", fmt.Errorf("SpamAssassin: %w", err)
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("SpamAssassin about %s: %w", m.name, err)
	}
	return strings.TrimSpace(line), nil
}

func (s *spamAssassin) learnOne(m *message) {
	if s.mode != "bayes" {
		return
	}
	h := sha256.New()
	_, _ = h.Write(s.state[:])
	_, _ = fmt.Fprintf(h, "%v %x", m.spam, sha256.Sum256(m.text))
	h.Sum(s.state[:0])
	s.waiting = append(s.waiting, m)
}

func (s *spamAssassin) one(m *message) (scored, error) {
	key := fmt.Sprintf("%s %x %x", s.mode, s.state[:8], sha256.Sum256(m.text))
	answer, known := s.cache.get(key)
	if !known {
		for _, w := range s.waiting {
			class := "ham"
			if w.spam {
				class = "spam"
			}
			got, err := s.ask("learn "+class, w)
			if err != nil {
				return scored{}, err
			}
			if got != "ok" {
				return scored{}, fmt.Errorf("SpamAssassin learns %s: %q", w.name, got)
			}
		}
		s.waiting = nil
		var err error
		if answer, err = s.ask("check", m); err != nil {
			return scored{}, err
		}
		if err := s.cache.put(key, answer); err != nil {
			return scored{}, err
		}
	}
	points, err := strconv.ParseFloat(answer, 64)
	return scored{m, points, points >= requiredScore}, err
}

func (s *spamAssassin) run(list []*message, check, learn bool) ([]scored, error) {
	var out []scored
	for i, m := range list {
		if check && i%s.every == 0 {
			one, err := s.one(m)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
		if learn {
			s.learnOne(m)
		}
	}
	return out, nil
}

func (s *spamAssassin) score(list []*message) ([]scored, error)  { return s.run(list, true, false) }
func (s *spamAssassin) online(list []*message) ([]scored, error) { return s.run(list, true, true) }

func (s *spamAssassin) learn(list []*message) error {
	_, err := s.run(list, false, true)
	return err
}

func (s *spamAssassin) close() error {
	if s.cmd == nil {
		return nil
	}
	return errors.Join(s.pipe.Close(), s.cmd.Wait(), os.RemoveAll(s.dir))
}
