// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"bytes"
	"io"
	"strings"
)

// Canon is a canonicalisation algorithm (RFC 6376 section 3.4).
type Canon string

// The algorithms.
const (
	Simple  Canon = "simple"
	Relaxed Canon = "relaxed"
)

// ParseCanon reads a c= tag. ok is false if an algorithm is not known.
func ParseCanon(c string) (header, body Canon, ok bool) {
	h, b, _ := strings.Cut(strings.ToLower(c), "/")
	header, body = Canon(h), Canon(b)
	if header == "" {
		header = Simple
	}
	if body == "" {
		body = Simple
	}
	known := func(c Canon) bool { return c == Simple || c == Relaxed }
	return header, body, known(header) && known(body)
}

// Field is a field in the form that is signed, with CRLF at its end.
func (c Canon) Field(f Field) string {
	if c == Simple {
		return f.Raw
	}
	name, body, ok := strings.Cut(f.Raw, ":")
	if !ok {
		return f.Raw
	}
	var b strings.Builder
	b.Grow(len(f.Raw))
	b.WriteString(strings.ToLower(strings.TrimRight(name, " \t")))
	b.WriteByte(':')
	writeWords(&b, body)
	b.WriteString(newline)
	return b.String()
}

// writeWords writes a field body without folds and with one blank for each run of them. A CR or LF alone is no fold: some clients end the line there.
func writeWords(b *strings.Builder, body string) {
	begun, gap := false, false
	for i := 0; i < len(body); {
		if body[i] == ' ' || body[i] == '\t' {
			gap = true
			i++
			continue
		}
		if strings.HasPrefix(body[i:], newline) {
			i += len(newline)
			continue
		}
		if begun && gap {
			b.WriteByte(' ')
		}
		begun, gap = true, false
		end := i + 1
		for end < len(body) && body[end] != ' ' && body[end] != '\t' && body[end] != '\r' {
			end++
		}
		b.WriteString(body[i:end])
		i = end
	}
}

func isFWS(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// Body gives a writer that hands the body on to w in the form that is signed. A line that ends in LF alone ends in CRLF then. It holds no more than a few
// kilobytes, and Close has to be called at the end; it does not close w.
func (c Canon) Body(w io.Writer) io.WriteCloser { return &bodyWriter{w: w, relaxed: c == Relaxed} }

// bodyWriter is the canonicaliser of both kinds.
type bodyWriter struct {
	w       io.Writer
	relaxed bool
	out     []byte
	lines   int64 // Line ends that wait for something to come after them.
	cr      bool  // A CR waits for what comes after it.
	blank   bool  // Blanks wait for what comes after them.
	any     bool  // Something was written.
	err     error
}

const (
	chunk    = 4096
	newline  = "\r\n"
	newlines = newline + newline + newline + newline + newline + newline + newline + newline
)

func (b *bodyWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && b.err == nil {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			b.text(p)
			break
		}
		line := p[:i]
		p = p[i+1:]
		if len(line) == 0 {
			b.cr = false // It belonged to this line end.
		} else {
			b.text(bytes.TrimSuffix(line, []byte("\r")))
			b.flushCR()
		}
		b.blank = false
		b.lines++
	}
	return n, b.err
}

// text is a part of a line, without its end.
func (b *bodyWriter) text(t []byte) {
	if len(t) == 0 {
		return
	}
	b.flushCR()
	if t[len(t)-1] == '\r' {
		b.cr = true
		t = t[:len(t)-1]
	}
	if b.relaxed {
		b.words(t)
	} else if len(t) > 0 {
		b.content(t)
	}
}

// flushCR writes a CR that turned out to be no part of a line end.
func (b *bodyWriter) flushCR() {
	if b.cr {
		b.cr = false
		b.content([]byte{'\r'})
	}
}

// words writes text with each run of blanks as one, which waits until something follows it.
func (b *bodyWriter) words(t []byte) {
	for i := 0; i < len(t); {
		if t[i] == ' ' || t[i] == '\t' {
			b.blank = true
			i++
			continue
		}
		if b.lines > 0 {
			b.endLines()
		}
		if b.blank {
			b.out = append(b.out, ' ')
			b.blank = false
		}
		j := i + 1
		for j < len(t) && t[j] != ' ' && t[j] != '\t' {
			j++
		}
		b.out = append(b.out, t[i:j]...)
		b.any = true
		i = j
	}
	if len(b.out) >= chunk {
		b.flush()
	}
}

// endLines writes the line ends that have waited.
func (b *bodyWriter) endLines() {
	for b.lines > 0 {
		n := min(b.lines, int64(len(newlines)/len(newline)))
		b.put([]byte(newlines[:n*int64(len(newline))]))
		b.lines -= n
	}
}

// content writes octets, after what has waited for them.
func (b *bodyWriter) content(t []byte) {
	b.endLines()
	if b.blank {
		b.put([]byte{' '})
		b.blank = false
	}
	b.put(t)
}

func (b *bodyWriter) put(t []byte) {
	b.any = true
	if len(t) >= chunk {
		b.flush()
		_, err := b.w.Write(t)
		b.keep(err)
		return
	}
	b.out = append(b.out, t...)
	if len(b.out) >= chunk {
		b.flush()
	}
}

func (b *bodyWriter) flush() {
	if len(b.out) > 0 {
		_, err := b.w.Write(b.out)
		b.keep(err)
		b.out = b.out[:0]
	}
}

func (b *bodyWriter) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Close writes the last line end: of simple always, of relaxed if there was anything (RFC 6376 sections 3.4.3 and 3.4.4).
func (b *bodyWriter) Close() error {
	b.flushCR()
	if b.any || !b.relaxed {
		b.out = append(b.out, newline...)
	}
	b.flush()
	return b.err
}
