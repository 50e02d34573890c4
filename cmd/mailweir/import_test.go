// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// importFolder is a folder with a small MailScanner.conf.
func importFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := "Max Children = 5\nVirus Scanners = clamd\nClamd Socket = /run/clamav/clamd.ctl\nConvert HTML To Text = yes\nFrobnicate = yes\n"
	if err := os.WriteFile(filepath.Join(dir, "MailScanner.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportMailScanner(t *testing.T) {
	dir := importFolder(t)
	stdout, stderr, err := runCommand(t, filepath.Join(dir, "unused.yaml"), "import", "mailscanner", dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"listen:\n", "clamd: {address: 'unix:/run/clamav/clamd.ctl'}", "#   MailScanner.conf:1: Max Children = 5 (as shipped)\n"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	for _, want := range []string{
		"MailScanner.conf:4: Convert HTML To Text = yes: HTML becomes text only", "3 settings carried over; policies: 1.",
		"1 have no equivalent, of which 1 are as MailScanner ships them. 1 are not known.\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
}

// TestImportOut: a file that is there is not written over without --force, and what is written is what check takes.
func TestImportOut(t *testing.T) {
	dir := importFolder(t)
	out := filepath.Join(t.TempDir(), "mailweir.yaml")
	if _, _, err := runCommand(t, out, "import", "mailscanner", dir, "--out", out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := runCommand(t, out, "import", "mailscanner", dir, "--out", out); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("got the error %v, want one that names --force", err)
	}
	if text, _ := os.ReadFile(out); string(text) != "mine\n" {
		t.Errorf("the file was written over: %q", text)
	}
	if _, _, err := runCommand(t, out, "import", "mailscanner", dir, "--out", out, "--force"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "work_dir: "+dir+"\nquarantine: {dir: "+dir+"}\n"...)
	if err := os.WriteFile(out, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if stdout, stderr, err := runCommand(t, out, "config", "check"); err != nil {
		t.Errorf("%v\n%s%s", err, stdout, stderr)
	}
}

func TestImportMissing(t *testing.T) {
	if _, _, err := runCommand(t, filepath.Join(t.TempDir(), "unused.yaml"), "import", "mailscanner", t.TempDir()); err == nil || !strings.Contains(err.Error(), "MailScanner.conf") {
		t.Errorf("got the error %v, want one that names MailScanner.conf", err)
	}
}
