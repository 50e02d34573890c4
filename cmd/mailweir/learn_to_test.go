// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What cannot be told to a server is said before any message is read. That servers learn is shown in integration/spamservers.
func TestLearnToNobody(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text := "listen: [{address: \"unix:" + dir + "/in\", next_hop: \"unix:" + dir + "/out\"}]\nwork_dir: " + dir + "\nquarantine: {dir: " + dir + "}\n" +
		"chain: [[rspamd: {servers: [\"127.0.0.1:1\"], controllers: [\"127.0.0.1:1\"]}]]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	letter := filepath.Join(dir, "letter.eml")
	if err := os.WriteFile(letter, []byte("From: a@example.org\r\n\r\nhi\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"spam --to nobody":   "--to: want bayes, spamd or rspamd",
		"spam --to spamd":    "--to spamd: the config has no such filter in its chain",
		"forget --to rspamd": "--to rspamd: it forgets only what it learns as the other thing",
		"ham --to rspamd":    "told rspamd: new 0, nothing new 0, not taken 1",
	} {
		out := learnRun(t, dir, nil, append(append(strings.Fields(args), "--config", file), letter)...)
		if !strings.Contains(out, want) {
			t.Errorf("%s: got %q, want %q in it", args, out, want)
		}
	}
}
