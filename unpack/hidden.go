// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// Mail clients differ in what they take for a multipart, a message or an attachment. So content is looked at for what some
// of them may see in it although nothing says so: body parts behind delimiter lines, a message's header section, uuencode. What is
// found is visited as well; that it is there is not worth a Problem, as text about mail has it too.

// hidden visits what hides in content. depth is the content's own.
func (w *walk) hidden(at Place, c *content, depth int) error {
	s := &scanner{walk: w, c: c}
	defer s.close()
	if err := w.parts(at, s, depth+1); err != nil {
		return err
	}
	return w.uuencoded(at, s, depth+1)
}

// region visits what hides between the body parts of a multipart, where most clients show nothing.
func (w *walk) region(at Place, r *io.SectionReader, depth int) error {
	if r.Size() < minHidden {
		return nil
	}
	c := section(r, r.Size(), w.within)
	defer c.release()
	return w.hidden(at, c, depth)
}

const (
	minHidden = 16      // Octets: nothing fits into less.
	lookAhead = 2 << 10 // Octets that are looked at to tell what content or a line is.
	maxFields = 8       // Fields that are looked at to find one of content.
)

// parts visits the body parts that content holds: those of a multipart if a line like a delimiter line has a header section
// behind it, those of a message if it begins with one.
func (w *walk) parts(at Place, s *scanner, depth int) error {
	head, err := s.peek(0, 1)
	if err != nil {
		return ignoreEOF(err)
	}
	if hasContentField(head[:min(len(head), lookAhead)]) {
		return w.maybeMessage(at, s.c, s.c.size, depth)
	}
	boundary, err := s.boundary()
	if err != nil || boundary == "" {
		return err
	}
	c := withHeader("Content-Type: multipart/mixed; boundary=\""+escape(boundary)+"\"\r\n\r\n", s.c)
	defer c.release()
	return w.maybeMessage(at, c, s.c.size, depth)
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

// boundary is that of the first line like a delimiter line; "" if there is none.
func (s *scanner) boundary() (string, error) {
	for off := int64(0); ; off += 2 {
		var err error
		if off, err = s.lineStart(off, "--"); err != nil {
			return "", ignoreEOF(err)
		}
		text, err := s.peek(off, min(lookAhead, s.c.size-off))
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
func (w *walk) uuencoded(at Place, s *scanner, depth int) error {
	end := int64(-1)
	begin, err := s.lineStart(0, "begin ")
	for err == nil {
		line, err := s.peek(begin, min(lookAhead, s.c.size-begin))
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
			next = s.c.size
		} else if err != nil {
			return err
		}
		if ok {
			if err := w.uufile(at.member(cleanName(name)), s.c, begin+length, min(end, next), depth); err != nil {
				return err
			}
		}
		if begin = next; begin == s.c.size {
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
			return s.c.size, nil
		}
		if err != nil {
			return 0, err
		}
		b, err := s.peek(at, min(4, s.c.size-at))
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

func (w *walk) uufile(at Place, c *content, from, to int64, depth int) error {
	if err := w.budget.Depth(depth); err != nil {
		w.problem(at, Unscannable, err.Error())
		return nil
	}
	if err := w.budget.Entry(); err != nil {
		return w.spent(at, err)
	}
	raw := io.NewSectionReader(c.r, from, max(to-from, 0))
	if err := w.again(at, raw.Size()); err != nil {
		return err
	}
	body, _, err := w.decode(mail.Decode(raw, "x-uuencode"), raw.Size())
	if err != nil {
		return err
	}
	defer body.release()
	return w.leaf(at, body, depth)
}

// withHeader is content behind a header section.
func withHeader(head string, c *content) *content {
	return section(&headed{head: strings.NewReader(head), r: c.r}, int64(len(head))+c.size, c)
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
