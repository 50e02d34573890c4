// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/mail"
)

func TestEHLOOffersWhatTheNextHopOffers(t *testing.T) {
	r := newRig(t, nil)
	limited, err := sink.Start(sink.Options{Extensions: []string{"PIPELINING", "SIZE 1000", "8BITMIME", "CHUNKING", "STARTTLS"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = limited.Close() })
	full := r.hello("smtp")
	got := r.want(full, "EHLO again", 250)
	want := []string{
		"mw.example.org", "PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "SIZE 268431360",
		"XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
	}
	if diff := cmp.Diff(want, got.Lines); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	r.opts.Listeners[0].NextHop = ParseAddress(limited.Addr())
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	got = r.want(r.dial("smtp"), "EHLO x", 250)
	want = []string{"mw.example.org", "PIPELINING", "8BITMIME", "SIZE 1000", "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"}
	if diff := cmp.Diff(want, got.Lines); diff != "" {
		t.Errorf("limited (-want +got):\n%s", diff)
	}
}

// What go-smtp would refuse, change or lose goes through as it is: docs/design/008-go-smtp.md.
func TestEnvelopeIsRelayedRaw(t *testing.T) {
	tests := []struct{ from, to string }{
		{`<>`, `<postmaster>`},
		{`<"x@y"@example.org>`, `<"a b"@example.org>`},
		{`<a@example.org> SIZE=100 BODY=7BIT AUTH=<>`, `<b@example.org> NOTIFY=NEVER ORCPT=x400;+2fC=GB`},
		{`<a@example.org> RET=HDRS ENVID=a=b+2b`, `<b@example.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bc@example.org`},
		{`<a@example.org> XVERP NEWPARAM=x`, `<@hop.example.org:b@example.org> FUTURE`},
		{`<ä@example.org> SMTPUTF8`, `<ö@example.org>`},
		{` <a@example.org>`, `b@example.org`},
	}
	r := newRig(t, nil)
	c := r.hello("smtp")
	for i, tt := range tests {
		r.want(c, "MAIL FROM:"+tt.from, 250)
		r.want(c, "rcpt to:"+tt.to, 250)
		r.want(c, "DATA", 354)
		if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 {
			t.Fatalf("%v: %v", tt, got)
		}
		m := r.sink.Messages()[i]
		if m.MailFrom != tt.from || len(m.RcptTo) != 1 || m.RcptTo[0] != tt.to {
			t.Errorf("got %q and %q, want %q and %q", m.MailFrom, m.RcptTo, tt.from, tt.to)
		}
	}
}

func TestXforwardIsSentOnBeforeEveryMail(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	for i := range 2 {
		r.want(c, fmt.Sprintf("XFORWARD NAME=c%d.example.org ADDR=IPV6:2001:db8::%d PORT=4711", i, i), 250)
		r.want(c, fmt.Sprintf("XFORWARD PROTO=ESMTP HELO=hel+6co IDENT=Q%d SOURCE=REMOTE", i), 250)
		r.envelope(c)
		r.send(c, "x\r\n.\r\n")
		m := r.sink.Messages()[i]
		for name, want := range map[string]string{
			"NAME": fmt.Sprintf("c%d.example.org", i), "ADDR": fmt.Sprintf("IPV6:2001:db8::%d", i), "PORT": "4711", "HELO": "hello",
			"PROTO": "ESMTP", "IDENT": fmt.Sprintf("Q%d", i), "SOURCE": "REMOTE",
		} {
			if got := m.Attribute(name); got != want {
				t.Errorf("message %d: %s: got %q, want %q", i, name, got, want)
			}
		}
	}
	want := mail.Client{Name: "c1.example.org", Addr: "2001:db8::1", Port: "4711", Proto: "ESMTP", HELO: "hello", Ident: "Q1", Source: "REMOTE"}
	if got := r.envelopes()[1].Client; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// The attributes end with the transaction.
	r.envelope(c)
	r.send(c, "x\r\n.\r\n")
	if got := r.envelopes()[2].Client; got != (mail.Client{}) {
		t.Errorf("after the transaction: got %+v", got)
	}
	r.want(c, "XFORWARD NAME", 501)
	r.want(c, "MAIL FROM:<a@example.org>", 250)
	r.want(c, "XFORWARD NAME=late", 503)
}

func TestRepliesOfTheNextHopAreRelayed(t *testing.T) {
	r := newRig(t, nil)
	r.sink.Misbehave(func(step sink.Step, arg string) sink.Act {
		switch {
		case step == sink.MAIL && strings.Contains(arg, "bad"):
			return sink.Act{Reply: "553-5.1.8 first line\r\n553 5.1.8 second line"}
		case step == sink.RCPT && strings.Contains(arg, "gone"):
			return sink.Act{Reply: "550 5.1.1 <gone@example.net>: unknown"}
		case step == sink.Dot:
			return sink.Act{Reply: "250 2.0.0 Ok: queued as 4F1"}
		}
		return sink.Act{}
	})
	c := r.hello("smtp")
	if got := r.want(c, "MAIL FROM:<bad@example.org>", 553).Lines; len(got) != 2 || got[1] != "5.1.8 second line" {
		t.Errorf("MAIL: got %q", got)
	}
	r.want(c, "MAIL FROM:<a@example.org>", 250)
	if got := r.want(c, "RCPT TO:<gone@example.net>", 550).Lines[0]; got != "5.1.1 <gone@example.net>: unknown" {
		t.Errorf("RCPT: got %q", got)
	}
	r.want(c, "DATA", 554)
	r.want(c, "RCPT TO:<b@example.net>", 250)
	r.want(c, "DATA", 354)
	if got := r.send(c, "x\r\n.\r\n").String(); got != "250 2.0.0 Ok: queued as 4F1" {
		t.Errorf("end of data: got %q", got)
	}
	if got := r.envelopes()[0].RcptTo; len(got) != 1 {
		t.Errorf("got recipients %v", got)
	}
}

func TestThousandRecipients(t *testing.T) {
	r := newRig(t, nil)
	for name, n := range map[string]int{"smtp": 1, "lmtp": 1000} {
		r.sink.Reset()
		c := r.hello(name)
		lines := []string{"MAIL FROM:<a@example.org>"}
		for i := range 1000 {
			lines = append(lines, fmt.Sprintf("RCPT TO:<r%d@example.net>", i))
		}
		replies, err := c.Pipeline(append(lines, "DATA")...)
		if err != nil || replies[1000].Code != 250 || replies[1001].Code != 354 {
			t.Fatalf("%s: %v", name, err)
		}
		got := r.sendTo(c, "x\r\n.\r\n", n)[n-1]
		if m := r.sink.Messages()[0]; !strings.HasPrefix(got, "250 ") || len(m.RcptTo) != 1000 || m.RcptTo[999] != "<r999@example.net>" {
			t.Errorf("%s: got %v, %d recipients", name, got, len(m.RcptTo))
		}
	}
}

func TestLMTPRepliesPerRecipient(t *testing.T) {
	r := newRig(t, nil)
	r.opts.Handle = func(_ context.Context, tx *Transaction) []Reply {
		replies := make([]Reply, len(tx.Envelope.RcptTo))
		for i := range replies {
			replies[i] = Reply{250 + 100*i, []string{tx.Envelope.RcptTo[i].Address, "second line"}}
		}
		return replies
	}
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	c := r.hello("lmtp")
	// The same recipient twice is two recipients.
	r.envelope(c, "<same@example.net>", "<same@example.net>")
	got := r.sendTo(c, "x\r\n.\r\n", 3)
	want := []string{"250 same@example.net / second line", "350 same@example.net / second line", "450 b@example.net / second line"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.want(c, "NOOP", 250)
}
