// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

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
