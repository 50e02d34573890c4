// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"strings"
)

// A line that is no field ends the header section where Postfix and most clients take it for the body, see header. Others pass over it, and end the
// header section at the empty line behind it.

// lookOn finds the empty line behind a dash line that ends the header section. What is longer than header sections may be is looked at no further.
func (s *section) lookOn() {
	w, most := s.w, s.w.msg.budget.limits.HeaderOctets
	for off := s.off; off <= s.off+most; {
		line, n := w.src.line(off, w.eol, most)
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case n == 0, off > s.off && bytes.HasPrefix(text, []byte("--")) && w.begins(text[2:]):
			return
		case len(text) == 0:
			s.passed = off
			return
		}
		off += n
	}
	s.passed = s.off + most // There may be one further down.
}

// passOver notices that p is something else to clients which pass over the line that is no field and ended its header section: they find more content
// fields, or the body begins further down. In text, and in a multipart, more before it makes no difference.
func (w *walker) passOver(p *Part) {
	if w.passed == 0 {
		return
	}
	text := w.src.text(p.Body, w.passed)
	isMultipart := strings.HasPrefix(p.MediaType, "multipart/")
	if b := p.Params["boundary"]; isMultipart && b != "" {
		text, _, _ = strings.Cut("\n"+text, "\n--"+b) // What follows is a body part.
	}
	more := hasContentField(text)
	if !isMultipart && (!strings.HasPrefix(p.MediaType, "text/") || p.Encoding == "base64") {
		more = true
	}
	if more {
		w.defects.add(headerNoColon, p, p.Body, "")
	}
}

// hasContentField tells if a content field begins in text behind any kind of line end or other control, to who leaves out octets that have no place
// in a name.
func hasContentField(text string) bool {
	for i := range len(text) {
		if i > 0 && text[i-1] >= ' ' && (i < 2 || oddLineEnd(text[i-2:]) != 2) && (i < 3 || oddLineEnd(text[i-3:]) != 3) {
			continue
		}
		name := make([]byte, 0, maxIndent)
		for _, c := range []byte(text[i:min(len(text), i+maxIndent)]) {
			if c > ' ' && c < 0x7f {
				name = append(name, c)
			}
		}
		if startsContent(name) {
			return true
		}
	}
	return false
}
