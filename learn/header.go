// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// header takes the header section apart.
func (s *session) header(p *mail.Part) {
	before := ""
	received := 0
	for i := range p.Header[:min(len(p.Header), maxFields)] {
		f := &p.Header[i]
		name := strings.ToLower(cut(f.Name, 60))
		if name == "" || s.strip.strips(name) {
			continue
		}
		if name == "received" {
			received++
			s.received(f.Value(), received)
		} else {
			s.add(Trace, "field", cut(f.Name, 60))
			s.add(Trace, "order", before+">"+name)
			s.field(name, cut(f.Value(), maxValue))
		}
		before = name
	}
	s.number(Trace, "received", min(received, 10))
	s.missing(p.Header)
	s.same(p.Header)
}

// missing notes which usual fields are not there.
func (s *session) missing(h mail.Header) {
	for _, name := range [...]string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Received"} {
		if h.Get(name) == "" {
			s.add(Trace, "missing", name)
		}
	}
}

// same compares the addresses of the header section with each other.
func (s *session) same(h mail.Header) {
	from := domainOf(h.Get("From"))
	if reply := domainOf(h.Get("Reply-To")); reply != "" {
		s.add(Trace, "replysame", strconv.FormatBool(from == reply))
	}
	s.add(Trace, "pathsame", strconv.FormatBool(from == domainOf(h.Get("Return-Path"))))
	s.add(Trace, "midsame", strconv.FormatBool(from == domainOf(h.Get("Message-ID"))))
	if a := addressOf(h.Get("From")); a != "" && a == addressOf(h.Get("To")) {
		s.add(Trace, "self", "")
	}
}

func (s *session) field(name, v string) {
	switch name {
	case "subject":
		s.subject(facts.PlainSubject(v))
	case "from", "to", "cc", "reply-to", "sender", "return-path", "errors-to", "bcc":
		s.addresses(name, v)
	case "message-id", "in-reply-to", "references", "content-id", "resent-message-id":
		s.identifier(name, v)
	case "date":
		s.date(v)
	case "content-type":
		s.contentType(v)
	case "dkim-signature", "domainkey-signature", "x-google-dkim-signature":
		s.signature(name, v)
	}
}

func (s *session) subject(v string) {
	d := mail.DecodeWords(v)
	s.words(d, "subject ", Names, Names)
	if _, after, ok := strings.Cut(v, "=?"); ok {
		cs, _, _ := strings.Cut(after, "?")
		s.add(Trace, "subjectcharset", strings.ToLower(cut(cs, 20)))
	}
	if len(d) >= 3 && strings.EqualFold(d[:3], "re:") {
		s.add(Trace, "re", "")
	}
	s.add(Trace, "subjectshape", shape(cut(d, 30)))
	s.add(Trace, "subjectend", shape(d[max(0, len(d)-3):]))
	if d != "" && d == strings.ToUpper(d) {
		s.add(Trace, "subjectupper", "")
	}
}

// identifier takes a Message-ID and the like apart.
func (s *session) identifier(name, v string) {
	v = cut(strings.TrimSpace(v), 200)
	s.add(Trace, "idshape", name+" "+shape(v))
	d := domainOf(v)
	s.add(Names, name+".domain", cut(d, 80))
	if i := strings.IndexByte(v, '@'); i > 0 {
		s.number(Trace, "idlen"+name, i)
		s.add(Trace, "idend", name+" "+d[max(0, len(d)-6):])
	}
}

func (s *session) date(v string) {
	s.add(Trace, "dateshape", shape(v))
	if i := strings.LastIndexAny(v, "+-"); i >= 0 {
		s.add(Trace, "zone", cut(v[i:], 12))
	}
	if d, _, ok := strings.Cut(v, " "); ok {
		s.add(Trace, "day", cut(d, 5))
	}
}

func (s *session) contentType(v string) {
	low := strings.ToLower(v)
	if i := strings.Index(low, "boundary="); i >= 0 && len(low) == len(v) {
		b := strings.Trim(v[i+len("boundary="):], "\"")
		s.add(Trace, "boundary", shape(cut(b, 50)))
		s.add(Trace, "boundarystart", cut(b, 8))
		low = low[:i]
	}
	s.add(Trace, "ctype", cut(low, 100))
	s.add(Trace, "ctypeshape", shape(cut(v, 30)))
}

// signature takes a DKIM-Signature apart (RFC 6376 section 3.5). Nobody asks here whether it verifies.
func (s *session) signature(name, v string) {
	for tag := range strings.SplitSeq(v, ";") {
		k, val, _ := strings.Cut(strings.TrimSpace(tag), "=")
		switch k {
		case "d", "s", "c", "a", "i":
			s.add(Names, name+"."+k, strings.ToLower(cut(val, 60)))
		}
	}
}
