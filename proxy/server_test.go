// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

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
	want := []string{"mw.example.org", "PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "SIZE 268435456",
		"XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"}
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
		for name, want := range map[string]string{"NAME": fmt.Sprintf("c%d.example.org", i), "ADDR": fmt.Sprintf("IPV6:2001:db8::%d", i), "PORT": "4711", "HELO": "hello",
			"PROTO": "ESMTP", "IDENT": fmt.Sprintf("Q%d", i), "SOURCE": "REMOTE"} {
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

// The end-of-data confusions of CVE-2023-51764 and its kin: never a second message, never another octet.
func TestEndOfDataMatrix(t *testing.T) {
	inner := "MAIL FROM:<ceo@bank.example>\r\nRCPT TO:<v@example.net>\r\nDATA\r\nsmuggled\r\n"
	tests := []struct {
		name, end string
		refused   bool // By default; with PassBareLF it goes through.
	}{
		{"LF.LF", "\n.\n", true},
		{"LF.CRLF", "\n.\r\n", true},
		{"CRLF.LF", "\r\n..\n", false},
		{"CR.CR", "\r.\r", false},
		{"CR.CRLF", "\r.\r\n", false},
		{"CRLF.CR", "\r\n..\r", false},
		{"NUL", "\r\n\x00.\r\n", false},
		{"NUL after", "\r\n..\x00\r\n", false},
	}
	for _, pass := range []bool{false, true} {
		r := newRig(t, func(o *Options) {
			for i := range o.Listeners {
				o.Listeners[i].PassBareLF = pass
			}
		})
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s pass=%v", tt.name, pass), func(t *testing.T) {
				r.sink.Reset()
				c := r.hello("smtp")
				r.envelope(c)
				raw := "Subject: x\r\n\r\nbody" + tt.end + inner
				got := r.send(c, raw+".\r\n")
				r.want(c, "NOOP", 250) // Both sides still agree on where they are.
				msgs := r.sink.Messages()
				if tt.refused && !pass {
					if got.Code != 550 || len(msgs) != 0 {
						t.Errorf("got %v and %d messages, want a refusal", got, len(msgs))
					}
					return
				}
				want := strings.ReplaceAll(raw, "\r\n.", "\r\n")
				if got.Code != 250 || len(msgs) != 1 || string(msgs[0].Data) != want {
					t.Errorf("got %v and %d messages, want one of %q", got, len(msgs), want)
				}
			})
		}
	}
}

// CR CR LF . CR LF ends the data for Postfix and not for others. It ends it here, and nothing that follows is a command.
func TestLooseEndOfDataEndsTheConnection(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	r.envelope(c)
	got := r.send(c, "body\r\r\n.\r\nMAIL FROM:<ceo@bank.example>\r\nRCPT TO:<v@example.net>\r\nDATA\r\nx\r\n.\r\n")
	if got.Code != 250 {
		t.Errorf("got %v", got)
	}
	if reply, err := c.ReadReply(); err == nil {
		t.Errorf("a command behind it was answered: %v", reply)
	}
	if msgs := r.sink.Messages(); len(msgs) != 1 || string(msgs[0].Data) != "body\r\r\n" {
		t.Errorf("got %d messages", len(msgs))
	}
}

func TestBodyLineLikeXforward(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	body := "\r\nXFORWARD ADDR=192.0.2.66\r\nMAIL FROM:<x@example.org>\r\nDATA\r\nQUIT\r\n"
	r.envelope(c)
	r.send(c, body+".\r\n")
	msgs := r.sink.Messages()
	if len(msgs) != 1 || string(msgs[0].Data) != body || r.envelopes()[0].Client.Addr != "" {
		t.Errorf("got %d messages, client %+v", len(msgs), r.envelopes()[0].Client)
	}
}

// A client that stalls inside DATA and then sends SMTP commands gets none of them executed. With go-smtp's own ReadTimeout they
// are: TestStallAttackWorksOnPlainGoSMTP shows it.
func TestStallAttack(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Timeouts.Idle = 50 * time.Millisecond })
	c := r.hello("smtp")
	if _, err := c.Pipeline("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("Subject: x\r\n\r\nbody\r\n")); err != nil {
		t.Fatal(err)
	}
	// The reply comes once the timeout has passed.
	if got, err := c.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("got %v, %v, want 421", got, err)
	}
	_, _ = c.Write([]byte("\r\nMAIL FROM:<ceo@bank.example>\r\nRCPT TO:<v@example.net>\r\nDATA\r\nsmuggled\r\n.\r\n"))
	if got, err := c.ReadReply(); err == nil {
		t.Errorf("a command was answered: %v", got)
	}
	if n := len(r.envelopes()) + len(r.sink.Messages()); n != 0 {
		t.Errorf("%d messages came out of the stalled body", n)
	}
}

// A body that is sent behind a DATA that is refused must not be taken for commands.
func TestBodyBehindRefusedData(t *testing.T) {
	r := newRig(t, nil)
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.RCPT {
			return sink.Act{Reply: "550 5.1.1 no"}
		}
		return sink.Act{}
	})
	c := r.hello("smtp")
	replies, err := c.Pipeline("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA", "RSET")
	if len(replies) != 3 || replies[2].Code != 554 || err == nil {
		t.Errorf("got %v, %v, want three replies and the end", replies, err)
	}
}

func TestPipelinedGroupIsAnsweredInOneWrite(t *testing.T) {
	r := newRig(t, nil)
	conn, err := net.Dial("tcp", r.server.Addr("smtp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 4096)
	read := func() string {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	read()
	fmt.Fprintf(conn, "EHLO x\r\n")
	read()
	fmt.Fprintf(conn, "XFORWARD ADDR=192.0.2.1\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n")
	if got := read(); strings.Count(got, "\r\n") != 5 || !strings.HasSuffix(got, "354 End data with <CR><LF>.<CR><LF>\r\n") {
		t.Errorf("got %q in the first read, want all five replies", got)
	}
	fmt.Fprintf(conn, "x\r\n.\r\nQUIT\r\n")
	if got := read(); strings.Count(got, "\r\n") != 2 || !strings.HasPrefix(got, "250 ") {
		t.Errorf("got %q in the first read, want both replies", got)
	}
}

func TestSizes(t *testing.T) {
	const limit = 300_000
	r := newRig(t, func(o *Options) { o.MessageSize = limit; o.Spooler.Memory = 100_000 })
	c := r.hello("smtp")
	for _, size := range []int{0, 2, 99_999, 100_000, 100_001, limit - 1, limit, limit + 1} {
		r.sink.Reset()
		body := strings.Repeat("y", max(size-2, 0)) + "\r\n"
		if size == 0 {
			body = ""
		}
		r.envelope(c)
		got := r.send(c, body+".\r\n")
		if size > limit {
			if got.Code != 552 || len(r.sink.Messages()) != 0 {
				t.Errorf("%d octets: got %v", size, got)
			}
			continue
		}
		if got.Code != 250 || string(r.sink.Messages()[0].Data) != body {
			t.Errorf("%d octets: got %v, or another body", size, got)
		}
	}
	r.want(c, fmt.Sprintf("MAIL FROM:<a@example.org> SIZE=%d", limit+1), 552)
	r.want(c, "MAIL FROM:<a@example.org> SIZE=99999999999999999999", 552)
	r.want(c, "MAIL FROM:<a@example.org> SIZE=x", 501)
	r.want(c, fmt.Sprintf("MAIL FROM:<a@example.org> SIZE=%d", limit), 250)
}

func TestHundredMegabytes(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 100 MiB; not with -short")
	}
	r := newRig(t, nil)
	c := r.hello("smtp")
	line := strings.Repeat("z", 998) + "\r\n"
	body := strings.Repeat(line, 100<<20/len(line))
	r.envelope(c)
	if got := r.send(c, body+".\r\n"); got.Code != 250 || string(r.sink.Messages()[0].Data) != body {
		t.Errorf("got %v, or another body", got)
	}
	if used := r.opts.Spooler.Used(); used != 0 {
		t.Errorf("%d octets of memory are still counted", used)
	}
}

func TestThousandRecipients(t *testing.T) {
	r := newRig(t, nil)
	for _, name := range []string{"smtp", "lmtp"} {
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
		got := r.send(c, "x\r\n.\r\n")
		for i := 1; name == "lmtp" && i < 1000; i++ {
			if got, err = c.ReadReply(); err != nil {
				t.Fatalf("reply %d: %v", i, err)
			}
		}
		if m := r.sink.Messages()[0]; got.Code != 250 || len(m.RcptTo) != 1000 || m.RcptTo[999] != "<r999@example.net>" {
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
	got := []string{r.send(c, "x\r\n.\r\n").String()}
	for range 2 {
		reply, err := c.ReadReply()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, reply.String())
	}
	want := []string{"250 same@example.net / second line", "350 same@example.net / second line", "450 b@example.net / second line"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.want(c, "NOOP", 250)
}

func TestNextHopMisbehaves(t *testing.T) {
	hangup := sink.Act{Hangup: true}
	tests := []struct {
		name                   string
		step                   sink.Step
		act                    sink.Act
		mail, rcpt, data, done int
	}{
		{"hangs up at the greeting", sink.Connect, hangup, 451, 0, 0, 0},
		{"refuses at the greeting", sink.Connect, sink.Act{Reply: "554 5.7.1 go away"}, 451, 0, 0, 0},
		{"hangs up at EHLO", sink.EHLO, hangup, 451, 0, 0, 0},
		{"hangs up at MAIL", sink.MAIL, hangup, 451, 0, 0, 0},
		{"is busy at MAIL", sink.MAIL, sink.Act{Reply: "452 4.3.1 full"}, 452, 0, 0, 0},
		{"says 421 at MAIL", sink.MAIL, sink.Act{Reply: "421 4.3.2 bye"}, 451, 0, 0, 0},
		{"hangs up at RCPT", sink.RCPT, hangup, 250, 451, 0, 0},
		{"says 421 at RCPT", sink.RCPT, sink.Act{Reply: "421 4.3.2 bye"}, 250, 451, 0, 0},
		{"hangs up at DATA", sink.DATA, hangup, 250, 250, 354, 451},
		{"refuses DATA", sink.DATA, sink.Act{Reply: "451 4.3.0 later"}, 250, 250, 354, 451},
		{"hangs up at the dot", sink.Dot, hangup, 250, 250, 354, 451},
		{"refuses at the dot", sink.Dot, sink.Act{Reply: "550 5.6.0 no"}, 250, 250, 354, 550},
		{"talks nonsense", sink.Dot, sink.Act{Reply: "hello"}, 250, 250, 354, 451},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
				if step == tt.step {
					return tt.act
				}
				return sink.Act{}
			})
			c := r.hello("smtp")
			r.want(c, "MAIL FROM:<a@example.org>", tt.mail)
			if tt.rcpt != 0 {
				r.want(c, "RCPT TO:<b@example.net>", tt.rcpt)
			}
			if tt.data != 0 {
				r.want(c, "DATA", tt.data)
				if got := r.send(c, "x\r\n.\r\n"); got.Code != tt.done {
					t.Errorf("end of data: got %v, want %d", got, tt.done)
				}
			}
			// The connection is still good, and so is the next mail object.
			r.sink.Misbehave(nil)
			r.want(c, "RSET", 250)
			r.envelope(c)
			if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 {
				t.Errorf("afterwards: got %v", got)
			}
		})
	}
}

func TestNextHopDown(t *testing.T) {
	r := newRig(t, nil)
	addr := r.sink.Addr()
	if err := r.sink.Close(); err != nil {
		t.Fatal(err)
	}
	c := r.hello("smtp")
	r.want(c, "MAIL FROM:<a@example.org>", 451)
	back, err := sink.Start(sink.Options{Address: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = back.Close() })
	r.envelope(c)
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 {
		t.Errorf("after it came back: got %v", got)
	}
}

func TestNextHopConnectionIsReused(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	for range 5 {
		r.envelope(c)
		r.send(c, "x\r\n.\r\n")
	}
	r.want(c, "QUIT", 221)
	if got := r.sink.Sessions(); got != 1 {
		t.Errorf("got %d connections to the next hop for one from the client", got)
	}
}

func TestBadCommands(t *testing.T) {
	r := newRig(t, nil)
	c := r.dial("smtp")
	r.want(c, "MAIL FROM:<a@example.org>", 503)
	r.want(c, "LHLO x", 500)
	r.want(c, "EHLO", 501)
	r.want(c, "XFORWARD NAME=x", 503)
	r.want(c, "EHLO x", 250)
	r.want(c, "RCPT TO:<a@example.org>", 503)
	r.want(c, "DATA", 503)
	r.want(c, "MAIL a@example.org", 501)
	r.want(c, "MAIL FROM:", 501)
	r.want(c, "BDAT 10 LAST", 502)
	r.want(c, "STARTTLS", 502)
	r.want(c, "", 502)
	r.want(c, "VRFY x", 252)
	r.want(c, "MAIL FROM:<a@example.org>", 250)
	r.want(c, "MAIL FROM:<a@example.org>", 503)
	r.want(c, "DATA now", 501)
	for range maxBadCommands - 3 {
		r.want(c, "FOO", 502)
	}
	r.want(c, "FOO", 421)
	if _, err := c.ReadReply(); err == nil {
		t.Error("the connection is still open")
	}
}

func TestCommandLineLimits(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	if got := r.send(c, "NOOP "+strings.Repeat("x", maxCommandLine)+"\r\n"); got.Code != 500 {
		t.Errorf("long line: got %v", got)
	}
	c = r.hello("smtp")
	if got := r.send(c, "MAIL FROM:<a@example.org>\rRCPT TO:<x@y>\r\n"); got.Code != 500 {
		t.Errorf("bare CR: got %v", got)
	}
	if _, err := c.ReadReply(); err == nil {
		t.Error("bare CR: the connection is still open")
	}
	c = r.hello("smtp")
	if got := r.send(c, "NOOP\n"); got.Code != 250 {
		t.Errorf("LF alone ends a command, as by hand: got %v", got)
	}
}

func TestClientsThatAreNotAllowed(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Listeners[0].AllowClients = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	conn, err := net.Dial("tcp", r.server.Addr("smtp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "554 5.7.1 ") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits Limits
		banner int // Of the second connection.
		mail   int // On it.
	}{
		{"connections", Limits{Connections: 1}, 421, 0},
		{"connections per client", Limits{ConnectionsPerClient: 1}, 421, 0},
		{"messages", Limits{Messages: 1}, 220, 452},
		{"octets", Limits{Octets: 150}, 220, 452},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Limits = tt.limits })
			first := r.hello("smtp")
			r.want(first, "MAIL FROM:<a@example.org> SIZE=100", 250)
			conn, err := net.Dial("tcp", r.server.Addr("smtp").String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			buf := make([]byte, 512)
			n, _ := conn.Read(buf)
			if got := string(buf[:n]); !strings.HasPrefix(got, fmt.Sprint(tt.banner)) {
				t.Fatalf("banner: got %q", got)
			}
			if tt.mail == 0 {
				return
			}
			second := r.hello("smtp")
			r.want(second, "MAIL FROM:<a@example.org> SIZE=100", tt.mail)
			r.want(first, "RSET", 250)
			r.want(second, "MAIL FROM:<a@example.org> SIZE=100", 250)
		})
	}
}

// A message that grows beyond what its SIZE said is counted all the same.
func TestOctetsInFlightGrow(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Limits.Octets = 3 << 20 })
	c := r.hello("smtp")
	r.envelope(c)
	if got := r.send(c, strings.Repeat("x", 4<<20)+"\r\n.\r\n"); got.Code != 452 {
		t.Errorf("got %v", got)
	}
	r.envelope(c)
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 {
		t.Errorf("afterwards: got %v", got)
	}
	if n, octets := r.server.limiter.load(); n != 0 || octets != 0 {
		t.Errorf("%d messages and %d octets are still counted", n, octets)
	}
}

func TestHandlerPanics(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Handle = func(context.Context, *Transaction) []Reply { panic("bug") } })
	c := r.hello("smtp")
	r.envelope(c)
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 451 {
		t.Errorf("got %v", got)
	}
	r.want(c, "NOOP", 250)
}

func TestHandlerWithTooFewReplies(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.Handle = func(context.Context, *Transaction) []Reply { return nil }
	})
	c := r.hello("lmtp")
	r.envelope(c)
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 451 {
		t.Errorf("got %v", got)
	}
}

func TestShutdown(t *testing.T) {
	in, out := make(chan struct{}), make(chan struct{})
	r := newRig(t, nil)
	pass := r.opts.Handle
	r.opts.Handle = func(ctx context.Context, tx *Transaction) []Reply {
		close(in)
		<-out
		return pass(ctx, tx)
	}
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	idle, busy := r.hello("smtp"), r.hello("smtp")
	addr := r.server.Addr("smtp").String()
	r.envelope(busy)
	if _, err := busy.Write([]byte("x\r\n.\r\n")); err != nil {
		t.Fatal(err)
	}
	<-in
	ended := make(chan error, 1)
	go func() { ended <- r.shutdown(20 * time.Second) }()
	if got, err := idle.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("idle connection: got %v, %v", got, err)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the listener still takes connections")
	}
	close(out)
	if got, err := busy.ReadReply(); err != nil || got.Code != 250 {
		t.Errorf("connection in DATA: got %v, %v", got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

func TestShutdownIsBounded(t *testing.T) {
	in := make(chan struct{})
	r := newRig(t, func(o *Options) {
		o.Handle = func(ctx context.Context, tx *Transaction) []Reply {
			close(in)
			<-ctx.Done()
			return []Reply{NewReply(451, "4.3.2", "stopped")}
		}
	})
	c, stalled := r.hello("smtp"), r.hello("smtp")
	r.envelope(stalled) // Sends nothing more.
	r.envelope(c)
	if _, err := c.Write([]byte("x\r\n.\r\n")); err != nil {
		t.Fatal(err)
	}
	<-in
	if err := r.shutdown(50 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got, err := c.ReadReply(); err == nil && got.Code < 400 {
		t.Errorf("got %v", got)
	}
}

func TestApply(t *testing.T) {
	r := newRig(t, nil)
	idle, open := r.hello("smtp"), r.hello("smtp")
	r.want(open, "MAIL FROM:<a@example.org>", 250)
	r.opts.Hostname = "new.example.org"
	before := r.server.Addr("smtp").String()
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	if got, err := idle.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("idle connection: got %v, %v", got, err)
	}
	r.want(open, "RCPT TO:<b@example.net>", 250)
	r.want(open, "DATA", 354)
	if got := r.send(open, "x\r\n.\r\n"); got.Code != 250 {
		t.Errorf("open transaction: got %v", got)
	}
	if got, err := open.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("after the transaction: got %v, %v", got, err)
	}
	if after := r.server.Addr("smtp").String(); after != before {
		t.Errorf("the socket moved from %s to %s", before, after)
	}
	if got := r.want(r.dial("smtp"), "EHLO x", 250).Lines[0]; got != "new.example.org" {
		t.Errorf("new connection: got %q", got)
	}
	// A listener that cannot be opened leaves all as it was.
	bad := r.opts
	bad.Hostname = "bad.example.org"
	bad.Listeners = append(bad.Listeners, Listener{Name: "x", Address: ParseAddress("unix:/nonexistent/folder/x"), Protocol: SMTP})
	if err := r.server.Apply(bad); err == nil {
		t.Error("a listener that cannot be opened was taken")
	}
	if got := r.want(r.dial("smtp"), "EHLO x", 250).Lines[0]; got != "new.example.org" {
		t.Errorf("after a bad change: got %q", got)
	}
}

func TestNewIDsAreUniqueAndSorted(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	l := &listener{now: func() time.Time { return now }}
	last, seen := "", map[string]bool{}
	for range 1000 {
		now = now.Add(time.Millisecond)
		id := l.newID()
		if len(id) != 16 || id <= last || seen[id] || strings.ContainsAny(id, "./") {
			t.Fatalf("got %q after %q", id, last)
		}
		last, seen[id] = id, true
	}
}

func FuzzConn(f *testing.F) {
	f.Add([]byte("EHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"))
	f.Add([]byte("LHLO x\r\nXFORWARD NAME=a\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n\n.\n\r\r\n.\r\nNOOP\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, name := range []string{"smtp", "lmtp"} {
			fuzzConn(t, name, in)
		}
	})
}

// fuzzConn says in to a listener. It ends, every reply is well-formed, and no message holds what an end of data has cut off.
func fuzzConn(t *testing.T, name string, in []byte) {
	r := newRig(t, func(o *Options) { o.Timeouts.Idle = time.Second })
	defer r.shutdown(time.Second)
	addr := r.server.Addr(name)
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		_, _ = c.Write(in)
		if cw, ok := c.(interface{ CloseWrite() error }); ok {
			_ = cw.CloseWrite()
		}
	}()
	out, _ := io.ReadAll(c)
	for line := range strings.SplitAfterSeq(string(out), "\r\n") {
		if _, _, _, err := parseReplyLine(strings.TrimSuffix(line, "\r\n")); line != "" && err != nil {
			t.Fatalf("%q was answered with the line %q", in, line)
		}
	}
	for _, m := range r.sink.Messages() {
		if bytes.Contains(m.Data, []byte("\r\n.\r\n")) && !bytes.Contains(in, []byte("\r\n..\r\n")) {
			t.Fatalf("%q became a message with an end of data inside: %q", in, m.Data)
		}
	}
}
