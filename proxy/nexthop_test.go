// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// next starts another sink and makes it the next hop of all listeners.
func (r *rig) next(o sink.Options, p Protocol) {
	r.t.Helper()
	s, err := sink.Start(o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = s.Close() })
	r.sink = s
	for i := range r.opts.Listeners {
		r.opts.Listeners[i].NextHop, r.opts.Listeners[i].NextHopProtocol = ParseAddress(s.Addr()), p
	}
	if err := r.server.Apply(r.opts); err != nil {
		r.t.Fatal(err)
	}
}

func TestNextHopOnUnixSocket(t *testing.T) {
	for _, p := range []Protocol{SMTP, LMTP} {
		t.Run(string(p), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "next")
			r := newRig(t, nil)
			r.next(sink.Options{Address: "unix:" + path, LMTP: p == LMTP}, p)
			c := r.hello("smtp")
			r.deliver(t, c)
			if err := r.sink.Close(); err != nil {
				t.Fatal(err)
			}
			r.want(c, "MAIL FROM:<a@example.org>", 451)
			r.next(sink.Options{Address: "unix:" + path, LMTP: p == LMTP}, p)
			r.deliver(t, r.hello("smtp"))
		})
	}
}

// A next hop that speaks LMTP answers the end of data once for each recipient that it took; a client that speaks LMTP gets those.
func TestNextHopSpeaksLMTP(t *testing.T) {
	r := newRig(t, nil)
	r.next(sink.Options{LMTP: true, Script: func(step sink.Step, arg string) sink.Act {
		switch {
		case step == sink.RCPT && strings.Contains(arg, "gone"):
			return sink.Act{Reply: "550 5.1.1 unknown"}
		case step == sink.Dot && strings.Contains(arg, "full"):
			return sink.Act{Reply: "452 4.2.2 mailbox full"}
		case step == sink.Dot:
			return sink.Act{Reply: "250 2.0.0 kept for " + arg}
		}
		return sink.Act{}
	}}, LMTP)
	r.opts.Handle = relayReplies
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	c := r.hello("lmtp")
	for range 2 { // The next hop's connection is good for the next mail object.
		r.want(c, "MAIL FROM:<a@example.org>", 250)
		r.want(c, "RCPT TO:<one@example.net>", 250)
		r.want(c, "RCPT TO:<gone@example.net>", 550)
		r.want(c, "RCPT TO:<full@example.net>", 250)
		r.want(c, "RCPT TO:<two@example.net>", 250)
		r.want(c, "DATA", 354)
		got := r.sendTo(c, "x\r\n.\r\n", 3)
		want := []string{"250 2.0.0 kept for <one@example.net>", "452 4.2.2 mailbox full", "250 2.0.0 kept for <two@example.net>"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if n, faults := r.sink.Sessions(), r.sink.Faults(); n != 1 || len(faults) != 0 {
		t.Errorf("%d connections to the next hop, which says %q", n, faults)
	}
}

// relayReplies is a handler that relays the message, and the replies to each recipient.
func relayReplies(_ context.Context, tx *Transaction) []Reply {
	if _, err := tx.Hop.Data(func(w io.Writer) error {
		_, err := io.Copy(w, tx.Content.Reader())
		return err
	}); err != nil {
		return nil
	}
	replies, err := tx.Hop.Dot()
	if err != nil {
		return nil
	}
	return replies
}

// A next hop that is set to the wrong protocol is one that gives no answer.
func TestNextHopSpeaksTheOtherProtocol(t *testing.T) {
	for _, p := range []Protocol{SMTP, LMTP} {
		r := newRig(t, nil)
		r.next(sink.Options{LMTP: p == SMTP}, p)
		r.want(r.hello("smtp"), "MAIL FROM:<a@example.org>", 451)
	}
}
