// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// slow is a filter that learns only once it is let.
type slow struct {
	let  chan struct{}
	told chan string // What it reads of the message then.
}

func (*slow) Inspect(context.Context, *mail.Envelope, *mail.Message) ([]filters.Finding, error) {
	return nil, nil
}

func (s *slow) Follow(_ context.Context, _ *mail.Envelope, msg *mail.Message, o filters.Outcome) {
	<-s.let
	var b bytes.Buffer
	if err := msg.Write(&b, nil); err != nil {
		b.WriteString(err.Error())
	}
	s.told <- o.Recipients[0].Fate + " " + b.String()
}

// learner puts a slow filter in the place of the rig's.
func (r *rig) learner() *slow {
	r.t.Helper()
	s := &slow{let: make(chan struct{}), told: make(chan string, 1)}
	chain, err := filters.NewChain([]filters.Stage{{{Name: "slow", Filter: s}}}, filters.ChainConfig{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.g.Engine().chain = chain
	return s
}

// A filter that learns holds nobody up, has the message as long as it needs it, even beyond a reload, and the end waits for it.
func TestFollowOutlivesTheReply(t *testing.T) {
	r := newRigTo(t, policies, sink.Options{})
	s := r.learner()
	if got := r.send(mailObject{listener: "smtp", to: []string{"<u@x>"}, body: clean}); !strings.HasPrefix(got[0], "250 ") {
		t.Fatalf("got %q", got)
	}
	if err := r.g.Reload(r.config(policies)); err != nil {
		t.Fatal(err)
	}
	if got := r.send(mailObject{listener: "smtp", to: []string{"<u@x>"}, body: clean}); !strings.HasPrefix(got[0], "250 ") {
		t.Fatalf("got %q", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := r.g.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "filters still learn") {
		t.Errorf("shutdown while a filter learns: %v", err)
	}
	close(s.let)
	if diff := cmp.Diff("deliver "+clean, <-s.told); diff != "" {
		t.Errorf("learned (-want +got):\n%s", diff)
	}
	r.shutdown()
}

// What ended in a panic is not learned as delivered: the client comes again.
func TestFateWithoutReply(t *testing.T) {
	d := &delivery{fates: make([]policy.Fate, 4), replies: []proxy.Reply{{}, proxy.NewReply(250, "2.0.0", "Ok"), proxy.NewReply(451, "4.3.0", "no"), proxy.NewReply(554, "5.7.1", "no")}}
	d.fates[1] = policy.Quarantine
	for i, want := range []policy.Fate{policy.Defer, policy.Quarantine, policy.Defer, policy.Reject} {
		if got := d.fate(i); got != want {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
}

// For whom all was done before, it is what was done: who was to be refused then shared a reply with others, and the message was kept for him; who is to be put
// off now was not then.
func TestFateOfBefore(t *testing.T) {
	d := &delivery{
		replies: make([]proxy.Reply, 3), before: []progress{{done: true}, {done: true}, {done: true}},
		account: &Account{Dispositions: []policy.Disposition{{Fate: policy.Deliver}, {Fate: policy.Reject}, {Fate: policy.Defer}}},
	}
	for i, want := range []policy.Fate{policy.Deliver, policy.Quarantine, policy.Deliver} {
		if got := d.fate(i); got != want {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
}

// A no of the next hop is what became of the message, for the metrics and the log too.
func TestFateByNextHop(t *testing.T) {
	r := newRig(t, policies)
	r.atDot(1, "550 5.2.0 never")
	r.send(mailObject{listener: "lmtp", queueID: "4F1", to: []string{"<deliver@x>"}, body: clean})
	if n := testutil.ToFloat64(r.g.metrics.recipients.WithLabelValues("lmtp", "reject")); n != 1 || !strings.Contains(r.log.String(), "fate=reject") {
		t.Errorf("counted %v:\n%s", n, &r.log)
	}
}
