// SPDX-License-Identifier: Apache-2.0

// Package learn runs "mailweir learn" as an operator does: with SpamAssassin's database, killed in the middle, and from several processes at once.
package learn

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/rigtest"

	"github.com/mailweir/mailweir/learn/store"
)

// limit is how long one command may take.
const limit = 4 * time.Minute

// program is mailweir, built once for all tests.
var program rigtest.Program

func TestMain(m *testing.M) { program.Main(m) }

// command is "mailweir learn" with a database.
func command(ctx context.Context, t testing.TB, database string, args ...string) *exec.Cmd {
	t.Helper()
	binary := program.Path(t)
	return exec.CommandContext(ctx, binary, append([]string{"learn", "--database", database}, args...)...)
}

// run runs it, and gives its output.
func run(t *testing.T, database string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return output(t, command(ctx, t, database, args...))
}

// output is what a command writes; what it complains of is a fault.
func output(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%v: %v\n%s", cmd.Args, err, errs.Bytes())
	}
	return out.String()
}

// numbers are those in an output, in order.
func numbers(text string) []int {
	var list []int
	for _, word := range regexp.MustCompile(`\d+`).FindAllString(text, -1) {
		n, err := strconv.Atoi(word)
		if err != nil {
			n = -1
		}
		list = append(list, n)
	}
	return list
}

// learned are the messages of ham and spam that a database's model knows.
func learned(t *testing.T, database string) (ham, spam int) {
	t.Helper()
	m := regexp.MustCompile(`(?m)^learned: (\d+) ham, (\d+) spam$`).FindString(run(t, database, "status"))
	list := numbers(m)
	if len(list) != 2 {
		t.Fatalf("no numbers in %q", m)
	}
	return list[0], list[1]
}

// small makes a new database with a small model, which is quick to read, and gives its name.
func small(t *testing.T, database string) string {
	t.Helper()
	s, err := store.Open(t.Context(), database, store.Options{Bits: 14})
	if err != nil {
		t.Fatal(err)
	}
	var empty bytes.Buffer
	if err := errors.Join(s.Export(t.Context(), store.Site, &empty), s.Import(t.Context(), store.Site, &empty)); err != nil {
		t.Fatal(err)
	}
	return database
}

// skipWithout skips a test without a program of Debian's.
func skipWithout(t *testing.T, program, pack string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if errors.Is(err, exec.ErrNotFound) {
		t.Skipf("%s is not installed (package %s)", program, pack)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
