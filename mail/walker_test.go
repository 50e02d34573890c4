// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessage(t *testing.T) {
	content := crlf(partsMail)
	m := parseBoth(t, []byte(content), DefaultLimits())
	if got, err := io.ReadAll(m.Reader()); err != nil || string(got) != content || m.Size() != int64(len(content)) {
		t.Errorf("reader: got %q, %v", got, err)
	}
	entity, err := io.ReadAll(m.Part("1.3.1").Entity())
	if want := crlf("From: c@example.org\nContent-Type: text/html\n\n<p>"); err != nil || string(entity) != want {
		t.Errorf("entity: got %q, %v, want %q", entity, err, want)
	}
	var leaves []PartID
	for p := range m.Parts() {
		leaves = append(leaves, p.ID)
	}
	if want := []PartID{"1.1", "1.2", "1.3.1"}; !slices.Equal(leaves, want) {
		t.Errorf("leaves %v, want %v", leaves, want)
	}
	for p := range m.Parts() {
		if p.ID == "1.2" {
			break
		}
	}
	for _, id := range []PartID{"", "2", "11", "1.", "1.0", "1.4", "1.01", "1.+1", "1.1.1", "1.3.1.1", "1.x", ".1", "1..1"} {
		if p := m.Part(id); p != nil {
			t.Errorf("part %q: got %s", id, p.ID)
		}
	}
	if m.LineEnd() != "\r\n" || parse(t, partsMail).LineEnd() != "\n" || parse(t, "").LineEnd() != "\r\n" || parse(t, "a\rb").LineEnd() != "\r\n" {
		t.Error("line ends")
	}
}

func TestDefectCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range DefectCodes() {
		if seen[c] || !strings.Contains(c, ".") {
			t.Errorf("code %q", c)
		}
		seen[c] = true
	}
	long := "two\nlines " + strings.Repeat("x", 100)
	var d defects
	d.add(headerNUL, &Part{ID: "1"}, 7, long)
	want := []Defect{{"header.nul", "1", 7, `"two\nlines ` + strings.Repeat("x", maxExcerpt-10) + `"...`}}
	if diff := cmp.Diff(want, d.list); diff != "" {
		t.Error(diff)
	}
}

func TestContentParams(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        map[string]string
		defects     string
	}{
		{"none", "text/plain", nil, ""},
		{"plain", "Text/Plain; Charset=UTF-8", map[string]string{"charset": "UTF-8"}, ""},
		{"the same twice", "text/plain; a=1; A=1", map[string]string{"a": "1"}, ""},
		{"twice", "text/plain; a=1; A=2", map[string]string{"a": "1"}, "param.duplicate@1"},
		{"the extended form is the better", "text/plain; name=a; name*=utf-8''%C3%A4", map[string]string{"name": "ä"}, ""},
		{"also if it comes first", "text/plain; name*=utf-8''%C3%A4; name=a", map[string]string{"name": "ä"}, ""},
		{"but not of a boundary", "text/plain; boundary*=utf-8''x; boundary=y", map[string]string{"boundary": "y"}, "mime.boundary_extended@1 mime.two_boundaries@1"},
		{"boundary too long", "multipart/mixed; boundary=" + strings.Repeat("x", maxBoundary+1), map[string]string{"boundary": strings.Repeat("x", maxBoundary+1)}, "mime.boundary_too_long@1"},
		{"octets that are no UTF-8 stay", "text/plain; \xff=\xfe", map[string]string{"\xff": "\xfe"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, "Content-Type: "+c.value+"\n\nx\n")
			if diff := cmp.Diff(c.want, m.Root().Params); diff != "" {
				t.Error(diff)
			}
			if got := defectList(m); got != c.defects {
				t.Errorf("defects %q, want %q", got, c.defects)
			}
		})
	}
}

// A boundary as long as may be is found at every place of a window.
func TestDelimiterAcrossWindows(t *testing.T) {
	boundary := strings.Repeat("x", maxBoundary)
	head := "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n"
	for shift := windowSize - maxBoundary - 100; shift < windowSize+10; shift += 7 {
		fill := shift - len(head) - len("--\n\n") - maxBoundary
		content := head + "--" + boundary + "\n\n" + strings.Repeat("y", fill) + "\n--" + boundary + "\n\nlast\n--" + boundary + "--\n"
		m := parseBoth(t, []byte(content), DefaultLimits())
		if d := defectList(m); d != "" || len(m.Root().Children) != 2 {
			t.Fatalf("shift %d: %d parts, defects %s", shift, len(m.Root().Children), d)
		}
	}
}
