// SPDX-License-Identifier: Apache-2.0

package sink_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

func start(t *testing.T, o sink.Options) *sink.Server {
	t.Helper()
	s, err := sink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func dial(t *testing.T, address string) *smtptest.Client {
	t.Helper()
	c, _, err := smtptest.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestKeepsOctets(t *testing.T) {
	tests := []struct{ name, body string }{
		{"empty", ""},
		{"dots", ".\r\n..\r\n.x\r\n\r\n.\r\n"},
		{"bare LF dot", "a\n.\nb\r\n.\nc\n.\r\n"},
		{"bare CR dot", "a\r.\r\nb\r.\rc\r\n"},
		{"CR CR LF", "a\r\r\n.\r\n"},
		{"NUL and 8-bit", "\x00\xff\x80\r\n"},
		{"line longer than any buffer", strings.Repeat("y", 300_000) + "\r\n"},
		{"dot behind a full buffer", strings.Repeat("y", 64<<10) + ".\r\n"},
		{"CR at the end of a full buffer", strings.Repeat("y", 64<<10-1) + "\r\n.z\r\n"},
	}
	s := start(t, sink.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Reset()
			o, err := smtptest.Send(s.Addr(), smtptest.Mail{From: "<a@example.org> SIZE=1", To: []string{`<"b c"@example.net> NOTIFY=NEVER`}, Body: []byte(tt.body)})
			if err != nil || !o.OK() {
				t.Fatalf("send: %v, %v", o, err)
			}
			got := s.Messages()
			if len(got) != 1 {
				t.Fatalf("got %d messages, want 1", len(got))
			}
			if diff := cmp.Diff(tt.body, string(got[0].Data)); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
			if got[0].MailFrom != "<a@example.org> SIZE=1" || got[0].RcptTo[0] != `<"b c"@example.net> NOTIFY=NEVER` {
				t.Errorf("envelope: got %q, %q", got[0].MailFrom, got[0].RcptTo)
			}
			if f := s.Faults(); len(f) > 0 {
				t.Errorf("faults: %q", f)
			}
		})
	}
}

func TestXForward(t *testing.T) {
	s := start(t, sink.Options{})
	c := dial(t, s.Addr())
	lines := []string{
		"EHLO x", "XFORWARD NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::1", "XFORWARD HELO=a+20b+2", "MAIL FROM:<>", "RCPT TO:<a@example.org>", "DATA",
	}
	replies, err := c.Pipeline(lines...)
	if err != nil || !replies[5].OK() {
		t.Fatalf("got %v, %v", replies, err)
	}
	if _, err := c.Write([]byte(".\r\n")); err != nil {
		t.Fatal(err)
	}
	if r, err := c.ReadReply(); err != nil || !r.OK() {
		t.Fatalf("dot: got %v, %v", r, err)
	}
	// The attributes are good for one transaction.
	if o, err := c.Send(smtptest.Mail{From: "<>", To: []string{"<b@example.org>"}}); err != nil || !o.OK() {
		t.Fatalf("second message: %v, %v", o, err)
	}
	m := s.Messages()
	got := []string{m[0].Attribute("NAME"), m[0].Attribute("ADDR"), m[0].Attribute("HELO"), m[1].Attribute("ADDR")}
	if diff := cmp.Diff([]string{"", "IPV6:2001:db8::1", "a b+2", ""}, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if m[0].Session != m[1].Session {
		t.Errorf("sessions %d and %d, want the same", m[0].Session, m[1].Session)
	}
}

func TestMisbehaves(t *testing.T) {
	at := func(step sink.Step, act sink.Act) sink.Script {
		return func(s sink.Step, _ string) sink.Act {
			if s == step {
				return act
			}
			return sink.Act{}
		}
	}
	tests := []struct {
		name   string
		script sink.Script
		code   int // Of the last reply; 0 if the connection breaks.
		kept   int
	}{
		{"behaves", nil, 250, 1},
		{"refuses MAIL", at(sink.MAIL, sink.Act{Reply: "452 4.3.1 full"}), 452, 0},
		{"refuses RCPT", at(sink.RCPT, sink.Act{Reply: "550 5.1.1 unknown"}), 550, 0},
		{"refuses DATA", at(sink.DATA, sink.Act{Reply: "451 4.3.0 no"}), 451, 0},
		{"refuses the dot", at(sink.Dot, sink.Act{Reply: "554 5.7.1 no"}), 554, 0},
		{"hangs up at RCPT", at(sink.RCPT, sink.Act{Hangup: true}), 0, 0},
		{"takes and hangs up", at(sink.Dot, sink.Act{Hangup: true}), 0, 1},
		{"refuses and hangs up", at(sink.Dot, sink.Act{Reply: "451 4.3.0 no", Hangup: true}), 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, sink.Options{Script: tt.script})
			o, err := smtptest.Send(s.Addr(), smtptest.Mail{From: "<>", To: []string{"<a@example.org>"}, Body: []byte("x\r\n")})
			switch {
			case tt.code == 0 && !errors.Is(err, io.EOF):
				t.Errorf("got %v, %v, want a broken connection", o, err)
			case tt.code != 0 && (err != nil || o.Final().Code != tt.code):
				t.Errorf("got %v, %v, want code %d", o, err, tt.code)
			}
			if got := len(s.Messages()); got != tt.kept {
				t.Errorf("kept %d messages, want %d", got, tt.kept)
			}
		})
	}
}

func TestLMTP(t *testing.T) {
	s := start(t, sink.Options{LMTP: true, Script: func(step sink.Step, arg string) sink.Act {
		if step == sink.Dot && strings.Contains(arg, "full") {
			return sink.Act{Reply: "452 4.2.2 full"}
		}
		return sink.Act{}
	}})
	o, err := smtptest.Send(s.Addr(), smtptest.Mail{LMTP: true, From: "<>", To: []string{"<a@example.org>", "<full@example.org>"}, Body: []byte("x\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Dot) != 2 || o.Dot[0].Code != 250 || o.Dot[1].Code != 452 {
		t.Errorf("got %v, want 250 and 452", o.Dot)
	}
	if m := s.Messages(); len(m) != 1 || m[0].RcptTo[0] != "<a@example.org>" {
		t.Errorf("got %v, want the message for a@example.org alone", m)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name  string
		lines string
		code  int
		want  string
	}{
		{"bare LF", "NOOP\n", 250, "bare LF"},
		{"unknown command", "FOO\r\n", 502, "unknown command"},
		{"MAIL before EHLO", "MAIL FROM:<>\r\n", 503, "out of order"},
		{"LHLO", "LHLO x\r\n", 500, "LHLO"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, sink.Options{})
			c := dial(t, s.Addr())
			if _, err := c.Write([]byte(tt.lines)); err != nil {
				t.Fatal(err)
			}
			if r, err := c.ReadReply(); err != nil || r.Code != tt.code {
				t.Errorf("got %v, %v, want %d", r, err, tt.code)
			}
			if f := s.Faults(); len(f) != 1 || !strings.Contains(f[0], tt.want) {
				t.Errorf("faults: got %q, want one about %q", f, tt.want)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	s := start(t, sink.Options{MaxSize: 1000})
	for size, code := range map[int]int{1000: 250, 1001: 552} {
		o, err := smtptest.Send(s.Addr(), smtptest.Mail{From: "<>", To: []string{"<a@example.org>"}, Body: []byte(strings.Repeat("x", size-2) + "\r\n")})
		if err != nil || o.Final().Code != code {
			t.Errorf("%d octets: got %v, %v, want %d", size, o, err, code)
		}
	}
}

func TestCloseDoesNotWaitForScripts(t *testing.T) {
	s := start(t, sink.Options{})
	reached := make(chan struct{})
	s.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.MAIL {
			close(reached)
			return sink.Act{Until: make(chan struct{})}
		}
		return sink.Act{}
	})
	c := dial(t, s.Addr())
	if _, err := c.Write([]byte("EHLO x\r\nMAIL FROM:<>\r\n")); err != nil {
		t.Fatal(err)
	}
	<-reached
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	s := start(t, sink.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Wait(ctx, func(m []*sink.Message) bool { return len(m) > 0 })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestPaths(t *testing.T) {
	tests := []struct{ path, address, ret string }{
		{"<a@example.org> RET=HDRS", "a@example.org", "HDRS"},
		{"<>", "", ""},
		{`<"a> RET=FULL"@example.org> ret=HDRS`, `"a> RET=FULL"@example.org`, "HDRS"},
	}
	for _, tt := range tests {
		if got := sink.Address(tt.path); got != tt.address {
			t.Errorf("Address(%s): got %q, want %q", tt.path, got, tt.address)
		}
		if got := sink.Param(tt.path, "RET"); got != tt.ret {
			t.Errorf("Param(%s): got %q, want %q", tt.path, got, tt.ret)
		}
	}
}

func TestFields(t *testing.T) {
	m := &sink.Message{Data: []byte("X-A: 1\r\nReceived: from a\r\n\tby b\r\nx-a : 2\r\n\r\nX-A: 3\r\n")}
	if diff := cmp.Diff([]string{"1", "2"}, m.Fields("X-A")); diff != "" {
		t.Errorf("X-A (-want +got):\n%s", diff)
	}
	if got, want := m.Field("received"), "from a\tby b"; got != want {
		t.Errorf("Received: got %q, want %q", got, want)
	}
	if got := m.Field("Subject"); got != "" {
		t.Errorf("Subject: got %q, want none", got)
	}
}
