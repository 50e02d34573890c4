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
