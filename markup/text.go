// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a piece of the text that is no markup.
type span struct {
	from, to int32
	is       spanKind
}

type spanKind uint8

const (
	spanShown   spanKind = iota
	spanHidden           // Not to be seen, or not in every program.
	spanNote             // A comment.
	spanLiteral          // Shown, without character references.
	spanBack             // What follows is written from right to left, whatever the letters are.
	spanForth            // That ends.
	spanBreak            // A line ends here.
	spanCell             // A cell of a table ends here.
)

// Bounds of what is kept of the text.
const (
	maxBlank  = 40      // Octets of text that is looked at for being blank.
	maxLine   = 250     // Octets of a line that is not broken; what is behind them is not seen, or only by hand.
	maxSpans  = 1 << 20 // Pieces; what has more is Unreadable.
	spanBlock = 1 << 10 // Pieces that are made room for at once.
)

// spans are pieces in order. They are never moved, so that many take no more memory than they need.
type spans struct {
	blocks [][]span
	n      int
}

// last is the piece added last; nil if there is none.
func (l *spans) last() *span {
	if l.n == 0 {
		return nil
	}
	b := l.blocks[len(l.blocks)-1]
	return &b[len(b)-1]
}

func (l *spans) add(sp span) {
	if l.n%spanBlock == 0 {
		l.blocks = append(l.blocks, make([]span, 0, min(spanBlock, 16+l.n)))
	}
	b := &l.blocks[len(l.blocks)-1]
	*b = append(*b, sp)
	l.n++
}

// all goes over the pieces.
func (l *spans) all() iter.Seq[span] {
	return func(yield func(span) bool) {
		for _, b := range l.blocks {
			for _, sp := range b {
				if !yield(sp) {
					return
				}
			}
		}
	}
}

// span adds a piece, or makes the one before it longer.
func (s *scanner) span(from, to int, is spanKind) {
	if s.flat || s.bare {
		return
	}
	l := &s.page.spans
	if last := l.last(); last != nil && last.is == is && is < spanNote && int(last.to) == from {
		last.to = int32(to)
	} else if l.n < maxSpans {
		l.add(span{int32(from), int32(to), is})
	} else {
		s.page.Unreadable = "text in too many pieces"
	}
}

// shown is told of text between tags.
func (s *scanner) shown(from, to int) {
	if s.flat {
		return
	}
	s.carriedText(from, to)
	if len(trim(s.text[from:to])) > 0 {
		s.begun = true
		s.textBegins(from)
	}
	s.linkShown(from, to)
	if s.hidden() {
		s.span(from, to, spanHidden)
		return
	}
	out := to
	if n := s.parent(0); n >= 0 {
		out = s.crowded(&s.open[n], from, to)
	}
	if from < out {
		s.span(from, out, spanShown)
	}
	if out < to {
		s.span(out, to, spanHidden)
	}
}

// crowded counts text in the innermost element that is open, and what of it other text may lie over. It tells from where on it is cut off.
func (s *scanner) crowded(e *element, from, to int) (out int) {
	raw := trim(s.text[from:to])
	n := len(raw)
	if n > 0 && n < maxBlank && (raw[0] == '&' || raw[0] >= utf8.RuneSelf) {
		var buf [maxBlank]byte
		n = len(bytes.TrimFunc(unescape(buf[:0], raw, false), isBlank))
	}
	s.letters += n
	over := 0
	if e.room > 0 {
		over = min(max(0, s.letters-e.room), n)
	}
	cuts := e.cuts
	if e.unbroken {
		if beyond := min(max(0, s.letters-s.line-maxLine), n); beyond > over {
			over, cuts = beyond, e.short
		}
	}
	switch {
	case e.lifted || e.flat:
		s.page.Laid += n
	case !cuts:
		s.page.Laid += over
	case over > 0:
		return s.between(from, to-over)
	}
	return to
}

// isBlank tells of white space, and of characters that are as empty.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '\u034f' }

// between is the place between words, or at least between characters, that is next before at.
func (s *scanner) between(from, at int) int {
	const far = 100
	for i := at; i > from && i > at-far; i-- {
		if isSpace(s.text[i-1]) {
			return i
		}
	}
	for at > from && !utf8.RuneStart(s.text[at]) {
		at--
	}
	return at
}

// note is told of a comment's text.
func (s *scanner) note(from, to int) { s.span(from, to, spanNote) }

// gap notes that a line or a cell ends. Several in a row are one.
func (s *scanner) gap(is spanKind) {
	if s.flat {
		return
	}
	if len(s.links) > 0 {
		s.linkGap()
	}
	if is == spanCell {
		s.page.cells++
	}
	s.line = s.letters
	if last := s.page.spans.last(); last == nil || last.is < is {
		s.span(0, 0, is)
	}
}

// Text is what a reader sees, and what is in the text but not to be seen: for its style, as a comment, or as what only some programs show. Each
// is UTF-8 of at most max octets, if the text is; words are in the order in which they are read, with a line end where a line ends.
func (p *Page) Text(max int) (visible, hidden string) {
	var v, h writer
	v.max, h.max = max, max
	if cut := p.across(max); cut != "" {
		v.text([]byte(cut), false)
		v.space('\n')
	}
	for sp := range p.spans.all() {
		raw := p.text[sp.from:sp.to]
		switch sp.is {
		case spanShown:
			v.text(raw, true)
		case spanLiteral:
			v.text(raw, false)
		case spanHidden:
			h.text(raw, true)
		case spanNote:
			h.text(raw, false)
			h.space('\n')
		case spanBack:
			v.turn(1)
		case spanForth:
			v.turn(-1)
		case spanBreak:
			v.space('\n')
			h.space('\n')
		case spanCell:
			v.space(' ')
			h.space(' ')
		}
	}
	return InOrder(v.String()), h.String()
}

// writer joins words, with one blank or line end between them.
type writer struct {
	b    strings.Builder
	max  int
	due  byte // What is to come before the next word; 0 if nothing.
	buf  []byte
	back int // Elements around that are written backwards.
}

// turn notes that an element that is written backwards begins, by 1, or ends, by -1.
func (w *writer) turn(by int) {
	mark := forcedLeft
	if by < 0 {
		mark = popped
	}
	w.word([]byte(string(mark)))
	w.back += by
}

func (w *writer) space(c byte) {
	if w.b.Len() > 0 && w.due != '\n' {
		w.due = c
	}
}

func (w *writer) text(raw []byte, references bool) {
	left := w.max - w.b.Len()
	if left <= 0 {
		return
	}
	if len(raw) > 16*left+64 {
		raw = raw[:16*left+64]
	}
	if references && bytes.IndexByte(raw, '&') >= 0 {
		w.buf = unescape(w.buf[:0], raw, false)
		raw = w.buf
	}
	for len(raw) > 0 && w.b.Len() < w.max {
		n := 0
		for n < len(raw) && isSpace(raw[n]) {
			n++
		}
		if n > 0 {
			w.space(' ')
			raw = raw[n:]
			continue
		}
		for n < len(raw) && !isSpace(raw[n]) {
			n++
		}
		w.word(raw[:n])
		raw = raw[n:]
	}
}

func (w *writer) word(b []byte) {
	if w.b.Len() >= w.max {
		return
	}
	if w.due != 0 {
		w.b.WriteByte(w.due)
		if w.due == '\n' && w.back > 0 {
			b = append(bytes.Repeat([]byte(string(forcedLeft)), min(w.back, maxTurns)), b...) // A control ends with its line.
		}
		w.due = 0
	}
	w.b.Write(b[:max(0, min(len(b), w.max-w.b.Len()))])
}

// String is the text, valid UTF-8: what is none is taken for windows-1252 before, or replaced.
func (w *writer) String() string {
	s := w.b.String()
	if utf8.ValidString(s) {
		return s
	}
	return cutRune(strings.ToValidUTF8(s, "\uFFFD"), w.max)
}

// cutRune is s with at most max octets, cut between characters.
func cutRune(s string, max int) string {
	if len(s) <= max {
		return s
	}
	s = s[:max]
	for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf {
		s = s[:len(s)-1]
	}
	return s
}
