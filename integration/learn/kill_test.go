// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/learn/store/postgrestest"
)

// databases are ways to get a new database.
func databases() map[string]func(*testing.T) func(*testing.T) string {
	return map[string]func(*testing.T) func(*testing.T) string{
		"sqlite": func(*testing.T) func(*testing.T) string {
			return func(t *testing.T) string { return filepath.Join(t.TempDir(), "learned.db") }
		},
		"postgres": func(t *testing.T) func(*testing.T) string { return postgrestest.Start(t).Database },
	}
}

// batch is the number of messages that are learned in one transaction.
const batch = 500

// TestKilled: whenever learning is killed, only whole batches have been learned. Run again until it is done, it gives the same as if nothing had happened.
func TestKilled(t *testing.T) {
	const total = 12 * batch // So much that the model is written as a whole, too.
	box := write(t, true, 0, total)
	for name, start := range databases() {
		t.Run(name, func(t *testing.T) {
			fresh := start(t)
			whole, killed := small(t, fresh(t)), small(t, fresh(t))
			run(t, whole, "spam", box)
			for at := batch; at < total; at += 3 * batch {
				killAt(t, killed, box, at)
				if _, spam := learned(t, killed); spam%batch != 0 || spam < at {
					t.Errorf("killed behind %d: %d were learned", at, spam)
				}
			}
			run(t, killed, "spam", box)
			if _, spam := learned(t, killed); spam != total {
				t.Errorf("%d were learned, want %d", spam, total)
			}
			if !bytes.Equal(exported(t, killed), exported(t, whole)) {
				t.Error("it is not what it would be without having been killed")
			}
		})
	}
}

// killAt kills learning once so many messages are in the database, while it goes on.
func killAt(t *testing.T, database, box string, at int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	st, err := store.Open(ctx, database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(ctx, t, database, "spam", box)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	await(ctx, st, at, ended)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-ended
}

// await waits until so much spam was learned, or who learns has ended. It looks from time to time, so as not to take the machine from who learns.
func await(ctx context.Context, st *store.Store, spam int, ended <-chan error) {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for ctx.Err() == nil && len(ended) == 0 {
		if now, err := st.Status(ctx, store.Site); err == nil && now.Spam >= spam {
			return
		}
		<-look.C
	}
}

// exported is what a database's export says, without the compression.
func exported(t *testing.T, database string) []byte {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(run(t, database, "export", "-")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInterrupted: on SIGINT learning ends with what it has read, and says how to go on.
func TestInterrupted(t *testing.T) {
	box := write(t, true, 0, 7*batch)
	database := small(t, filepath.Join(t.TempDir(), "learned.db"))
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	st, err := store.Open(ctx, database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(ctx, t, database, "spam", box)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(ctx, st, batch, nil)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	err = cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 2 || !strings.HasSuffix(errs.String(), "mailweir: interrupted; run it again to go on\n") {
		t.Errorf("got %v, %q", err, errs.String())
	}
	if _, spam := learned(t, database); len(numbers(out.String())) != 4 || numbers(out.String())[0] != spam {
		t.Errorf("it says %q, and %d were learned", out.String(), spam)
	}
}

// TestDatabaseDies: a database that goes away in the middle ends learning, and it says so. When it is back, the next run goes on where it was.
func TestDatabaseDies(t *testing.T) {
	server := postgrestest.Start(t)
	box := write(t, true, 0, 7*batch)
	database := small(t, server.Database(t))
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	st, err := store.Open(ctx, database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(ctx, t, database, "spam", box)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(ctx, st, batch, nil)
	server.Down(t)
	err = cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 2 || !strings.Contains(errs.String(), "mailweir: learn: ") {
		t.Errorf("got %v, %q", err, errs.String())
	}
	server.Up(t)
	if _, spam := learned(t, database); spam%batch != 0 {
		t.Errorf("%d were learned", spam)
	}
	run(t, database, "spam", box)
	if _, spam := learned(t, database); spam != 7*batch {
		t.Errorf("in the end %d were learned", spam)
	}
}
