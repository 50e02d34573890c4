// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// Limits of what is looked at. What is behind a limit counts for nothing, so that a message costs little and padding buys little. The numbers that
// stand where a feature is made only cut that one feature.
const (
	maxText   = 128 << 10 // Octets of one text.
	maxHTML   = 2 << 20   // Octets of one source in HTML.
	maxSource = 4 << 20   // Octets of all of them, with which reading stops.
	maxTexts  = 100       // Texts of one message.
	maxWords  = 1000      // Words of one text.
	maxWord   = 24        // Octets of a word; a longer one counts by its length.
	maxFields = 150       // Header fields of one entity.
	maxValue  = 1 << 10   // Octets of one field body.
	maxURLs   = 100       // Links of one text.
	maxParts  = 1000      // Leaves.
)

// Extractor takes messages apart. It is safe for many goroutines.
type Extractor struct {
	strip *stripper
	pool  sync.Pool // Of *session.
}

// NewExtractor makes one.
func NewExtractor() *Extractor { return &Extractor{strip: newStripper()} }

// Features takes a message apart. What other filters wrote into it counts for nothing. env may be nil, for a message from a file. The error tells
// why the message could not be read.
func (x *Extractor) Features(env *mail.Envelope, msg *mail.Message) (*Features, error) {
	f, _, err := x.run(env, msg, false)
	return f, err
}

// Named does what Features does, and also gives each feature in words. It is for people who look into one message: the names are words of the
// message.
func (x *Extractor) Named(env *mail.Envelope, msg *mail.Message) (f *Features, names map[uint32]string, err error) {
	return x.run(env, msg, true)
}

func (x *Extractor) run(env *mail.Envelope, msg *mail.Message, named bool) (*Features, map[uint32]string, error) {
	s, ok := x.pool.Get().(*session)
	if !ok {
		s = &session{strip: x.strip}
	}
	defer x.pool.Put(s)
	s.bag.reset()
	s.texts, s.source, s.start = 0, 0, s.start[:0]
	if named {
		s.bag.names = map[uint32]string{}
	}
	if err := s.message(env, msg); err != nil {
		return nil, nil, err
	}
	f := s.bag.features()
	octets, err := s.octets(msg)
	f.Grams, f.Letters = s.grams.of(octets), s.grams.of(s.start)
	return f, s.bag.names, err
}

// session takes one message apart.
type session struct {
	strip  *stripper
	bag    bag
	grams  grams
	texts  int    // That were taken apart so far.
	source int    // Octets of HTML that were.
	start  []byte // The beginning of the visible text, with single blanks.
}

func (s *session) message(env *mail.Envelope, msg *mail.Message) error {
	s.header(msg.Root())
	if env != nil {
		s.envelope(env, msg.Header())
	}
	if err := s.facts(env, msg); err != nil {
		return err
	}
	n := 0
	var types strings.Builder
	for p := range msg.Parts() {
		if n++; n > maxParts {
			break
		}
		types.WriteString(p.MediaType + "/" + p.Encoding + " ")
		if err := s.part(p); err != nil {
			return err
		}
	}
	s.add(Trace, "shape", cut(types.String(), 200))
	s.number(Trace, "parts", bucket(int64(n)))
	s.number(Trace, "size", bucket(msg.Size()))
	return nil
}

// facts notes the facts about the message. They are found once, for all who ask.
func (s *session) facts(env *mail.Envelope, msg *mail.Message) error {
	f, err := facts.Shared(context.Background(), env, msg) // It is bounded by the limits of a message, and others may wait for the same.
	if err != nil {
		return err
	}
	for i := range f.List {
		s.add(Facts, "", f.List[i].Name)
	}
	return nil
}

// add notes a feature.
func (s *session) add(v View, kind, value string) {
	s.bag.add(v, hashOf(kind, value), func() string { return kind + ":" + value })
}

func (s *session) number(v View, kind string, n int) { s.add(v, kind, strconv.Itoa(n)) }

// part takes one leaf apart.
func (s *session) part(p *mail.Part) error {
	s.add(Trace, "type", p.MediaType)
	s.add(Trace, "enc", p.MediaType+" "+p.Encoding)
	if cs := p.Params["charset"]; cs != "" {
		s.add(Trace, "charset", strings.ToLower(cut(cs, 40)))
	} else {
		s.add(Trace, "nocharset", p.MediaType)
	}
	if name := p.Filename(); name != "" {
		s.file(p, name)
	}
	if p.Parent != nil {
		for i := range p.Header[:min(len(p.Header), 20)] {
			s.add(Trace, "partfield", cut(p.Header[i].Name, 40))
		}
	}
	if s.texts >= maxTexts {
		return nil
	}
	switch p.MediaType {
	case "text/plain", "text/enriched", "text/richtext", "text/calendar":
		return s.plainText(p)
	case "text/html", "application/xhtml+xml":
		return s.html(p)
	}
	if facts.ShownAsPlain(p.MediaType) && p.Disposition != "attachment" && p.Filename() == "" {
		return s.plainText(p)
	}
	s.add(Trace, "leafsize", p.MediaType+" "+strconv.Itoa(bucket(p.End-p.Body)))
	return nil
}

// file takes the name of an attachment apart.
func (s *session) file(p *mail.Part, name string) {
	name = plain(cut(name, 200))
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		ext = cut(name[i+1:], 12)
	}
	s.add(Trace, "ext", ext)
	s.add(Trace, "exttype", ext+" "+p.MediaType)
	s.add(Trace, "disp", p.Disposition)
	words(name, func(w string) bool { s.add(Trace, "file", cut(w, maxWord)); return true })
}

// bucket is n on a logarithmic scale, with two steps to each power of two.
func bucket(n int64) int {
	b := 0
	for n > 3 {
		n >>= 1
		b += 2
	}
	if n == 3 {
		b++
	}
	return b*2 + int(min(max(n, 0), 2))
}

// cut is the first n octets of s.
func cut(s string, n int) string { return s[:min(len(s), n)] }
