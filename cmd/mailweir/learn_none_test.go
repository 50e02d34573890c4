// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLearnNoDatabase: who only looks, forgets or has nothing to import makes no database.
func TestLearnNoDatabase(t *testing.T) {
	dir := write(t, map[string]string{"m.eml": letter(1, "pills")})
	wrong, letter, to := filepath.Join(dir, "wrong.db"), filepath.Join(dir, "m.eml"), filepath.Join(dir, "saved")
	const none = "exit 2: open wrong.db: there is no such database\n"
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"status"}, none},
		{[]string{"export", to}, none},
		{[]string{"forget", letter}, none},
		{[]string{"import", to}, "exit 2: open saved: no such file or directory\n"},
	} {
		if got := learnRun(t, dir, nil, append(tt.args, "--database", wrong)...); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.args, got, tt.want)
		}
		for _, made := range []string{wrong, to} {
			if _, err := os.Stat(made); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%v: %s: %v", tt.args, made, err)
			}
		}
	}
}

// TestLearnStatusForgotten: what was forgotten is not told of.
func TestLearnStatusForgotten(t *testing.T) {
	dir := write(t, map[string]string{"ham/1.eml": letter(1, "work"), "ham/2.eml": letter(2, "work"), "spam/1.eml": letter(3, "pills"), "spam/2.eml": letter(4, "pills")})
	db, ham, spam := filepath.Join(dir, "learned.db"), filepath.Join(dir, "ham"), filepath.Join(dir, "spam")
	smallModel(t, db)
	for _, args := range [][]string{{"mixed", "--ham", ham, "--spam", spam}, {"forget", ham}} {
		if _, stderr, err := mailweir(t, append([]string{"learn", "--database", db}, args...)...); err != nil {
			t.Fatalf("%v: %v, %s", args, err, stderr)
		}
	}
	out, _, err := mailweir(t, "learn", "--database", db, "status")
	if err != nil || !strings.Contains(out, "learned: 0 ham, 2 spam\nbeside each other: 0 ham\n") {
		t.Errorf("%v: %s", err, out)
	}
}
