// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// waits sends a message that cannot be handed on now. Behind the queue Postfix keeps it; before the queue the client is asked to come back.
func waits(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, m smtptest.Mail) {
	t.Helper()
	o := send(t, r, m)
	if way == postconf.BeforeQueue {
		if got := o.Final(); got.Code/100 != 4 {
			t.Fatalf("got %s, want a transient refusal", got)
		}
		return
	}
	if !o.OK() {
		t.Fatalf("got %s, want Postfix to take it", o.Final())
	}
	deferred := func(q []postfixtest.Queued) bool {
		return len(q) == 1 && slices.ContainsFunc(q, func(q postfixtest.Queued) bool { return q.Recipients[0].Reason != "" })
	}
	if err := r.Postfix.WaitQueue(ctx, deferred); err != nil {
		t.Fatal(err)
	}
}

// comes wants a message that waited to come out once all is well: Postfix tries by itself, a client comes back.
func comes(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, m smtptest.Mail) {
	t.Helper()
	if way == postconf.BeforeQueue {
		sendOK(t, r, m)
	} else if err := r.Postfix.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	arrive(ctx, t, r, 1)
	kept(ctx, t, r, 0, 1)
}

// Promise 2: a scanner that does not answer never means clean.
func TestScannerDead(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		dead := filepath.Join(t.TempDir(), "nobody-listens")
		r := start(ctx, t, rig.Options{Mode: way, Extra: fmt.Sprintf(oneScanner, "clamd: {address: 'unix:"+dead+"'}")})
		m := smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean}
		waits(ctx, t, r, way, m)
		if n := len(r.Sink.Messages()); n > 0 {
			t.Fatalf("%d messages passed unscanned", n)
		}
		if err := r.Weir.Configure(""); err != nil { // A scanner that works.
			t.Fatal(err)
		}
		if out, err := r.Weir.Run(ctx, "reload"); err != nil {
			t.Fatalf("reload: %v: %s", err, out)
		}
		comes(ctx, t, r, way, m)
	})
}

// A scanner that never ends, that talks nonsense, or that hangs up in the middle of its answer is as good as dead.
func TestScannerSlowOrLying(t *testing.T) {
	answers := map[string]fake.Handler{
		"slow": fake.Silent, "nonsense": fake.Say("stream: perhaps\x00"), "half an answer": fake.Say("stream: O"), "rude": fake.Rude,
	}
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		for name, answer := range answers {
			t.Run(name, func(t *testing.T) {
				ctx := need(t)
				extra := fmt.Sprintf("timeouts: {filter: 1s}\n"+oneScanner, "clamd: {address: '"+fake.Listen(t, answer).Addr()+"'}")
				r := start(ctx, t, rig.Options{Mode: way, Extra: extra})
				m := smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean}
				waits(ctx, t, r, way, m)
				if n := len(r.Sink.Messages()); n > 0 {
					t.Fatalf("%d messages passed unscanned", n)
				}
				if err := r.Weir.Configure(""); err != nil { // A scanner that works.
					t.Fatal(err)
				}
				if out, err := r.Weir.Run(ctx, "reload"); err != nil {
					t.Fatalf("reload: %v: %s", err, out)
				}
				comes(ctx, t, r, way, m)
			})
		}
	})
}

// One of two scanners is dead, and both are asked for.
func TestOneOfTwoScannersDead(t *testing.T) {
	ctx := need(t)
	dead := filepath.Join(t.TempDir(), "nobody-listens")
	r := start(ctx, t, rig.Options{Mode: postconf.BeforeQueue, Extra: fmt.Sprintf(
		"scanners: {list: {hashes: {}}, it: {clamd: {address: 'unix:%s'}}}\nchain: [[virus: {scanners: [list, it], require: all}]]\n%s", dead, quarantined)})
	waits(ctx, t, r, postconf.BeforeQueue, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean})
	// What one of them has found is a fact all the same.
	sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: []byte(infected(t)["zip"])})
	kept(ctx, t, r, 1, 0)
}

func TestMailweirDead(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way})
		if err := r.Weir.Kill(); err != nil {
			t.Fatal(err)
		}
		m := smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean}
		waits(ctx, t, r, way, m)
		if err := r.Weir.Start(ctx); err != nil {
			t.Fatal(err)
		}
		comes(ctx, t, r, way, m)
	})
}

// The next hop does not listen, hangs up, or refuses: 4xx, never 250, and all comes out when it is back.
func TestNextHopDead(t *testing.T) {
	at := func(step sink.Step, act sink.Act) sink.Script {
		return func(s sink.Step, _ string) sink.Act {
			if s == step {
				return act
			}
			return sink.Act{}
		}
	}
	scripts := []struct {
		name   string
		script sink.Script
	}{
		{"refuses connections", at(sink.Connect, sink.Act{Reply: "421 4.3.2 not now", Hangup: false})},
		{"hangs up at connect", at(sink.Connect, sink.Act{Hangup: true})},
		{"hangs up at EHLO", at(sink.EHLO, sink.Act{Hangup: true})},
		{"hangs up at MAIL", at(sink.MAIL, sink.Act{Hangup: true})},
		{"refuses MAIL", at(sink.MAIL, sink.Act{Reply: "452 4.3.1 full"})},
		{"hangs up at RCPT", at(sink.RCPT, sink.Act{Hangup: true})},
		{"refuses RCPT", at(sink.RCPT, sink.Act{Reply: "450 4.2.0 not now"})},
		{"hangs up at DATA", at(sink.DATA, sink.Act{Hangup: true})},
		{"refuses DATA", at(sink.DATA, sink.Act{Reply: "451 4.3.0 not now"})},
		{"refuses the dot", at(sink.Dot, sink.Act{Reply: "451 4.3.0 not now"})},
		{"hangs up at the dot", at(sink.Dot, sink.Act{Reply: "451 4.3.0 not now", Hangup: true})},
	}
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way, NextHopIsSink: true})
		for _, s := range scripts {
			t.Run(s.name, func(t *testing.T) {
				r.Sink.Reset()
				r.Sink.Misbehave(s.script)
				m := smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean}
				waits(ctx, t, r, way, m)
				r.Sink.Misbehave(nil)
				comes(ctx, t, r, way, m)
			})
		}
		log, err := r.Postfix.Log()
		if err != nil {
			t.Fatal(err)
		}
		// Postfix suspends all mail to a filter that drops connections.
		if strings.Contains(log, "lost connection with 127.0.0.2") {
			t.Error("mailweir dropped a connection of Postfix's")
		}
	})
}

// A real loop behind the queue: re-injection leads back to mailweir.
func TestLoop(t *testing.T) {
	for _, way := range []postconf.Mode{postconf.AfterQueueLMTP, postconf.AfterQueueSMTP} {
		t.Run(string(way), func(t *testing.T) {
			ctx := need(t)
			r := start(ctx, t, rig.Options{Mode: way, Loop: true})
			sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean})
			m := arrive(ctx, t, r, 1)[0]
			if sink.Address(m.MailFrom) != "" || sink.Address(m.RcptTo[0]) != "ann@example.org" || !strings.Contains(string(m.Data), "5.4.6") {
				t.Errorf("got from %s to %s, want a notification with 5.4.6:\n%s", m.MailFrom, m.RcptTo, m.Data)
			}
			kept(ctx, t, r, 0, 1)
		})
	}
}

// A message that has come through too often already.
func TestLoopFromOutside(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, rig.Options{Mode: postconf.BeforeQueue})
	sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean})
	added, _ := stripped(arrive(ctx, t, r, 1)[0].Data)
	i := slices.IndexFunc(added, func(f string) bool {
		return strings.Contains(f, "by weir.example.test") && strings.Contains(f, "mailweir)")
	})
	if i < 0 {
		t.Fatalf("no Received field of mailweir's in %q", added)
	}
	body := []byte(strings.Repeat(added[i], 6) + string(clean))
	o := send(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: body})
	if got := o.Final(); got.Code != 554 || !strings.HasPrefix(got.Lines[0], "5.4.6") {
		t.Errorf("got %s, want 554 5.4.6", got)
	}
	kept(ctx, t, r, 0, 1)
}

func TestOversize(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way, Extra: "message_size: 100KiB\n" + rig.DefaultExtra})
		body := []byte(head + "\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 2000))
		o := send(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: body})
		if way == postconf.BeforeQueue {
			if got := o.Final(); got.Code != 552 {
				t.Errorf("got %s, want 552", got)
			}
			kept(ctx, t, r, 0, 0)
			return
		}
		k := kept(ctx, t, r, 0, 1)
		if m := r.Sink.Messages()[0]; len(k) > 0 || sink.Address(m.MailFrom) != "" {
			t.Errorf("got a message from %s, want Postfix's notification", m.MailFrom)
		}
	})
}
