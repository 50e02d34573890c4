// SPDX-License-Identifier: Apache-2.0

// Package rigtest is what tests of the built mailweir have in common: the program, built once, and rigs that end with the test and show their logs if it fails.
package rigtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
)

// Program is mailweir, built when it is first asked for. It is for all tests of a package, which gives it to Main.
type Program struct {
	once sync.Once
	dir  string
	err  error
}

// Main runs the tests of a package and removes the program; it is all that a TestMain has to call.
func (p *Program) Main(m *testing.M) {
	status := m.Run()
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
	os.Exit(status)
}

// Path is where the program is. Any user may run it.
func (p *Program) Path(t testing.TB) string {
	t.Helper()
	p.once.Do(func() { p.err = p.build() })
	if p.err != nil {
		t.Fatal(p.err)
	}
	return filepath.Join(p.dir, "mailweir")
}

func (p *Program) build() (err error) {
	if p.dir, err = os.MkdirTemp("", "mailweir-built-"); err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(p.dir, "mailweir"), "github.com/mailweir/mailweir/cmd/mailweir")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build mailweir: %w\n%s", err, out)
	}
	return os.Chmod(p.dir, 0o755)
}

// Start starts a rig with the program, which ends with the test. If the test fails, or mailweir has panicked, the logs are shown.
func (p *Program) Start(ctx context.Context, t *testing.T, o rig.Options) *rig.Rig {
	t.Helper()
	o.Binary = p.Path(t)
	r, err := rig.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := r.Postfix.Log()
			t.Logf("mailweir's log:\n%s\nPostfix's log:\n%s", Tail(r.Weir.Log()), Tail(log))
		}
		if strings.Contains(r.Weir.Log(), "panic") {
			t.Errorf("mailweir's log has a panic:\n%s", Tail(r.Weir.Log()))
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Tail is the end of a log, and what it warns of before that.
func Tail(log string) string {
	const most = 6000
	if len(log) <= most {
		return log
	}
	warned, end := "", log[len(log)-most:]
	for line := range strings.Lines(log[:len(log)-most]) {
		if strings.Contains(line, "level=warning") || strings.Contains(line, "level=error") {
			warned += line
		}
	}
	return warned[:min(len(warned), most)] + "..." + end
}

// Need gives the time that a test has, or skips it with what is missing for a Postfix.
func Need(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	if why := postfixtest.Missing(); why != "" {
		t.Skip(why)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// EachWay runs a test for each way of filtering.
func EachWay(t *testing.T, test func(t *testing.T, way postconf.Mode)) {
	t.Helper()
	for _, way := range postconf.Modes() {
		t.Run(string(way), func(t *testing.T) { test(t, way) })
	}
}
