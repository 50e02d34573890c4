// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"bytes"
	"strings"
)

// headerReader takes a header section apart, line by line.
type headerReader struct {
	fields []Field
	field  []byte // The one that is being read.
	line   []byte // The line that is being read, as far as it has come.
	read   int64  // Octets so far.
	done   bool   // The empty line was there.
}

// add takes the next line, or a piece of one.
func (h *headerReader) add(piece []byte) {
	h.read += int64(len(piece))
	h.line = append(h.line, piece...)
	if n := len(h.line); n > 0 && h.line[n-1] == '\n' {
		h.endLine()
	}
}

// endLine takes the line that is complete, or the last one.
func (h *headerReader) endLine() {
	line := bytes.TrimSuffix(bytes.TrimSuffix(h.line, []byte("\n")), []byte("\r"))
	h.line = h.line[:0]
	if len(line) == 0 {
		h.done = true
		return
	}
	if line[0] != ' ' && line[0] != '\t' {
		h.end()
	}
	h.field = append(append(h.field, line...), newline...)
}

// end is the end of a field.
func (h *headerReader) end() {
	if len(h.field) == 0 {
		return
	}
	raw := string(h.field)
	h.fields = append(h.fields, Field{Name: fieldName(raw), Raw: raw})
	h.field = h.field[:0]
}

func (h *headerReader) finish() []Field {
	if len(h.line) > 0 {
		h.endLine()
	}
	h.end()
	return h.fields
}

// fieldName is the name of a field in lower case, "" if it has none. Blanks before the colon are obsolete syntax and do not count (RFC 5322
// section 4.5).
func fieldName(raw string) string {
	name, _, ok := strings.Cut(raw, ":")
	name = strings.TrimRight(name, " \t")
	if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return strings.ToLower(name)
}
