// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
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
