// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/sink"
)

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
