// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestUsage: who calls for what is not there is told what is, and the command fails.
func TestUsage(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"learn spma x", `unknown command "spma" for "mailweir learn", want one of export, forget, ham, import, mixed, spam, status`},
		{"dkim kegen --domain example.org", "unknown flag: --domain; see mailweir dkim --help"},
		{"import spamassassin", `unknown command "spamassassin" for "mailweir import", want one of mailscanner`},
		{"foo", `unknown command "foo" for "mailweir"`},
		{"learn spam", "requires at least 1 arg(s), only received 0; usage: mailweir learn spam PATH... [flags]"},
		{"learn mixed --ham a b", `unknown command "b" for "mailweir learn mixed"; usage: mailweir learn mixed --ham PATH --spam PATH [flags]`},
		{"check --explane m", "unknown flag: --explane; see mailweir check --help"},
		{"dkim keygen --domain example.org", `required flag(s) "file", "selector" not set`},
	} {
		stdout, stderr, err := mailweir(t, strings.Fields(tt.args)...)
		if err == nil || err.Error() != tt.want || stdout+stderr != "" {
			t.Errorf("%s: got %v, %q", tt.args, err, stdout+stderr)
		}
	}
}

// TestGroups: a command that only others stand below tells which, and takes no other word.
func TestGroups(t *testing.T) {
	groups := 0
	for _, cmd := range rootCommand().Commands() {
		if !cmd.HasSubCommands() {
			continue
		}
		groups++
		if help, _, err := mailweir(t, cmd.Name()); err != nil || !strings.Contains(help, "Available Commands:") {
			t.Errorf("%s: %v, %s", cmd.Name(), err, help)
		}
		if _, _, err := mailweir(t, cmd.Name(), "nosuch"); err == nil {
			t.Errorf("%s nosuch: no error", cmd.Name())
		}
		for _, below := range cmd.Commands() {
			if below.RunE == nil && below.Run == nil {
				t.Errorf("%s does nothing", below.CommandPath())
			}
		}
	}
	if groups < 5 {
		t.Errorf("found %d groups", groups)
	}
}

func TestVersionFlag(t *testing.T) {
	flag, _, err1 := mailweir(t, "--version")
	command, _, err2 := mailweir(t, "version")
	if err := errors.Join(err1, err2); err != nil || flag != command || !strings.HasPrefix(flag, "mailweir ") {
		t.Errorf("%v: %q, %q", err, flag, command)
	}
}

// TestTellError: joined errors are a line each, all with the name of the program.
func TestTellError(t *testing.T) {
	var b strings.Builder
	tellError(&b, fmt.Errorf("import: %w", errors.Join(errors.New("one"), errors.New("\ttwo\n\n")))) //nolint:revive // As no error should be.
	if want := "mailweir: import: one\nmailweir: two\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}
