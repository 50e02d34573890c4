// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"encoding/base64"
	"slices"
)

// base64Line is how many octets make the 76 characters of a line of base64 (RFC 2045 section 6.8).
const base64Line = 57

// appendBase64 appends b in base64, in lines of 76 characters; ended tells if the last has a line end, too.
func appendBase64(dst, b []byte, lineEnd string, ended bool) []byte {
	dst = slices.Grow(dst, base64.StdEncoding.EncodedLen(len(b))+(len(b)/base64Line+1)*len(lineEnd))
	for len(b) > 0 {
		n := min(base64Line, len(b))
		dst = base64.StdEncoding.AppendEncode(dst, b[:n])
		if b = b[n:]; len(b) > 0 || ended {
			dst = append(dst, lineEnd...)
		}
	}
	return dst
}

// qpWidth is the longest line of quoted-printable without the equals sign of a soft line break (RFC 2045 section 6.7).
const qpWidth = 75

// qpWriter writes quoted-printable that nobody can misread: nothing in it looks like a delimiter line, an mbox line or a line that SMTP would
// take for the end.
type qpWriter struct {
	lineEnd string // Of the message.
	text    bool   // Line ends of any kind are line ends; else only lineEnd is one, and others are octets.
	out     []byte
	column  int
}

// write appends b, from the start of a line on. more tells that something follows it in the line that it ends with.
func (q *qpWriter) write(b []byte, more bool) {
	q.column = 0
	q.out = slices.Grow(q.out, len(b)+len(b)/8) // As much as text needs.
	for line := range bytes.Lines(b) {
		content, ended := q.cutLineEnd(line)
		for i, c := range content {
			if q.column == qpWidth {
				q.softBreak()
			}
			last := i == len(content)-1
			switch {
			case c == '=' || c < ' ' && c != '\t' || c >= 0x7f,
				last && (c == ' ' || c == '\t') && (ended || !more),
				q.column == 0 && (c == '-' || c == '.' || c == 'F' && bytes.HasPrefix(content[i:], []byte("From "))):
				q.octet(c)
			default:
				q.out = append(q.out, c)
				q.column++
			}
		}
		switch {
		case ended:
			q.out = append(q.out, q.lineEnd...)
			q.column = 0
		case more:
			q.softBreak()
		}
	}
}

// cutLineEnd splits a line; ended tells that its line end is written as one.
func (q *qpWriter) cutLineEnd(line []byte) (content []byte, ended bool) {
	if !q.text {
		return bytes.CutSuffix(line, []byte(q.lineEnd))
	}
	content, ended = bytes.CutSuffix(line, []byte("\n"))
	if ended {
		content = bytes.TrimSuffix(content, []byte("\r"))
	}
	return content, ended
}

// octet writes c as =XX.
func (q *qpWriter) octet(c byte) {
	const digits = "0123456789ABCDEF"
	if q.column+3 > qpWidth {
		q.softBreak()
	}
	q.out = append(q.out, '=', digits[c>>4], digits[c&15])
	q.column += 3
}

func (q *qpWriter) softBreak() {
	q.out = append(append(q.out, '='), q.lineEnd...)
	q.column = 0
}
