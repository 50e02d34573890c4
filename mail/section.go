// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"strings"
)

// fieldMark is where a field begins in the header section being read.
type fieldMark struct {
	start int64
	name  int // Octets of the name; 0 if the line is no field.
}

// header reads the header section of p: Header, Body. The error is that of the budget; then Body is as far as it went.
func (w *walker) header(p *Part) error {
	w.fields = w.fields[:0]
	s := section{w: w, p: p, off: p.Start, junk: -1}
	err := s.scan()
	p.Body, p.sep = s.off, s.sep
	// Lines that are no fields and have no known field behind them are the body, without an empty line before it. So do
	// Postfix and most clients take it.
	if s.junk >= 0 && err == nil {
		p.Body, p.sep = s.junk, s.junk
		w.fields = w.fields[:s.junkField]
		code := headerNoEmptyLine
		if s.junk == p.Start {
			code = headerMissing
		}
		w.defects.add(code, p, s.junk, "")
	}
	w.makeHeader(p)
	w.lineDefects(p, &s)
	w.passed = s.passed
	return err
}

// section is a header section being read.
type section struct {
	w         *walker
	p         *Part
	off       int64 // Of the line being read; in the end that of the body.
	sep       int64 // Of the empty line.
	junk      int64 // Of the first line that is no field, if no known field was seen behind it; else -1.
	junkField int   // Number of fields before it.
	passed    int64 // Of the empty line behind that, where others end the header section; 0 if there is none.
	crlf, lf  int   // Lines that end so.
}

// minLineCost is what a line of header section costs at least, so that the limit bounds the number of fields, too.
const minLineCost = 32

// scan reads lines up to the empty line, a delimiter line of an open multipart or the end of the message.
func (s *section) scan() error {
	w, budget := s.w, s.w.msg.budget
	for first := true; ; first = false {
		line, n := w.src.line(s.off, w.eol, budget.limits.HeaderOctets)
		s.sep = s.off
		if n == 0 {
			return nil
		}
		if err := budget.HeaderOctets(max(n, minLineCost)); err != nil {
			return err
		}
		text := bytes.TrimRight(line, "\r\n")
		if len(text) == 0 {
			if int64(len(line)) == n && line[n-1] != w.eol {
				return nil // The message breaks off within it: it is none yet.
			}
			if len(line) > 2 {
				w.defects.add(lineBareCR, s.p, s.off, "")
			}
			s.count(line)
			s.off += n
			if s.junk >= 0 {
				s.passed = s.sep
			}
			return nil
		}
		if len(text) > 2 && text[0] == '-' && text[1] == '-' && s.dashes(text) {
			return nil
		}
		s.count(line)
		s.line(text, first)
		s.off += n
	}
}

// dashes tells if a line that begins with dashes ends the header section. A delimiter line of an open multipart does, and there is no body
// then; so does what may be one of the multipart whose header section this is.
func (s *section) dashes(text []byte) bool {
	w := s.w
	if w.anyBoundary() {
		if _, ok := w.match(s.off, w.eol); ok {
			w.defects.add(headerDelimiter, s.p, s.off, "")
			return true
		}
	}
	if name, _ := fieldName(text); name > 0 {
		return false
	}
	if s.junk < 0 {
		s.junk, s.junkField = s.off, len(w.fields)
	}
	s.lookOn()
	return true
}

func (s *section) count(line []byte) {
	switch n := len(line); {
	case n >= 2 && line[n-1] == '\n' && line[n-2] == '\r':
		s.crlf++
	case n >= 1 && line[n-1] == '\n':
		s.lf++
	}
}

// line takes a line that is not empty.
func (s *section) line(text []byte, first bool) {
	w, p := s.w, s.p
	if text[0] == ' ' || text[0] == '\t' {
		if len(bytes.TrimLeft(text, " \t")) == 0 {
			w.defects.add(headerBlankLine, p, s.off, "")
		}
		if !first {
			return
		}
		w.defects.add(headerLeadingBlank, p, s.off, clip(text))
	}
	if text[0] == '\r' {
		w.defects.add(lineBareCR, p, s.off, clip(text)) // Some take LF CR for two line ends.
	}
	name, blank := fieldName(text)
	if first && name == 0 && p.isMessage() && isMboxFrom(text) {
		w.defects.add(headerMboxFrom, p, s.off, "")
		w.fields = append(w.fields, fieldMark{s.off, 0})
		return
	}
	if blank {
		w.defects.add(headerBlankColon, p, s.off, clip(text))
	}
	if name == 0 && s.junk < 0 {
		s.junk, s.junkField = s.off, len(w.fields)
	}
	if name > 0 && s.junk >= 0 && isKnownField(string(text[:name])) {
		w.defects.add(headerNoColon, p, s.junk, "")
		s.junk = -1
	}
	w.fields = append(w.fields, fieldMark{s.off, name})
}

// isMboxFrom knows the line that a mailbox file has before each message, quoted or not, as Postfix does.
func isMboxFrom(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, ">"), []byte("From "))
}

// fieldName measures the name of the field that text begins with, and tells if blanks follow it before the colon; 0 if it
// is no field. RFC 5322 section 3.6.8: printable US-ASCII but the colon.
func fieldName(text []byte) (n int, blank bool) {
	for n < len(text) && text[n] > ' ' && text[n] < 0x7f && text[n] != ':' {
		n++
	}
	end := n
	for end < len(text) && (text[end] == ' ' || text[end] == '\t') {
		end++
	}
	if end == len(text) || text[end] != ':' {
		return 0, false
	}
	return n, end > n && n > 0
}

// isKnownField tells if a line with this name shows that the lines before it were header section, too.
func isKnownField(name string) bool {
	switch lower(name) {
	case "from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "reply-to", "mime-version":
		return true
	}
	return len(name) > 8 && strings.EqualFold(name[:8], "content-")
}

// makeHeader makes the fields of p out of the marks.
func (w *walker) makeHeader(p *Part) {
	if len(w.fields) == 0 {
		return
	}
	text := w.src.text(p.Start, p.sep)
	if w.src.err != nil {
		return
	}
	p.Header = make(Header, len(w.fields))
	for i, f := range w.fields {
		end := p.sep
		if i+1 < len(w.fields) {
			end = w.fields[i+1].start
		}
		raw := text[f.start-p.Start : end-p.Start]
		p.Header[i] = Field{Name: raw[:f.name], Raw: raw, Offset: f.start}
	}
}

// lineDefects records odd line ends and controls in the header section of p.
func (w *walker) lineDefects(p *Part, s *section) {
	if s.crlf > 0 && s.lf > 0 {
		w.defects.add(lineMixed, p, p.Start, "")
	}
	for _, f := range p.Header {
		if strings.IndexByte(f.Raw, 0) >= 0 {
			w.defects.add(headerNUL, p, f.Offset, "")
		}
		if cr := strings.Count(f.Raw, "\r"); w.eol == '\n' && cr > 0 && cr != strings.Count(f.Raw, "\r\n") {
			w.defects.add(lineBareCR, p, f.Offset, f.Raw)
		}
		if hidesContent(f.Raw) {
			w.defects.add(headerControl, p, f.Offset, f.Raw)
		}
		if isCommented(f.Name) {
			w.defects.add(headerBlankColon, p, f.Offset, f.Name)
		}
	}
}

// isCommented tells if a name with a comment behind it would be that of a field that is known.
func isCommented(name string) bool {
	i := strings.IndexByte(name, '(')
	return i > 0 && isKnownField(name[:i])
}

// hidesContent tells if in a field a content field stands behind a control character that some programs take for a line end.
func hidesContent(raw string) bool {
	for i := 0; i < len(raw); i++ {
		if n := oddLineEnd(raw[i:]); n > 0 && startsContent([]byte(strings.TrimLeft(raw[i+n:min(len(raw), i+maxIndent)], " \t"))) {
			return true
		}
	}
	return false
}

// oddLineEnd measures what text begins with if that is a line end to programs that go by Unicode: VT, FF, a separator, NEL, LS, PS; 0 if it is not.
func oddLineEnd(text string) int {
	switch c := text[0]; {
	case c == '\v', c == '\f', c >= 0x1c && c <= 0x1e:
		return 1
	case c == 0xc2 && strings.HasPrefix(text, "\u0085"):
		return 2
	case c == 0xe2 && (strings.HasPrefix(text, "\u2028") || strings.HasPrefix(text, "\u2029")):
		return 3
	}
	return 0
}
