// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// base is ordinary mail: nothing bad is so of it.
var base = []string{
	"Return-Path: <anna.miller@example.org>",
	"Received: from mail.example.org (mail.example.org [203.0.113.5]) by mx.example.net with ESMTP id 1; Mon, 5 Feb 2024 10:00:05 +0000",
	"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=x; b=y",
	"Date: Mon, 5 Feb 2024 10:00:00 +0000",
	"From: Anna Miller <anna.miller@example.org>",
	"To: Bob Jones <bob.jones@example.net>",
	"Subject: Minutes of the meeting on Monday",
	"Message-ID: <12345.67890@example.org>",
	"MIME-Version: 1.0",
	"Content-Type: text/plain; charset=utf-8",
}

const baseBody = "Hi Bob,\n\nhere is what we said about the garden on Monday. Peter brings the ladder, Mary looks after the apple trees, and I write to the neighbours about the fence.\n" +
	"The next time we see each other is in March, at the house of Peter. Bring some tea if you like.\n\nAnna\n"

// built is the base with edits: "-Name" takes a field out, "Name: body" puts one in its place, "+Name: body" adds one on top. What begins with "=" is
// the body.
func built(edits ...string) string {
	fields, body := append([]string{}, base...), baseBody
	remove := func(name string) {
		var kept []string
		for _, f := range fields {
			if n, _, _ := strings.Cut(f, ":"); n != name {
				kept = append(kept, f)
			}
		}
		fields = kept
	}
	for _, e := range edits {
		switch name, _, _ := strings.Cut(e, ":"); {
		case e[0] == '=':
			body = e[1:]
		case e[0] == '-':
			remove(e[1:])
		case e[0] == '+':
			fields = append([]string{e[1:]}, fields...)
		default:
			remove(name)
			fields = append(fields, e)
		}
	}
	return strings.Join(fields, "\n") + "\n\n" + body
}

// find gives the facts of a text. The envelope, if there is one, is of the client of the base.
func find(t testing.TB, env *mail.Envelope, text string) *facts.Facts {
	t.Helper()
	f, err := facts.Find(t.Context(), env, parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// example is a message of which a fact is true.
type example struct {
	fact  string
	edits []string
}

func cases() []example {
	var all []example
	for _, list := range [][]example{headerCases(), senderCases(), transportCases(), programCases(), handoverCases(), structureCases(), textCases(), linkCases(), combinedCases()} {
		all = append(all, list...)
	}
	return all
}

// is makes an example.
func is(fact string, edits ...string) example { return example{fact, edits} }

// TestBase: ordinary mail has no fact that gives points.
func TestBase(t *testing.T) {
	for _, f := range find(t, nil, built()).List {
		for _, a := range facts.All() {
			if a.Name == f.Name && a.Sign != facts.Neutral {
				t.Errorf("%+v", f)
			}
		}
	}
	env := &mail.Envelope{
		Client: mail.Client{Name: "mail.example.org", Addr: "203.0.113.5", HELO: "mail.example.org"}, MailFrom: mail.NewPath("anna.miller@example.org"),
		RcptTo: []mail.Path{mail.NewPath("bob.jones@example.net")}, Received: time.Date(2024, 2, 5, 10, 0, 5, 0, time.UTC),
	}
	if f := find(t, env, built()); f.Score() != 0 {
		t.Errorf("with an envelope: %v points, %v", f.Score(), f.List)
	}
}

const html = "Content-Type: text/html; charset=utf-8"

// page is a page of some text around markup.
func page(markup string) string {
	return "=<p>" + strings.ReplaceAll(baseBody, "\n", " ") + "</p>" + markup
}

// mixed is a body of several parts, each with its fields.
func mixed(kind string, parts ...string) []string {
	return []string{
		"Content-Type: multipart/" + kind + "; boundary=b", "=--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n",
	}
}

func TestEach(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases() {
		seen[c.fact] = true
		if f := find(t, nil, built(c.edits...)); !f.Has(c.fact) {
			t.Errorf("%s: not found in %q; found %v", c.fact, c.edits, f.List)
		}
	}
	for _, a := range facts.All() {
		apart := strings.HasPrefix(a.Name, "words_") || strings.HasPrefix(a.Name, "subject_") || a.Sign == facts.Good // See TestGroups and TestGood.
		if !seen[a.Name] && !apart && !elsewhereTested[a.Name] {
			t.Errorf("%s: there is no test", a.Name)
		}
	}
}

// elsewhereTested are facts with tests of their own.
var elsewhereTested = map[string]bool{"recipient_not_named": true, "author_not_authenticated": true}

// TestNot: what looks like a fact, and is none.
func TestNot(t *testing.T) {
	for _, c := range []struct {
		fact  string
		edits []string
	}{
		{"date_behind", []string{"Date: Fri, 2 Feb 2024 10:00:00 +0000"}},
		{"date_odd_zone", []string{"Date: Mon, 5 Feb 2024 10:00:00 +0545"}},
		{"subject_gappy", []string{"Subject: Plan B or a trip to I. M. Pei's pyramid"}},
		{"subject_ends_in_id", []string{"Subject: Order of the third of May 2024"}},
		{"subject_shouting", []string{"Subject: NATO"}},
		{"from_name_other_address", []string{`From: "anna@example.org" <anna@example.org>`}},
		{"answer_without_thread", []string{"Subject: Re: Minutes", "+In-Reply-To: <1@example.net>"}},
		{"brand_in_name", []string{"From: PayPal <service@paypal.com>"}},
		{"reply_to_freemail", []string{"From: anna@gmail.com", "Reply-To: anna@gmail.com"}},
		{"link_none_to_author", []string{"=See https://www.example.org/page for more, as we said the other day.\n"}},
		{"link_shows_other", []string{html, page(`<a href="https://www.example.org/x">example.org</a>`)}},
		{"link_address", []string{"=See http://127.0.0.1/ and http://10.0.0.1/\n"}},
		{"link_random_domain", []string{"=See https://www.strength-training.example/\n"}},
		{"helo_other_domain", []string{"Received: from a.example.org (b.example.org [203.0.113.5]) by mx.example.net; Mon, 5 Feb 2024 10:00:05 +0000"}},
		{"client_dynamic", []string{"Received: from mail5.example.org (mail5.example.org [203.0.113.5]) by mx.example.net; Mon, 5 Feb 2024 10:00:05 +0000"}},
		{"client_dynamic", []string{"Received: from web2.example.org (203-0-113-57-ptr.example.org [203.0.113.57]) by mx.example.net; Mon, 5 Feb 2024 10:00:05 +0000"}},
		{"signed_by_other", []string{"+DKIM-Signature: v=1; d=other.example; s=s; b=y"}},
		{"unsigned", []string{"-DKIM-Signature", "Date: Mon, 5 Feb 2007 10:00:00 +0000"}},
		{"from_no_address", []string{"From:[removed]"}},
		{"mailer_forged_outlook", []string{"+X-Mailer: Microsoft Outlook 16.0", "+Thread-Index: AdpX"}},
		{"text_mixed_scripts", []string{"=Привет, это письмо написано по-русски, and in English.\n"}},
		{"page_far_below", []string{html, page(`<div style="height:900px; max-height: 99999px">x</div>`)}},
		{"html_unread", []string{html, page("<!--" + strings.Repeat("word ", (2<<20)/6) + "-->")}},
		{"html_unread", []string{"=" + strings.Repeat("word ", 64<<10)}},
		{"html_unfollowed", []string{html, page("<style>" + strings.Repeat("b.c{color:red}", 1000) + "</style>" + strings.Repeat("<p>", 500))}},
		{"text_laid_over", []string{html, page(`<p style="position:relative;top:-90px">New</p>` + strings.Repeat("word ", 50))}},
		{"text_laid_over", []string{html, page(`<p style="position:relative;top:3px">` + strings.Repeat("word ", 50) + "</p>")}},
		{"hidden_words", []string{html, page(`<div style="display:none">What is new in the garden this week</div>`)}},
	} {
		if f := find(t, nil, built(c.edits...)); f.Has(c.fact) {
			t.Errorf("%s: found in %q", c.fact, c.edits)
		}
	}
}

// TestRecipientNotNamed: only the envelope tells.
func TestRecipientNotNamed(t *testing.T) {
	for _, c := range []struct {
		to   string
		want bool
	}{{"bob.jones@example.net", false}, {"BOB.jones@example.net", false}, {"mary@example.net", true}} {
		env := &mail.Envelope{RcptTo: []mail.Path{mail.NewPath(c.to)}, MailFrom: mail.NewPath("anna.miller@example.org")}
		if got := find(t, env, built()).Has("recipient_not_named"); got != c.want {
			t.Errorf("%s: got %t", c.to, got)
		}
	}
}

// TestShared: facts are found once for a message.
func TestShared(t *testing.T) {
	msg := parse(t, built())
	a, err := facts.Shared(t.Context(), nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := facts.Shared(t.Context(), nil, msg); err != nil || a != b {
		t.Errorf("got others: %v", err)
	}
	if _, err := facts.Shared(t.Context(), nil, nil); err == nil {
		t.Error("no message is no error")
	}
}

// TestForeign: what other filters and servers have written changes nothing.
func TestForeign(t *testing.T) {
	foreign := []string{
		"+X-Spam-Flag: YES", "+X-Spam-Status: Yes, score=99 tests=ÄÖÜ", "+X-Spam-Report: verify your account", "+Authentication-Results: mx.example.net; dmarc=fail; spf=fail; dkim=fail",
		"+Received-SPF: fail", "+ARC-Authentication-Results: i=1; x; dkim=fail", "+X-Virus-Scanned: by ours", "+X-MS-Exchange-Organization-SCL: 9", "+X-Microsoft-Antispam: BCL:9", "+X-Bogosity: Spam",
	}
	for _, c := range append(cases(), example{}) {
		plain, marked := find(t, nil, built(c.edits...)), find(t, nil, built(append(append([]string{}, foreign...), c.edits...)...))
		if d := cmp.Diff(plain.List, marked.List); d != "" {
			t.Errorf("%s (-without +with)\n%s", c.fact, d)
		}
	}
	if d := cmp.Diff(find(t, nil, built("Subject: lunch")).List, find(t, nil, built("Subject: [SPAM] ***SPAM(7.2)*** lunch")).List); d != "" {
		t.Errorf("marks in Subject (-without +with)\n%s", d)
	}
}

// TestDetails: details are short, and name nobody from the message.
func TestDetails(t *testing.T) {
	for _, c := range cases() {
		text := built(c.edits...)
		for _, f := range find(t, nil, text).List {
			if strings.Contains(f.Detail, "anna") || strings.Contains(f.Detail, "bob") || len(f.Detail) > 60 {
				t.Errorf("%+v", f)
			}
		}
	}
}
