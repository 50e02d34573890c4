// SPDX-License-Identifier: Apache-2.0

// Package integration runs the built mailweir behind a real, private Postfix, in each of the three ways Postfix can hand mail over. It shows the
// promises of the design from outside: what a client was told, what came out at the end, what is in the queue and in quarantine.
package integration

import (
	"context"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// limit is how long one test may wait, over all.
const limit = 2 * time.Minute

// program is mailweir, built once for all tests.
var program rigtest.Program

func TestMain(m *testing.M) { program.Main(m) }

// need gives the time the test has, or skips it with what is missing.
func need(t *testing.T) context.Context {
	t.Helper()
	return rigtest.Need(t, limit)
}

// start starts a rig that ends with the test. If the test fails, the logs are shown.
func start(ctx context.Context, t *testing.T, o rig.Options) *rig.Rig {
	t.Helper()
	return program.Start(ctx, t, o)
}

// send sends a message in by the front door. A connection that breaks ends the test.
func send(t *testing.T, r *rig.Rig, m smtptest.Mail) *smtptest.Outcome {
	t.Helper()
	o, err := smtptest.Send(r.Postfix.Addr(rig.In), m)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	return o
}

// sendOK sends a message that has to be taken.
func sendOK(t *testing.T, r *rig.Rig, m smtptest.Mail) {
	t.Helper()
	if o := send(t, r, m); !o.OK() {
		t.Fatalf("send: got %s, want it taken", o.Final())
	}
}

// arrive waits for that many messages at the sink.
func arrive(ctx context.Context, t *testing.T, r *rig.Rig, n int) []*sink.Message {
	t.Helper()
	if err := r.Sink.Wait(ctx, func(m []*sink.Message) bool { return len(m) >= n }); err != nil {
		t.Fatal(err)
	}
	m := r.Sink.Messages()
	if len(m) > n {
		t.Fatalf("got %d messages at the sink, want %d", len(m), n)
	}
	return m
}

// drained waits until Postfix's queue is empty.
func drained(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	if err := r.Postfix.Drain(ctx); err != nil {
		t.Fatal(err)
	}
}

// kept waits for the queue to drain and wants that many messages in quarantine and that many at the sink.
func kept(ctx context.Context, t *testing.T, r *rig.Rig, inQuarantine, out int) []*rig.Kept {
	t.Helper()
	drained(ctx, t, r)
	k, err := r.Weir.Kept()
	if err != nil {
		t.Fatal(err)
	}
	if len(k) != inQuarantine {
		t.Fatalf("got %d messages in quarantine, want %d", len(k), inQuarantine)
	}
	if got := len(r.Sink.Messages()); got != out {
		t.Fatalf("got %d messages at the sink, want %d", got, out)
	}
	return k
}
