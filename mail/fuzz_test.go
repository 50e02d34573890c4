// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// addCases gives the golden cases to a fuzz target.
func addCases(f *testing.F, add func(content []byte)) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal("no cases", err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		add(content)
	}
}

// smallLimits are in reach of a fuzzer.
func smallLimits() Limits {
	l := DefaultLimits()
	l.Depth, l.Parts, l.HeaderOctets, l.Params = 4, 12, 2000, 5
	return l
}

func FuzzParse(f *testing.F) {
	addCases(f, func(content []byte) {
		f.Add(content, false)
		f.Add(content, true)
	})
	f.Fuzz(func(t *testing.T, content []byte, small bool) {
		l := DefaultLimits()
		if small {
			l = smallLimits()
		}
		m := parseBoth(t, content, l)
		decodeAll(t, m)
		if !small && strings.Contains(defectList(m), "limit.") && len(content) < 1000 {
			t.Errorf("limits in %d octets: %s", len(content), defectList(m))
		}
	})
}

// FuzzEdits applies one edit of each kind to any message and reads back what came of it.
func FuzzEdits(f *testing.F) {
	addCases(f, func(content []byte) {
		for n := range byte(3) {
			f.Add(content, n)
		}
	})
	f.Fuzz(func(t *testing.T, content []byte, pick byte) {
		m := parseBoth(t, content, DefaultLimits())
		checkEdited(t, m, content, []Edit{AddField{"Mailweir-Test", "x"}, RemoveFields{[]string{"Subject", "X-*"}}})
		after := m.rewritten(t, AddField{"Mailweir-Test", "x"})
		if got := after.Header().Get("Mailweir-Test"); got != "x" {
			t.Errorf("added field: got %q", got)
		}
		after = m.rewritten(t, RemoveFields{[]string{"X-*", "Subject"}})
		if slices.ContainsFunc(after.Header(), func(f Field) bool {
			n := strings.ToLower(f.Name)
			return n == "subject" || strings.HasPrefix(n, "x-")
		}) {
			t.Errorf("removed fields are there: %v", after.Header())
		}
		after = m.rewritten(t, TagSubject{"[T]"})
		for f := range after.Header().All("Subject") {
			if !strings.HasPrefix(DecodeWords(f.Value()), "[T]") {
				t.Errorf("tagged Subject: got %q", f.Value())
			}
		}
		after = m.rewritten(t, WrapMessage{"text"})
		// The line end before the delimiter may end the header section of what is wrapped, or make a pair with a CR at its end.
		raw, _ := io.ReadAll(after.Part("1.2").Raw())
		if strings.TrimRight(string(raw), "\r\n") != strings.TrimRight(string(content), "\r\n") {
			t.Errorf("wrapped: got %q", raw)
		}
		checkEntityEdits(t, m, content, pick)
	})
}

// checkEntityEdits replaces and drops one entity.
func checkEntityEdits(t *testing.T, m *Message, content []byte, pick byte) {
	t.Helper()
	all := allParts(m)
	p := all[int(pick)%len(all)]
	replace := ReplaceEntity{p.ID, "text/x-new", "", []byte("gone")}
	checkEdited(t, m, content, []Edit{replace, AddField{"A", "1"}})
	if strings.Contains(defectList(m), "line.cr_only") {
		return // What is added ends with CRLF, and then that is the message's line end.
	}
	got := m.rewritten(t, replace).Part(p.ID)
	if got == nil || got.MediaType != "text/x-new" {
		t.Errorf("replaced %s: got %+v", p.ID, got)
	} else if text, _ := got.Text(100); strings.TrimSpace(text) != "gone" {
		t.Errorf("replaced %s: got %q", p.ID, text)
	}
	if p.isMessage() {
		return
	}
	checkEdited(t, m, content, []Edit{DropEntity{p.ID}})
	var drop []Edit
	for _, c := range p.Parent.Children {
		drop = append(drop, DropEntity{c.ID})
	}
	checkEdited(t, m, content, drop)
}

func allParts(m *Message) []*Part {
	list := []*Part{m.Root()}
	for i := 0; i < len(list); i++ {
		list = append(list, list[i].Children...)
	}
	return list
}

// rewritten writes the message with one edit and reads the result.
func (m *Message) rewritten(t *testing.T, e Edit) *Message {
	t.Helper()
	return parseBoth(t, []byte(write(t, m, e)), DefaultLimits())
}

// checkEdited compares what is written with a plain replacement of the changed ranges, from the back to the front.
func checkEdited(t *testing.T, m *Message, content []byte, edits []Edit) {
	t.Helper()
	d := Draft{msg: m}
	for _, e := range edits {
		d.edit = e
		if err := e.Apply(&d); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.finish(); err != nil {
		t.Fatal(err)
	}
	want := string(content)
	for _, c := range slices.Backward(d.changes) {
		want = want[:c.start] + string(c.with) + want[c.end:]
	}
	if got := write(t, m, edits...); got != want {
		t.Errorf("%v:\ngot  %q\nwant %q", edits, got, want)
	}
}
