// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"context"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/urls"
)

// session is one message being looked at.
type session struct {
	f      *filter
	msg    *mail.Message
	sender *sender
	safe   *sites
	bad    *sites

	seen       map[string]*judged
	hosts      map[string]*lookalike.Verdict // Of each host; nil if it looks like itself.
	names      map[string]string             // Registrable name of each host.
	hosted     []string                      // Hosts where anybody may put up a page.
	short      []string                      // Hosts of shorteners.
	redirected []string                      // Where open redirectors lead.
	links      int                           // Looked at.
	cells      int                           // Of drawings that may still be looked at.
	skipped    int                           // Drawings that were not looked at.
	read       int                           // QR codes.
	qr         map[string]bool               // Registrable names that QR codes lead to.
	linked     map[string]bool               // Registrable names that links lead to.

	groups   map[groupKey]*group
	order    []*group
	found    []filters.Finding // About the message.
	language string            // Of warnings; "" until one is needed.
	docs     []*markup.Document
	doc      *markup.Document // Whose links are looked at.
	counted  counted          // Of doc; nil until it is needed.
	words    string           // Of the first plain text.
}

func newSession(f *filter, env *mail.Envelope, msg *mail.Message) *session {
	return &session{
		f: f, msg: msg, sender: newSender(env, msg.Header()), safe: f.safe.Current(), bad: f.bad.Current(), seen: map[string]*judged{},
		hosts: map[string]*lookalike.Verdict{}, names: map[string]string{}, qr: map[string]bool{}, linked: map[string]bool{}, groups: map[groupKey]*group{},
		cells: maxDrawn,
	}
}

// run looks at all of the message.
func (s *session) run(ctx context.Context) error {
	s.header()
	c, err := s.f.unpacker.Contents(ctx, s.msg)
	if err != nil {
		return err
	}
	if s.docs, err = markup.Documents(ctx, s.f.unpacker, s.msg); err != nil {
		return err
	}
	asHTML := map[*unpack.Leaf]bool{}
	for _, d := range s.docs {
		asHTML[d.Leaf] = true
		s.document(d)
	}
	for _, l := range c.Leaves {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.leaf(l, asHTML[l]); err != nil {
			return err
		}
	}
	if err := s.pictures(ctx); err != nil {
		return err
	}
	s.points()
	s.signs()
	return nil
}

// more counts a link; false if there are more than are looked at.
func (s *session) more(part mail.PartID) bool {
	s.links++
	if s.links == s.f.options.MaxLinks+1 {
		s.found = append(s.found, filters.Finding{
			Code: codeTooMany, Class: filters.Unscannable, Part: part, Detail: "more links than are looked at",
		})
	}
	return s.links <= s.f.options.MaxLinks
}

// say adds a finding about the message.
func (s *session) say(code string, class filters.Class, score float64, detail string) {
	for i := range s.found {
		if s.found[i].Code == code && s.found[i].Detail == detail {
			return
		}
	}
	if len(s.found) < maxAbout {
		s.found = append(s.found, filters.Finding{Code: code, Class: class, Score: score, Detail: oneLine(detail)})
	}
}

// maxAbout is the number of findings about the message as a whole.
const maxAbout = 50

// registrable is the registrable name of a host. It is looked up once for each host of the message.
func (s *session) registrable(host string) string {
	d, ok := s.names[host]
	if !ok {
		d = urls.Registrable(host)
		s.names[host] = d
	}
	return d
}
