// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// Mail clients differ in what they take for a multipart, a message or an attachment. So content is looked at for what some
// of them may see in it although nothing says so: body parts behind delimiter lines, a message's header section, uuencode. What is
// found is visited as well; that it is there is not worth a Problem, as text about mail has it too.

// hidden visits what hides in a leaf.
func (w *walk) hidden(l *Leaf) error {
	s := &scanner{walk: w, leaf: l}
	defer s.close()
	if err := w.parts(s); err != nil {
		return err
	}
	return w.uuencoded(s)
}

// region visits what hides between the body parts of a multipart, where most clients show nothing.
func (w *walk) region(o origin, r *io.SectionReader) error {
	if r.Size() < minHidden {
		return nil
	}
	l := &Leaf{Place: o.Place, Content: r, Size: r.Size(), Depth: o.depth, Within: o.within, Kept: o.kept}
	var err error
	if l.signs, err = w.look(l); err != nil {
		return err
	}
	return w.hidden(l)
}

const (
	minHidden = 16      // Octets: nothing fits into less.
	lookAhead = 2 << 10 // Octets that are looked at to tell what content or a line is.
	maxFields = 8       // Fields that are looked at to find one of content.
)

// parts visits the body parts that content holds: those of a multipart if a line like a delimiter line has a header section
// behind it, those of a message if it begins with one.
func (w *walk) parts(s *scanner) error {
	head, err := s.peek(0, 1)
	if err != nil {
		return ignoreEOF(err)
	}
	if s.leaf.isMessage() || hasContentField(head[:min(len(head), lookAhead)]) {
		return w.maybeMessage(s.leaf, content{r: s.leaf.Content, size: s.leaf.Size})
	}
	if s.leaf.signs.lines[dashLine] < 0 {
		return nil
	}
	boundary, err := s.boundary(s.leaf.signs.lines[dashLine])
	if err != nil || boundary == "" {
		return err
	}
	return w.maybeMessage(s.leaf, withHeader("Content-Type: multipart/mixed; boundary=\""+escape(boundary)+"\"\r\n\r\n", s.leaf))
}

// isMessage tells if programs open a leaf as a message: by what it begins with, or by name.
func (l *Leaf) isMessage() bool {
	return l.Type.Name == "eml" || slices.ContainsFunc(l.Aliases, func(name string) bool {
		return strings.HasSuffix(strings.ToLower(strings.TrimRight(name, ". ")), ".eml")
	})
}

// escape makes the inside of a quoted string.
func escape(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

// hasContentField tells if text begins with fields, one of which tells of content.
func hasContentField(text []byte) bool {
	for range maxFields {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		name, _, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimRight(name, " \t")
		folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		if !folded && (!ok || len(name) == 0 || bytes.ContainsAny(name, " \t\r")) {
			return false
		}
		const content = "content-"
		if !folded && len(name) > len(content) && strings.EqualFold(string(name[:len(content)]), content) {
			return true
		}
		text = rest
	}
	return false
}

// boundary is that of the first line at off or behind that is like a delimiter line; "" if there is none.
func (s *scanner) boundary(off int64) (string, error) {
	for ; ; off += 2 {
		var err error
		if off, err = s.lineStart(off, "--"); err != nil {
			return "", ignoreEOF(err)
		}
		text, err := s.peek(off, min(lookAhead, s.leaf.Size-off))
		if err != nil {
			return "", err
		}
		text = text[:min(len(text), lookAhead)]
		line, rest, _ := bytes.Cut(text[2:], []byte("\n"))
		line = bytes.TrimRight(line, " \t\r")
		if len(line) > 0 && hasContentField(rest) {
			return string(line), nil
		}
	}
}

// uuencoded visits the files in uuencode that stand in text: each from a line "begin" to a line "end" or the next "begin".
func (w *walk) uuencoded(s *scanner) error {
	end, begin := int64(-1), s.leaf.signs.lines[uuLine]
	if begin < 0 {
		return nil
	}
	var err error
	for err == nil {
		line, err := s.peek(begin, min(lookAhead, s.leaf.Size-begin))
		if err != nil {
			return err
		}
		name, length, ok := parseBegin(line[:min(len(line), lookAhead)])
		if ok && end < begin {
			if end, err = s.uuEnd(begin); err != nil {
				return err
			}
		}
		next, err := s.lineStart(begin+1, "begin ")
		if errors.Is(err, io.EOF) {
			next = s.leaf.Size
		} else if err != nil {
			return err
		}
		if ok {
			if err := w.uufile(s.leaf, name, begin+length, min(end, next)); err != nil {
				return err
			}
		}
		if begin = next; begin == s.leaf.Size {
			return nil
		}
	}
	return ignoreEOF(err)
}

// uuEnd is the offset of the next line "end", or of the end of the content.
func (s *scanner) uuEnd(off int64) (int64, error) {
	for {
		at, err := s.lineStart(off, "end")
		if errors.Is(err, io.EOF) {
			return s.leaf.Size, nil
		}
		if err != nil {
			return 0, err
		}
		b, err := s.peek(at, min(4, s.leaf.Size-at))
		if err != nil {
			return 0, err
		}
		if len(b) < 4 || b[3] <= ' ' {
			return at, nil
		}
		off = at + 1
	}
}

// parseBegin reads "begin 644 name"; data is the length of the line.
func parseBegin(text []byte) (name string, data int64, ok bool) {
	line, _, ok := bytes.Cut(text, []byte("\n"))
	mode, file, named := strings.Cut(strings.TrimSpace(strings.TrimPrefix(string(line), "begin ")), " ")
	if !ok || !named || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", 0, false
	}
	return file, int64(len(line)) + 1, true
}

func (w *walk) uufile(l *Leaf, name string, from, to int64) error {
	o := l.member("uuencode", Archive, name)
	if l.Kept == Entity {
		o.kept = Letter // Clients show it like any file in the message.
	}
	if err := w.budget.Depth(o.depth); err != nil {
		w.problem(o.Place, Unscannable, err.Error())
		return nil
	}
	if err := w.budget.Entry(); err != nil {
		return w.spent(o.Place, err)
	}
	raw := io.NewSectionReader(l.Content, from, max(to-from, 0))
	if err := w.again(o.Place, raw.Size()); err != nil {
		return err
	}
	body, _, err := w.decode(mail.Decode(raw, "x-uuencode"))
	if err != nil {
		return err
	}
	return w.leaf(o, body)
}

// withHeader is the content of a leaf behind a header section.
func withHeader(head string, l *Leaf) content {
	return content{r: &headed{head: strings.NewReader(head), r: l.Content}, size: int64(len(head)) + l.Size}
}

type headed struct {
	head *strings.Reader
	r    io.ReaderAt
}

func (h *headed) ReadAt(p []byte, off int64) (n int, err error) {
	if off < h.head.Size() {
		n, err = h.head.ReadAt(p, off)
		if n == len(p) {
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return n, fmt.Errorf("header section: %w", err)
		}
	}
	m, err := h.r.ReadAt(p[n:], off+int64(n)-h.head.Size())
	return n + m, err
}
