// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"math"
	"testing"

	"github.com/mailweir/mailweir/internal/sink"
)

// A reply that does not answer the command is never taken for a yes: the next hop has no mail then.
func TestRepliesThatAnswerSomethingElse(t *testing.T) {
	tests := []struct {
		name  string
		step  sink.Step
		reply string
		mail  int
		rcpt  int
		done  int
	}{
		{"250 to DATA", sink.DATA, "250 2.1.5 Ok", 250, 250, 451},
		{"354 to the dot", sink.Dot, "354 go on", 250, 250, 451},
		{"354 to MAIL", sink.MAIL, "354 go on", 451, 0, 0},
		{"354 to RCPT", sink.RCPT, "354 go on", 250, 451, 0},
		{"stray reply behind RCPT's", sink.RCPT, "250 2.1.5 Ok\r\n250 2.1.5 Ok", 250, 250, 451},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
				if step == tt.step {
					return sink.Act{Reply: tt.reply}
				}
				return sink.Act{}
			})
			c := r.hello("smtp")
			r.want(c, "MAIL FROM:<a@example.org>", tt.mail)
			if tt.rcpt != 0 {
				r.want(c, "RCPT TO:<b@example.net>", tt.rcpt)
			}
			if tt.done != 0 {
				r.want(c, "DATA", 354)
				if got := r.send(c, "x\r\n.\r\n"); got.Code != tt.done {
					t.Errorf("got %v, want %d", got, tt.done)
				}
			}
			r.sink.Misbehave(nil)
			r.sink.Reset()
			r.want(c, "RSET", 250)
			r.envelope(c)
			if got := r.send(c, "y\r\n.\r\n"); got.Code != 250 || len(r.sink.Messages()) != 1 {
				t.Errorf("afterwards: got %v and %d messages", got, len(r.sink.Messages()))
			}
		})
	}
}

// Before the queue each connection is one mail object: a change of the config, or the end of the server, must not refuse one that was
// greeted already.
func TestGreetedConnectionMayHaveItsTransaction(t *testing.T) {
	r := newRig(t, nil)
	fresh, dawdling := r.hello("smtp"), r.hello("smtp")
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	r.envelope(fresh)
	if got := r.send(fresh, "x\r\n.\r\n"); got.Code != 250 {
		t.Errorf("got %v", got)
	}
	if got, err := fresh.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("after its transaction: got %v, %v", got, err)
	}
	if got, err := dawdling.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("without one: got %v, %v", got, err)
	}
}

func TestXforwardEndsWithRSET(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	r.want(c, "XFORWARD IDENT=4F1 SOURCE=LOCAL", 250)
	r.want(c, "RSET", 250)
	r.envelope(c)
	r.send(c, "x\r\n.\r\n")
	if got := r.envelopes()[0].Client; got.Ident != "" || got.Source != "" {
		t.Errorf("got %+v", got)
	}
}

func TestAdmitDoesNotOverflow(t *testing.T) {
	l := newLimiter()
	l.set(Limits{Octets: 100})
	if _, err := l.admit(10); err != nil {
		t.Fatal(err)
	}
	if _, err := l.admit(math.MaxInt64); err == nil {
		t.Error("more octets than there are were admitted")
	}
}
