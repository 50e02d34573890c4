// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"testing"
)

// TestGroups: each group of phrases is found by its own phrases in text and Subject, in any case, and every phrase can be found.
func TestGroups(t *testing.T) {
	p := newPhrases()
	for g, group := range wordGroups {
		for phrase := range strings.SplitSeq(strings.ReplaceAll(group.phrases, "\n", "|"), "|") {
			words := Words(strings.ToUpper("so "+phrase+" then"), 100)
			if len(words) > 2 && p.found(words)[g] == 0 {
				t.Errorf("%s: %q is not found", group.name, phrase)
			}
		}
		s := sessionOf(strings.ReplaceAll(group.phrases, "|", ", "), strings.ReplaceAll(cut(group.phrases, 60), "|", ", "))
		s.wording()
		for _, want := range []string{"words_" + group.name, "words_" + group.name + "_many", "subject_" + group.name} {
			if !s.has(want) {
				t.Errorf("%s is not found by its own phrases", want)
			}
		}
	}
}

func sessionOf(text, subject string) *session {
	s := &session{t: shipped()}
	s.b.all, s.b.plainly, s.h.subject = text, plainForm(text), subject
	return s
}

// TestChance: one phrase in a long text says nothing.
func TestChance(t *testing.T) {
	s := sessionOf(strings.Repeat("The gardener looks after the apple trees. ", 200)+"The invoice is in the mail, and the renewal as well.", "")
	s.wording()
	if s.has("words_payment") {
		t.Errorf("found %v", s.list)
	}
}

// TestPairs: each pair is so if one of each side is, and its sides are names of facts.
func TestPairs(t *testing.T) {
	names := map[string]bool{}
	for _, a := range All() {
		names[a.Name] = true
	}
	for _, p := range pairs {
		for _, n := range append(append([]string{p.name}, p.a...), p.b...) {
			if !names[n] {
				t.Errorf("%s: there is no fact %s", p.name, n)
			}
		}
		for i, list := range [][]string{{p.a[0], p.b[len(p.b)-1]}, {p.a[0]}, {p.b[0]}} {
			s := &session{t: shipped()}
			for _, n := range list {
				s.note(n, "")
			}
			s.combined()
			if s.has(p.name) != (i == 0) {
				t.Errorf("%s: of %v got %t", p.name, list, s.has(p.name))
			}
		}
	}
}

// TestPoints: points are of facts, have their signs, keep to their bounds, and none alone makes spam of a message.
func TestPoints(t *testing.T) {
	about := map[string]About{}
	for _, a := range All() {
		about[a.Name] = a
	}
	for name, p := range points {
		a, ok := about[name]
		switch {
		case !ok:
			t.Errorf("%s: there is no such fact", name)
		case p*float64(a.Sign) <= 0 || p > a.Most || p < -a.Most:
			t.Errorf("%s: %v points, sign %d, at most %v", name, p, a.Sign, a.Most)
		case p >= 5 && name != "gtube":
			t.Errorf("%s: %v points", name, p)
		}
	}
}

func TestReceived(t *testing.T) {
	for _, c := range []struct{ text, helo, name, addr, by string }{
		{"from a.example.org (b.example.org [203.0.113.5]) by mx.example.net (Postfix) with ESMTPS id 1; Mon, 5 Feb 2024 10:00:05 +0000", "a.example.org", "b.example.org", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (a.example.org [203.0.113.5]) by mx.example.net", "a.example.org", "a.example.org", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (unknown [203.0.113.5]) by mx.example.net", "a.example.org", "", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (HELO b.example.org) (203.0.113.5) by mx.example.net with SMTP", "b.example.org", "a.example.org", "203.0.113.5", "mx.example.net"},
		{"from unknown (HELO b.example.org) (203.0.113.5) by mx.example.net", "b.example.org", "", "203.0.113.5", "mx.example.net"},
		{"from b.example.org ([203.0.113.5] helo=a.example.org) by mx.example.net with esmtp", "a.example.org", "b.example.org", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (203.0.113.5) by MX.example.net (10.0.0.1) with Microsoft SMTP Server", "a.example.org", "", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (a.example.org. [IPv6:2001:db8::5]) by mx.example.net", "a.example.org", "a.example.org", "2001:db8::5", "mx.example.net"},
		{"by mx.example.net with SMTP id 1; Mon, 5 Feb 2024 10:00:05 +0000", "", "", "invalid IP", "mx.example.net"},
		{"", "", "", "invalid IP", ""}, {"from", "", "", "invalid IP", ""}, {"from by", "by", "", "invalid IP", ""},
	} {
		h := readHop(c.text)
		if h.helo != c.helo || h.name != c.name || h.addr.String() != c.addr || h.by != c.by {
			t.Errorf("%q: got %+v", c.text, h)
		}
	}
}

func TestMailboxes(t *testing.T) {
	for _, c := range []struct{ text, name, address, org string }{
		{`"Anna, Miller" <Anna@Mail.Example.ORG>`, "Anna, Miller", "anna@mail.example.org", "example.org"},
		{"anna@example.org (Anna Miller)", "Anna Miller", "anna@example.org", "example.org"},
		{"=?utf-8?Q?J=C3=BCrgen?= <a@example.org>", "Jürgen", "a@example.org", "example.org"},
		{"<a@example.org>", "", "a@example.org", "example.org"}, {"Anna", "Anna", "", ""}, {"Anna <>", "Anna", "", ""},
		{`"a@example.com" <b@example.org>`, "a@example.com", "b@example.org", "example.org"},
	} {
		m := readMailboxes(c.text)[0]
		if m.name != c.name || m.address != c.address || m.org != c.org {
			t.Errorf("%q: got %+v", c.text, m)
		}
	}
	if got := readMailboxes(strings.Repeat("a@example.org, ", 5000)); len(got) != maxMailboxes {
		t.Errorf("got %d", len(got))
	}
}
