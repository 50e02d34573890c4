// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"strings"
)

// foldAt is where header fields are folded, in octets (RFC 5322 section 2.1.1).
const foldAt = 78

// formatField makes a header field: folded where it has blanks, in encoded words if it is not US-ASCII. A value may bring its own folding;
// any other CR or LF, and NUL, would begin another field or end the header section and is refused.
func formatField(name, value, lineEnd string) ([]byte, error) {
	if n, blank := fieldName([]byte(name + ":")); n != len(name) || n == 0 || blank {
		return nil, fmt.Errorf("field name %q", name)
	}
	lines, err := foldedLines(value)
	if err != nil {
		return nil, fmt.Errorf("field %s: %w", name, err)
	}
	if !isASCII(value) {
		lines = []string{mime.QEncoding.Encode("utf-8", strings.Join(lines, ""))}
	}
	var b bytes.Buffer
	lines[0] = name + ": " + lines[0]
	for _, l := range lines {
		fold(&b, l, lineEnd)
	}
	return b.Bytes(), nil
}

// foldedLines splits a value at the folding that it brings.
func foldedLines(value string) ([]string, error) {
	if strings.IndexByte(value, 0) >= 0 {
		return nil, errors.New("NUL in the value")
	}
	lines := strings.Split(strings.ReplaceAll(value, "\r\n", "\n"), "\n")
	for i, l := range lines {
		switch {
		case strings.IndexByte(l, '\r') >= 0:
			return nil, errors.New("CR in the value")
		case i > 0 && (l == "" || l[0] != ' ' && l[0] != '\t'):
			return nil, errors.New("LF in the value")
		case i > 0 && strings.Trim(l, " \t") == "":
			return nil, errors.New("empty line in the value")
		}
	}
	return lines, nil
}

// fold writes a line, broken before blanks so that each piece is at most foldAt octets if it can be.
func fold(b *bytes.Buffer, line, lineEnd string) {
	for len(line) > foldAt {
		i := foldPoint(line)
		if i < 0 {
			break
		}
		b.WriteString(line[:i])
		b.WriteString(lineEnd)
		line = line[i:]
	}
	b.WriteString(line)
	b.WriteString(lineEnd)
}

// foldPoint is the index of the blank to break the line before: the last that keeps to foldAt, else the first; -1 if there is none.
// Neither the first nor the last piece may be blank, nor the name stand alone.
func foldPoint(line string) int {
	text := strings.TrimRight(line, " \t")
	start := len(text) - len(strings.TrimLeft(text, " \t"))
	if i := strings.Index(text, ": "); start == 0 && i >= 0 {
		start = i + 2
	}
	if len(text) > foldAt {
		if i := strings.LastIndexAny(text[:foldAt+1], " \t"); i > start {
			return i
		}
	}
	if i := strings.IndexAny(text[min(start, len(text)):], " \t"); i > 0 {
		return start + i
	}
	return -1
}

// formatLines makes a header field of a value that is fit for it and may bring its own folding, in LF.
func formatLines(name, value, lineEnd string) []byte {
	var b bytes.Buffer
	for line := range strings.SplitSeq(name+": "+value, "\n") {
		fold(&b, line, lineEnd)
	}
	return b.Bytes()
}
