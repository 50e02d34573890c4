// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// Named is a filter with the name that the config gives it.
type Named struct {
	Name    string
	Filter  Filter
	Timeout time.Duration // How long it may look at one message; 0 leaves it to the context of Run.
	Inbound bool          // It is about spam: it is left out for outbound mail, and once that is settled.
}

// Stage is a set of filters that look at a message side by side.
type Stage []Named

// Chain runs filters over messages: the filters of a stage together, the stages in order. Run may be called by many
// goroutines at once.
type Chain struct {
	stages   []Stage
	log      logrus.FieldLogger
	metrics  *metrics
	unpacker *unpack.Unpacker
	settled  func(*mail.Envelope, []Finding) bool // Nil if it never is.
}

// Result is what a run of the chain found.
type Result struct {
	Findings []Finding     // In the order of stages, of filters in a stage, and as each filter returned them.
	Timings  []Timing      // One for each filter that ran, in the same order.
	Skipped  []string      // Names of the filters that did not run because every recipient's fate was sealed, or spam is settled or the mail outbound.
	Defects  []mail.Defect // What had to be forgiven in the message. Limits that were hit and what may hide content are findings too.

	// Pending is nil if all filters have ended. Else some were left behind after their time, still read the message,
	// and close Pending when the last of them has ended: until then the message's spool stays open.
	Pending <-chan struct{}
}

// Timing tells how long one filter took and what kept it from answering.
type Timing struct {
	Filter string
	Took   time.Duration
	Err    error // Nil if it answered.
}

// ChainConfig is what a chain is given to work with. Fields may be nil: then nothing is logged or counted.
type ChainConfig struct {
	Log        logrus.FieldLogger
	Registerer prometheus.Registerer
	Unpacker   *unpack.Unpacker // That of the filters' Deps. What it could not open becomes findings, once for all filters.

	// Settled tells, after each stage and with all findings so far, if the filters about spam may be left out from then on. Nil for never.
	Settled func(env *mail.Envelope, found []Finding) bool
}

// NewChain makes a chain. Names of filters are unique in it, because findings, metrics and the log go by them.
func NewChain(stages []Stage, c ChainConfig) (*Chain, error) {
	seen := map[string]bool{}
	for _, st := range stages {
		for _, n := range st {
			switch {
			case n.Name == "" || n.Filter == nil:
				return nil, fmt.Errorf("chain: filter %q has no name or is nil", n.Name)
			case seen[n.Name]:
				return nil, fmt.Errorf("chain: two filters have the name %q", n.Name)
			}
			seen[n.Name] = true
		}
	}
	m, err := newMetrics(c.Registerer, stages)
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	return &Chain{stages: stages, log: LogOrNone(c.Log), metrics: m, unpacker: c.Unpacker, settled: c.Settled}, nil
}

// LogOrNone is log, or a log that drops all if it is nil.
func LogOrNone(log logrus.FieldLogger) logrus.FieldLogger {
	if log != nil {
		return log
	}
	none := logrus.New()
	none.SetOutput(io.Discard)
	none.SetLevel(logrus.PanicLevel)
	return none
}

// Run looks at one message. It ends at the latest the grace time after ctx is done. A filter that gives no answer in time,
// panics or fails becomes a finding of class Failure; limits that were hit when the message was read become findings of class
// Unscannable, what may hide content one of class Ambiguous; so does what could not be opened in it, once a filter has had it
// unpacked. After each stage sealed, if it is not nil, is asked with all findings so far if the rest may be skipped.
func (c *Chain) Run(ctx context.Context, env *mail.Envelope, msg *mail.Message, sealed func([]Finding) bool) Result {
	res := Result{Defects: msg.Defects()}
	res.Findings = c.metrics.counted(readFindings(res.Defects))
	var late tail
	walked := false
	for i, st := range c.stages {
		if i > 0 && sealed != nil && sealed(res.Findings) {
			res.Skipped = append(res.Skipped, names(c.stages[i:])...)
			break
		}
		st, skipped := st.without(env != nil && env.Outbound || i > 0 && c.settled != nil && c.settled(env, res.Findings))
		res.Skipped = append(res.Skipped, skipped...)
		for _, r := range c.runStage(ctx, st, env, msg, &late) {
			res.Findings = append(res.Findings, signed(msg, r.findings)...)
			res.Timings = append(res.Timings, r.timing)
		}
		if in := c.contents(msg); in != nil && !walked {
			walked = true
			res.Findings = append(res.Findings, c.metrics.counted(signed(msg, contentFindings(in)))...)
		}
	}
	res.Pending = late.pending()
	return res
}

// without is the stage without the filters about spam, if there is no need for them, and their names.
func (st Stage) without(needless bool) (run Stage, skipped []string) {
	if !needless {
		return st, nil
	}
	for _, n := range st {
		if n.Inbound {
			skipped = append(skipped, n.Name)
			continue
		}
		run = append(run, n)
	}
	return run, skipped
}

// contents is what is in the message, if a filter has asked for it.
func (c *Chain) contents(msg *mail.Message) *unpack.Contents {
	if c.unpacker == nil {
		return nil
	}
	return c.unpacker.Known(msg)
}

// signed notes which findings are about a part that must not be changed (RFC 1847: that would break the signature).
func signed(msg *mail.Message, found []Finding) []Finding {
	for i, f := range found {
		if p := msg.Part(f.Part); p != nil {
			if seal := p.Seal(); seal != nil {
				found[i].Signed = seal.ID
			}
		}
	}
	return found
}

func names(stages []Stage) []string {
	var all []string
	for _, st := range stages {
		for _, n := range st {
			all = append(all, n.Name)
		}
	}
	return all
}

// runStage starts all filters of a stage and then waits for each of them.
func (c *Chain) runStage(ctx context.Context, st Stage, env *mail.Envelope, msg *mail.Message, late *tail) []outcome {
	runs := make([]*run, len(st))
	for i, n := range st {
		runs[i] = start(ctx, n, env, msg)
	}
	out := make([]outcome, len(st))
	for i, r := range runs {
		a, ended := r.wait()
		if !ended {
			late.add(r.answer)
		}
		out[i] = c.judge(r, a, env)
	}
	return out
}

// outcome is what the chain makes of one filter's run.
type outcome struct {
	findings []Finding
	timing   Timing
}

// judge makes findings out of an answer, counts them, and logs what points to a bug in the filter.
func (c *Chain) judge(r *run, a answer, env *mail.Envelope) outcome {
	name := r.named.Name
	found := bounded(name, a.findings)
	if f, failed := a.failure(r.named); failed {
		found = append(found, f)
	}
	var bug *panicError
	switch {
	case errors.As(a.err, &bug):
		c.log.WithFields(logrus.Fields{"id": idOf(env), "filter": name, "err": bug, "stack": string(bug.stack)}).Error("filter panicked")
	case errors.Is(a.err, errLeftBehind):
		c.log.WithFields(logrus.Fields{"id": idOf(env), "filter": name, "dur": a.took}).Error("filter does not end, left behind")
	}
	c.metrics.observe(name, a)
	return outcome{
		findings: c.metrics.counted(found),
		timing:   Timing{Filter: name, Took: a.took, Err: a.err},
	}
}

func idOf(env *mail.Envelope) string {
	if env == nil {
		return ""
	}
	return env.ID
}
