// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"strings"
)

// bodyWriter writes a body in a transfer encoding.
type bodyWriter struct {
	part    *Part
	raw     []byte // The body as it came.
	lineEnd string // Of the message.
	charset string // Of what is written.
}

// isText tells if it is lines that the body is made of.
func (w *bodyWriter) isText() bool {
	return strings.HasPrefix(w.part.MediaType, "text/") && isTransparent(lower(w.charset))
}

// fitLineEnds gives the new texts the line ends of what is around them.
func (w *bodyWriter) fitLineEnds(list []merged, text []byte) {
	if !w.isText() {
		return
	}
	lineEnd := w.lineEnd
	if w.part.Encoding == "base64" {
		lineEnd = lineEndOf(text, lineEnd)
	}
	for i := range list {
		list[i].with = withLineEnds(list[i].with, lineEnd)
	}
}

// lineEndOf is the end of the first line of text, or other if it has none.
func lineEndOf(text []byte, other string) string {
	switch i := bytes.IndexByte(text, '\n'); {
	case i < 0:
		return other
	case i > 0 && text[i-1] == '\r':
		return "\r\n"
	}
	return "\n"
}

// withLineEnds is text with all line ends made alike.
func withLineEnds(text []byte, lineEnd string) []byte {
	if bytes.IndexByte(text, '\n') < 0 {
		return text
	}
	if lineEnd == "\n" {
		return withLF(text)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\n"), []byte(lineEnd))
}

// withLF is text without CR before LF. All of them go: one that was left would be half of a line end to who reads it again.
func withLF(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for line := range bytes.Lines(text) {
		if content, ended := bytes.CutSuffix(line, []byte("\n")); ended {
			out = append(out, bytes.TrimRight(content, "\r")...)
			out = append(out, '\n')
			continue
		}
		out = append(out, line...)
	}
	return out
}

// inPlace makes the changes in the encoded body, if they fit into it as it is.
func (w *bodyWriter) inPlace(text []byte, list []merged) ([]merged, bool) {
	if n := len(list); n > 0 && list[n-1].end > int64(len(text)) || len(w.part.OtherEncodings()) > 0 {
		return nil, false
	}
	switch w.part.Encoding {
	case "7bit", "8bit", "binary":
		return list, len(text) == len(w.raw) && w.fits(list)
	case "quoted-printable":
		return w.editQP(text, list)
	}
	return nil, false
}

// fits tells if the body with the changes keeps to its encoding and to the delimiter lines that it has.
func (w *bodyWriter) fits(list []merged) bool {
	if w.part.next == w.part.End && w.part.next < w.part.msg.size {
		return false
	}
	for i := 0; i < len(list); {
		// The lines that a change touches, with all other changes in them.
		start := bytes.LastIndexByte(w.raw[:list[i].start], '\n') + 1
		end, n := w.lineEndBehind(list[i].end), i+1
		for ; n < len(list) && list[n].start < end; n++ {
			if list[n].end >= end {
				end = w.lineEndBehind(list[n].end)
			}
		}
		size := int(end) - start
		for _, c := range list[i:n] {
			size += len(c.with) - int(c.end-c.start)
		}
		line, off := make([]byte, 0, size), start
		for _, c := range list[i:n] {
			line = append(append(line, w.raw[off:c.start]...), c.with...)
			off = int(c.end)
			if !w.regular(c.with) || w.part.Encoding == "7bit" && !isASCII(string(c.with)) {
				return false
			}
		}
		if !w.safe(append(line, w.raw[off:end]...)) {
			return false
		}
		i = n
	}
	return true
}

// lineEndBehind is the offset behind the line end at off or behind.
func (w *bodyWriter) lineEndBehind(off int64) int64 {
	if i := bytes.IndexByte(w.raw[off:], '\n'); i >= 0 {
		return off + int64(i) + 1
	}
	return int64(len(w.raw))
}

// maxLine bounds the octets of a line (RFC 5322 section 2.1.1).
const maxLine = 998

// safe tells if lines can stand in a message as they are: none is too long, none may be taken for a delimiter line.
func (w *bodyWriter) safe(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(line) > maxLine || bytes.IndexByte(line, 0) >= 0 || bytes.IndexByte(line, '\r') >= 0 || w.delimits(line) {
			return false
		}
	}
	return true
}

// delimits tells if a line begins like a delimiter line of a multipart around the part, or of the part itself, which may be a multipart without body
// parts.
func (w *bodyWriter) delimits(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("--"))
	if !ok {
		return false
	}
	for p := w.part; p != nil; p = p.Parent {
		if b := strings.TrimRight(p.Params["boundary"], " \t"); b != "" && bytes.HasPrefix(rest, []byte(b)) {
			return true
		}
	}
	return false
}

// whole writes a whole body anew: in the encoding that the part has if it can, else in quoted-printable if it is text, else in base64.
func (w *bodyWriter) whole(body []byte) (text []byte, encoding string) {
	encoding = w.part.Encoding
	switch encoding {
	case "7bit", "8bit", "binary":
		plain := body
		if w.isText() {
			plain = withLineEnds(body, w.lineEnd)
		}
		if len(w.part.OtherEncodings()) == 0 && (encoding != "7bit" || isASCII(string(plain))) && w.regular(plain) && w.safe(plain) {
			return plain, encoding
		}
		encoding = "quoted-printable"
		if !w.isText() {
			encoding = "base64"
		}
	case "quoted-printable":
	default:
		encoding = "base64"
	}
	if encoding == "quoted-printable" {
		q := qpWriter{lineEnd: w.lineEnd, text: w.isText()}
		q.write(body, false)
		return q.out, encoding
	}
	return appendBase64(nil, body, w.lineEnd, bytes.HasSuffix(w.raw, []byte("\n"))), encoding
}

// regular tells if all line ends are those of the message.
func (w *bodyWriter) regular(text []byte) bool {
	if w.lineEnd == "\n" {
		return !bytes.Contains(text, []byte("\r\n"))
	}
	return bytes.Count(text, []byte("\n")) == bytes.Count(text, []byte(w.lineEnd))
}
