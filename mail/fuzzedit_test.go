// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzEditBody changes any leaf of any message at any place and reads back what came of it.
func FuzzEditBody(f *testing.F) {
	addCases(f, func(content []byte) {
		f.Add(content, byte(0), uint16(0), uint16(3), "x")
		f.Add(content, byte(1), uint16(2), uint16(2), "ü\n--b\n\n.\r\n")
	})
	f.Add([]byte("A: 1\r\n\r"), byte(0), uint16(0), uint16(3), "\n") // It breaks off within the empty line.
	f.Fuzz(func(t *testing.T, content []byte, pick byte, start, end uint16, with string) {
		m := parse(t, string(content))
		all := allParts(m)
		p := all[int(pick)%len(all)]
		if !p.IsLeaf() || p.Protected() || p.opaque || strings.Contains(defectList(m), "line.cr_only") {
			return // What is added ends with CRLF, and then that is the message's line end.
		}
		if strings.HasPrefix(p.MediaType, "multipart/") {
			return // One without parts: what is done to its text may make parts of it.
		}
		src, err := p.Source(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		size := int64(len(src.Text))
		c := BodyChange{min(int64(start), size), min(int64(max(start, end)), size), with}
		want := string(src.Text[:c.Start]) + with + string(src.Text[c.End:])
		after := parse(t, write(t, m, EditBody{p.ID, []BodyChange{c}}, RenameEntity{p.ID, "name.txt"}))
		got := after.Part(p.ID)
		if got == nil {
			t.Fatalf("part %s is gone: %s", p.ID, defectList(after))
		}
		if names := got.Filenames(); len(names) != 1 || names[0] != "name.txt" {
			t.Errorf("names %q", names)
		}
		src, err = got.Source(1 << 22)
		if err != nil {
			t.Fatal(err)
		}
		if noCR(src.Text) != noCR([]byte(want)) && noCR(bytes.TrimSuffix(src.Text, []byte("\n"))) != noCR([]byte(want)) {
			t.Errorf("part %s with %+v:\ngot  %q\nwant %q", p.ID, c, src.Text, want)
		}
	})
}

// FuzzRebuild rebuilds any message.
func FuzzRebuild(f *testing.F) {
	addCases(f, func(content []byte) { f.Add(content, false) })
	f.Fuzz(func(t *testing.T, content []byte, small bool) {
		if !small {
			checkRebuilt(t, content)
			return
		}
		m, err := Parse(bytes.NewReader(content), int64(len(content)), NewBudget(smallLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		parse(t, write(t, m, AddField{"A", "1"}, Rebuild{}))
	})
}
