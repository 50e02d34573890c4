// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestLearnMboxLine: the line before a message in an mbox is no part of it.
func TestLearnMboxLine(t *testing.T) {
	long := "From " + strings.Repeat("x", maxMboxLine) + "\nTo: b\n"
	for text, want := range map[string]string{
		"From a@example.org Mon Jan  1 00:00:00 2024\nTo: b\n\nhi\n": "To: b\n\nhi\n",
		"From a\r\nTo: b\r\n": "To: b\r\n",
		"From a@example.org":  "From a@example.org",
		"From : a\nTo: b\n":   "From : a\nTo: b\n",
		"From: a\n":           "From: a\n",
		"To: b\nFrom a\n":     "To: b\nFrom a\n",
		"":                    "",
		long:                  long,
	} {
		dir := write(t, map[string]string{"m": text})
		r, size, done, err := source{path: filepath.Join(dir, "m"), size: -1}.openMessage()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(r, 0, size+100))
		done()
		if string(got) != want || int64(len(got)) != size || err != nil {
			t.Errorf("%.60q: got %.60q, %d octets, %v", text, got, size, err)
		}
	}
}

// TestLearnCopiesKept: a message is learned once, however it is kept.
func TestLearnCopiesKept(t *testing.T) {
	text := strings.ReplaceAll(letter(1, "pills"), "\r\n", "\n")
	dir := write(t, map[string]string{
		"m.eml": letter(1, "pills"), "md/cur/1.a.host:2,S": text, "one": "From a@example.org Mon Jan  1 00:00:00 2024\n" + text,
		"two": "From b@example.org Tue Jan  2 00:00:00 2024\n" + text + "\nFrom c@example.org Tue Jan  2 00:00:01 2024\n" + text + "\n",
	})
	for i, name := range []string{"m.eml", "md/cur", "one", "two"} {
		got := learnRun(t, dir, nil, "spam", filepath.Join(dir, name))
		if strings.HasPrefix(got, "learned 1,") != (i == 0) || i > 0 && !strings.HasPrefix(got, "learned 0,") {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
