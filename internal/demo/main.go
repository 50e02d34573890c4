// SPDX-License-Identifier: Apache-2.0

// Command demo shows mailweir at work: it starts a private Postfix with mailweir behind it, sends a handful of messages in, and tells what
// became of each and why. The Postfix of the system is not touched. It runs until Ctrl-C; with DEMO=once in the environment it ends by itself. The
// exit status is 0 only if every message met the fate that the table expects.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
)

// patience is how long all messages together may take.
const patience = time.Minute

// errUnexpected ends the demo with exit status 1. The table has told why.
var errUnexpected = errors.New("not every message met the fate expected of it")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Stdout, os.Getenv("DEMO") == "once"); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, once bool) (err error) {
	if why := postfixtest.Missing(); why != "" {
		return errors.New(why)
	}
	binary, cleanup, err := build(ctx)
	if err != nil {
		return err
	}
	defer cleanup()
	say(out, "Starting a private Postfix with mailweir behind it ...\n")
	r, err := rig.Start(ctx, rig.Options{Mode: postconf.AfterQueueLMTP, Binary: binary, Extra: config, Lifetime: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Stop()) }()

	results, err := sendAll(ctx, r)
	if err != nil {
		return err
	}
	good := table(out, results)
	if !once {
		addresses(out, r)
		<-ctx.Done()
		say(out, "\nStopping ...\n")
	}
	if !good {
		return errUnexpected
	}
	return nil
}

// build builds mailweir into a folder that cleanup removes.
func build(ctx context.Context) (binary string, cleanup func(), err error) {
	dir, err := os.MkdirTemp("", "mailweir-demo-")
	if err != nil {
		return "", nil, err
	}
	cleanup = func() { _ = os.RemoveAll(dir) }
	binary = filepath.Join(dir, "mailweir")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/mailweir/mailweir/cmd/mailweir")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	// It runs as another user than we do.
	if err := errors.Join(cmd.Run(), os.Chmod(dir, 0o755)); err != nil {
		cleanup()
		return "", nil, fmt.Errorf("build mailweir: %w", err)
	}
	return binary, cleanup, nil
}

// addresses tells where to look while all is running.
func addresses(out io.Writer, r *rig.Rig) {
	say(out, `
All of it keeps running until Ctrl-C:
  send mail to        %s (SMTP, Postfix; it goes through mailweir)
  metrics             %s
  the config          %s
  the quarantine      %s
  Postfix's queue     postqueue -c %s -p
  Postfix's log       %s
`, r.Postfix.Addr(rig.In), r.Weir.MetricsURL(), r.Weir.ConfigFile(), r.Weir.QuarantineDir(), r.Postfix.ConfigDir(), r.Postfix.LogFile())
}

// say writes to the terminal. One that is gone is no reason to complain.
func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
