// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInputStopped: a command that waits for standard input ends when it is asked to, and leaves no file with what it has read.
func TestInputStopped(t *testing.T) {
	for _, args := range []string{"check -", "learn spam -", "learn mixed --ham - --spam .", "learn import -"} {
		t.Run(args, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			r, w := io.Pipe()
			t.Cleanup(func() { _ = w.Close() })
			ctx, cancel := context.WithCancel(t.Context())
			t.Cleanup(cancel)
			go func() {
				_, _ = io.WriteString(w, letter(1, "pills"))
				cancel()
			}()
			root := rootCommand()
			root.SetIn(r)
			root.SetOut(io.Discard)
			root.SetErr(io.Discard)
			words := strings.Fields(args)
			if words[0] == "learn" {
				words = append(words, "--database", filepath.Join(t.TempDir(), "learned.db"))
			}
			root.SetArgs(words)
			if err := root.ExecuteContext(ctx); !errors.Is(err, errStopped) {
				t.Errorf("got %v", err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left are %v, %v", left, err)
			}
		})
	}
}

// TestCheckStdin: standard input is a message as any other.
func TestCheckStdin(t *testing.T) {
	var out strings.Builder
	root := rootCommand()
	root.SetIn(strings.NewReader(infectedMail))
	root.SetOut(&out)
	root.SetArgs([]string{"check", "-"})
	if err := root.ExecuteContext(t.Context()); err != nil || !strings.HasPrefix(out.String(), "-: ") || !strings.Contains(out.String(), "virus.infected") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestCheckStopped: what was looked at by half of the filters is not told of.
func TestCheckStopped(t *testing.T) {
	dir := write(t, map[string]string{"1.eml": cleanMail, "2.eml": cleanMail, "3.eml": cleanMail})
	cmd, _, err := rootCommand().Find([]string{"check"})
	if err != nil || cmd.ParseFlags(nil) != nil {
		t.Fatal(err)
	}
	c, cleanup, err := newChecker(cmd, checkOptions{jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer cleanup()
	ctx, cancel := context.WithCancel(t.Context())
	shown := 0
	err = c.each(ctx, []string{dir}, func(*report, error) {
		shown++
		cancel()
	})
	if shown != 1 || !errors.Is(err, errStopped) {
		t.Errorf("shown %d, %v", shown, err)
	}
}

// TestDenied: who may not use a database is told so.
func TestDenied(t *testing.T) {
	dir := write(t, map[string]string{"db": "x", "open": "x"})
	closed, open, missing := filepath.Join(dir, "db"), filepath.Join(dir, "open"), filepath.Join(dir, "none")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	fault := errors.New("unable to open database file")
	for _, path := range []string{open, missing, "postgres://mailweir@db.example.org/mailweir"} {
		if err := denied(path, fault); !errors.Is(err, fault) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	asOther(t, func() {
		if err := denied(closed, fault); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "as the user of the server") {
			t.Errorf("got %v", err)
		}
	})
}
