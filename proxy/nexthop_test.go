// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"testing"

	"github.com/mailweir/mailweir/internal/sink"
)

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
