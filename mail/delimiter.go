// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"strings"
)

// delimiter is a delimiter line of an open multipart.
type delimiter struct {
	frame int   // Index of the multipart among the open.
	start int64 // Of the line.
	end   int64 // Behind the line.
	close bool  // It is the close delimiter.
}

// delimiter finds the next delimiter line at off or behind, which is the start of a line.
func (w *walker) delimiter(off int64) (delimiter, bool) {
	if !w.anyBoundary() {
		return delimiter{}, false
	}
	prev := w.eol
	for {
		b := w.src.from(off, lineHead)
		if len(b) < 2 {
			return delimiter{}, false
		}
		i := bytes.Index(b, []byte("--"))
		if i < 0 {
			// The last octet may be the first half of what is looked for.
			off += int64(len(b)) - 1
			prev = b[len(b)-2]
			if err := w.msg.budget.CheckTime(); err != nil {
				w.stop(off, err)
				return delimiter{}, false
			}
			continue
		}
		if i > 0 {
			prev = b[i-1]
		}
		off += int64(i)
		if prev == w.eol || prev == '\r' {
			if d, ok := w.match(off, prev); ok {
				return d, true
			}
		} else if isBlank(prev) {
			w.indented(off)
		}
		// What follows in a run of dashes does not start a line.
		b = w.src.from(off, lineHead)
		n := 2
		for n < len(b) && b[n] == '-' {
			n++
		}
		off += int64(n)
		prev = '-'
	}
}

// isBlank knows what some clients pass over at the start of a line.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\v' || c == '\f' }

// maxIndent bounds the blanks before a delimiter that are looked at.
const maxIndent = 32

// indented notices a delimiter that has nothing but blanks before it in its line, and a content field below it. off is where it begins.
func (w *walker) indented(off int64) {
	text := w.src.from(off, lineHead)
	text = text[:min(len(text), lineHead)]
	if !w.begins(text[2:]) || !startsContent(text[bytes.IndexByte(text, w.eol)+1:]) {
		return
	}
	before := w.src.text(max(0, off-maxIndent), off)
	if strings.HasSuffix(strings.TrimRight(before, " \t\v\f"), string(w.eol)) {
		w.defects.add(mimeDelimiterBlank, w.open[len(w.open)-1].part, off, "")
	}
}

// startsContent tells if text begins with a content field.
func startsContent(text []byte) bool {
	const field = "content-"
	return len(text) >= len(field) && strings.EqualFold(string(text[:len(field)]), field)
}

func (w *walker) anyBoundary() bool {
	for i := range w.open {
		if w.open[i].boundary != "" {
			return true
		}
	}
	return false
}

// match compares the line at off, which begins with "--", with the boundaries of what is open.
func (w *walker) match(off int64, prev byte) (delimiter, bool) {
	line := w.src.from(off, lineHead)
	line = line[:min(len(line), lineHead)]
	if !w.begins(line[2:]) {
		w.lookOutside(off)
		return delimiter{}, false
	}
	whole := off+int64(len(line)) == w.msg.size
	if i := bytes.IndexByte(line, w.eol); i >= 0 {
		line, whole = line[:i+1], true
	}
	rest := bytes.TrimRight(line[2:], " \t\r\n")
	best, junk := -1, -1
	d := delimiter{start: off, end: off + int64(len(line))}
	for i := len(w.open) - 1; i >= 0; i-- {
		f := &w.open[i]
		if f.boundary == "" || len(rest) < len(f.boundary) || string(rest[:len(f.boundary)]) != f.boundary {
			continue
		}
		tail := rest[len(f.boundary):]
		isClose := len(tail) == 2 && tail[0] == '-' && tail[1] == '-'
		switch {
		case !whole || len(tail) > 0 && !isClose:
			junk = i
		case best < 0 || w.better(i, best):
			best, d.close = i, isClose
		}
	}
	switch {
	case best < 0:
		w.defects.add(mimeDelimiterJunk, w.open[junk].part, off, clip(line))
		return d, false
	case prev != w.eol:
		w.defects.add(mimeDelimiterBareCR, w.open[best].part, off, clip(line))
		return d, false
	}
	if bytes.IndexByte(bytes.TrimRight(line, "\r\n"), '\r') >= 0 || bytes.HasSuffix(line, []byte("\r\r\n")) {
		w.defects.add(lineBareCR, w.open[best].part, off, clip(line))
	}
	d.frame = best
	return d, true
}

// begins tells if text begins with the boundary of an open multipart.
func (w *walker) begins(text []byte) bool {
	for i := range w.open {
		if b := w.open[i].boundary; b != "" && len(text) >= len(b) && string(text[:len(b)]) == b {
			return true
		}
	}
	return false
}

// better tells if frame i, which is further out than best, fits a delimiter line better: the longest boundary does, and among
// equal ones that which is not closed yet.
func (w *walker) better(i, best int) bool {
	a, b := &w.open[i], &w.open[best]
	if len(a.boundary) != len(b.boundary) {
		return len(a.boundary) > len(b.boundary)
	}
	return b.closed && !a.closed
}

// lookOutside notices a body part in a preamble or an epilogue: a line like a delimiter line with a Content field below it.
// off is the start of that line.
func (w *walker) lookOutside(off int64) {
	f := &w.open[len(w.open)-1]
	if f.boundary == "" || len(f.part.Children) > 0 && !f.closed {
		return
	}
	text := w.src.from(off, lineHead)
	text = text[:min(len(text), lineHead)]
	if !startsContent(text[bytes.IndexByte(text, w.eol)+1:]) {
		return
	}
	code := mimePreamblePart
	if f.closed {
		code = mimeEpiloguePart
	}
	w.defects.add(code, f.part, off, "")
}
