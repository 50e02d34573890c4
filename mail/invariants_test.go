// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

func newInPlace(b []byte) inPlaceReader { return inPlaceReader{bytes.NewReader(b), b} }

// inPlaceReader offers its content in place, as a Spool in memory does.
type inPlaceReader struct {
	*bytes.Reader
	b []byte
}

func (c inPlaceReader) Bytes() []byte { return c.b }

// countingReader counts what is read of it.
type countingReader struct {
	r     io.ReaderAt
	n     int64
	calls int
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	c.calls++
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// parseBoth parses content through a window and in memory, checks what must hold of any message, and gives the message back.
func parseBoth(t testing.TB, content []byte, l Limits) *Message {
	t.Helper()
	now := func() time.Time { return time.Unix(0, 0) }
	r := &countingReader{r: bytes.NewReader(content)}
	m, err := Parse(r, int64(len(content)), NewBudget(l, now))
	if err != nil {
		t.Fatal(err)
	}
	// A window is read again where a line goes over its end, a header section where it does.
	if limit := 3*int64(len(content)) + 2*windowSize; r.n > limit {
		t.Errorf("read %d octets of a message of %d, want at most %d", r.n, len(content), limit)
	}
	inPlace, err := Parse(newInPlace(content), int64(len(content)), NewBudget(l, now))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := outline(m), outline(inPlace); got != want {
		t.Errorf("through a window:\n%s\nin memory:\n%s", got, want)
	}
	if got, want := defectList(m), defectList(inPlace); got != want {
		t.Errorf("through a window: %s\nin memory: %s", got, want)
	}
	checkTree(t, m, content)
	if got := write(t, m); got != string(content) {
		t.Error("a message written without edits differs")
	}
	return m
}

// checkTree checks that offsets are in order, inside their parent and behind their elder sibling, and that each header section is what its
// fields say.
func checkTree(t testing.TB, m *Message, content []byte) {
	t.Helper()
	if m.Root().Start != 0 || m.Root().End != m.Size() {
		t.Errorf("root goes from %d to %d of %d", m.Root().Start, m.Root().End, m.Size())
	}
	count := 0
	var walk func(p *Part)
	walk = func(p *Part) {
		count++
		if p.Boundary > p.Start || p.Start > p.sep || p.sep > p.Body || p.Body > p.End || p.End > p.next || p.next > m.Size() {
			t.Errorf("part %s: offsets %d %d %d %d %d %d", p.ID, p.Boundary, p.Start, p.sep, p.Body, p.End, p.next)
		}
		if m.Part(p.ID) != p {
			t.Errorf("part %s is not found", p.ID)
		}
		off := p.Start
		for _, f := range p.Header {
			if f.Offset != off || string(content[f.Offset:f.end()]) != f.Raw || !strings.HasPrefix(f.Raw, f.Name) {
				t.Errorf("part %s: field %q at %d, want at %d", p.ID, f.Raw, f.Offset, off)
			}
			if v := f.Value(); strings.ContainsAny(v, "\r\n") {
				t.Errorf("part %s: value %q", p.ID, v)
			}
			off = f.end()
		}
		if len(p.Header) > 0 && off != p.sep {
			t.Errorf("part %s: header section ends at %d, fields at %d", p.ID, p.sep, off)
		}
		at := p.Body
		for _, c := range p.Children {
			if c.Parent != p || c.Depth != p.Depth+1 || c.Boundary < at || c.End > p.End {
				t.Errorf("part %s from %d to %d in %s from %d to %d, behind %d", c.ID, c.Boundary, c.End, p.ID, p.Body, p.End, at)
			}
			at = c.next
			walk(c)
		}
	}
	walk(m.Root())
	if most := 2*m.Budget().Limits().Parts + 2; count > most {
		t.Errorf("%d parts", count)
	}
	end := int64(0)
	for p := range m.Parts() {
		if p.Body < end {
			t.Errorf("leaf %s begins at %d in the one before, which ends at %d", p.ID, p.Body, end)
		}
		end = p.End
	}
}
