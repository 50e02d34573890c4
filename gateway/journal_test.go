// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// content is a spool with a text in it.
func content(t *testing.T, text string) *mail.Spool {
	t.Helper()
	s := mail.DefaultSpooler(t.TempDir()).New(0)
	if _, err := s.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newJournal(t *testing.T, dir string, now func() time.Time) *journal {
	t.Helper()
	j, err := openJournal(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// noted are the marks for an attempt.
func noted(t *testing.T, j *journal, a attempt) marks {
	t.Helper()
	m, err := j.marks(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	j := newJournal(t, dir, time.Now)
	a := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	if err := j.update(a, []string{"done <b@x>", "kept <c@x>", "done <b@x>"}, nil); err != nil {
		t.Fatal(err)
	}
	// As after a crash: another process, and what it left half-written.
	if err := os.WriteFile(filepath.Join(dir, "x.json.tmp"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	j = newJournal(t, dir, time.Now)
	want := marks{"done <b@x>": 2, "kept <c@x>": 1}
	if diff := cmp.Diff(want, noted(t, j, a)); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	others := map[string]attempt{
		"queue ID":     {queueID: "4F2", from: a.from, content: a.content},
		"no queue ID":  {from: a.from, content: a.content},
		"reverse-path": {queueID: a.queueID, from: "<z@x>", content: a.content},
		"content":      {queueID: a.queueID, from: a.from, content: content(t, "tex!")},
	}
	for what, other := range others {
		if got := noted(t, j, other); len(got) != 0 {
			t.Errorf("another %s: got %v", what, got)
		}
	}
	// Another transaction of the same queue file leaves the marks of this one alone.
	if err := j.update(a, []string{"done <z@x>"}, []string{"done <y@x>"}); err != nil {
		t.Fatal(err)
	}
	want["done <z@x>"] = 1
	if diff := cmp.Diff(want, noted(t, j, a)); diff != "" {
		t.Errorf("after another transaction (-want +got):\n%s", diff)
	}
	if err := j.update(a, nil, []string{"done <b@x>", "done <b@x>", "kept <c@x>", "done <z@x>"}); err != nil {
		t.Fatal(err)
	}
	if got := noted(t, j, a); len(got) != 0 {
		t.Errorf("after all is stale: got %v", got)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestJournalExpires(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	j := newJournal(t, dir, func() time.Time { return now })
	old := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	if err := j.update(old, []string{"done <b@x>"}, nil); err != nil {
		t.Fatal(err)
	}
	now = now.Add(journalKeep + time.Hour)
	if err := j.update(attempt{queueID: "4F9", from: "<a@x>", content: content(t, "text")}, []string{"done <b@x>"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := noted(t, j, old); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestJournalCannotWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "j")
	j := newJournal(t, dir, time.Now)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	a := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	if err := j.update(a, []string{"done <b@x>"}, nil); err == nil {
		t.Error("no error")
	}
	if diff := cmp.Diff(marks{"done <b@x>": 1}, noted(t, j, a)); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	other := attempt{queueID: "4F2", from: "<a@x>", content: content(t, "text")}
	if err := j.ready(other, []string{"done <b@x>"}); err == nil {
		t.Error("ready without a folder")
	}
	if err := j.close(); err == nil {
		t.Error("closed without a folder")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := j.ready(other, []string{"done <b@x>"}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(marks{"done <b@x>": 1}, noted(t, newJournal(t, dir, time.Now), a)); diff != "" {
		t.Errorf("written later (-want +got):\n%s", diff)
	}
}

// It is remembered too if nobody can tell whether there is a file.
func TestJournalCannotLook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j := newJournal(t, dir, time.Now)
	if err := errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	a := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	if err := j.update(a, []string{"done <b@x>"}, nil); err == nil {
		t.Error("no error")
	}
	if diff := cmp.Diff(marks{"done <b@x>": 1}, noted(t, j, a)); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}

// What a broken disk has made of a file says nothing.
func TestJournalBroken(t *testing.T) {
	dir := t.TempDir()
	j := newJournal(t, dir, time.Now)
	a := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	name, err := a.name()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "null", "{", "[]", `{"done <b@x>":"x"}`} {
		j.remove(name)
		if err := j.update(a, []string{"done <b@x>"}, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := noted(t, j, a); len(got) != 0 {
			t.Errorf("%q: got %v", text, got)
		}
		if err := j.update(a, []string{"kept <b@x>"}, nil); err != nil || noted(t, j, a)["kept <b@x>"] != 1 {
			t.Errorf("%q: %v, got %v", text, err, noted(t, j, a))
		}
	}
}

// A full journal makes room for new mail of what is too old, also if nobody but who wants to be ready comes.
func TestFullJournalExpires(t *testing.T) {
	clock := time.Now()
	j := newJournal(t, t.TempDir(), func() time.Time { return clock })
	for i := range journalEntries {
		j.add(fmt.Sprintf("%x-x.json", i), clock)
	}
	clock = clock.Add(journalKeep + time.Minute)
	a := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	if err := j.ready(a, []string{"done <b@x>"}); err != nil || len(j.names) != 0 {
		t.Errorf("%v; %d files", err, len(j.names))
	}
}

func TestJournalIsBounded(t *testing.T) {
	j := newJournal(t, t.TempDir(), time.Now)
	for i := range journalEntries {
		j.names[fmt.Sprintf("%x-x.json", i)] = time.Now()
	}
	a := attempt{queueID: "4F1", from: "<a@x>", content: content(t, "text")}
	if err := j.ready(a, []string{"done <b@x>"}); err == nil {
		t.Error("ready without room")
	}
	if err := j.update(a, []string{"done <b@x>"}, nil); err == nil {
		t.Error("no error")
	}
}
