// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
)

// Follower is a filter that wants to know what became of a message, to learn from it. Follow is called after the reply was decided on, once for each
// message that the filter has answered about; by many goroutines at once. It does not keep env or msg, and shall end soon after ctx is done. What
// it cannot do it logs.
type Follower interface {
	Filter
	Follow(ctx context.Context, env *mail.Envelope, msg *mail.Message, o Outcome)
}

// Outcome is what became of a message.
type Outcome struct {
	Findings   []Finding
	Recipients []Settled // One for each recipient of the envelope, in order.
}

// Settled is what became of a message for one recipient.
type Settled struct {
	Fate   string // Word of the action that settled it: deliver, defer, quarantine, reject, discard.
	Spam   bool   // The policy's threshold was reached.
	Policy string // Name of the recipient's policy.
}

// Follows tells if Follow would call anybody about a message with that result.
func (c *Chain) Follows(r Result) bool { return len(c.followers(r)) > 0 }

// Follow tells the followers of the chain that have answered about a message what became of it. It ends when the last of them has. A panic of one is logged.
func (c *Chain) Follow(ctx context.Context, env *mail.Envelope, msg *mail.Message, r Result, o Outcome) {
	for _, n := range c.followers(r) {
		c.follow(ctx, n, env, msg, o)
	}
}

func (c *Chain) follow(ctx context.Context, n Named, env *mail.Envelope, msg *mail.Message, o Outcome) {
	defer func() {
		if v := recover(); v != nil {
			c.log.WithFields(logrus.Fields{"id": idOf(env), "filter": n.Name, "err": v, "stack": string(debug.Stack())}).Error("filter panicked")
		}
	}()
	n.Filter.(Follower).Follow(ctx, env, msg, o)
}

func (c *Chain) followers(r Result) []Named {
	return slices.DeleteFunc(c.answered(r), func(n Named) bool {
		_, ok := n.Filter.(Follower)
		return !ok
	})
}

// answered are the filters that have answered about a message.
func (c *Chain) answered(r Result) []Named {
	var list []Named
	for _, st := range c.stages {
		for _, n := range st {
			if slices.ContainsFunc(r.Timings, func(t Timing) bool { return t.Filter == n.Name && t.Err == nil }) {
				list = append(list, n)
			}
		}
	}
	return list
}

// Close closes the filters that are io.Closers: they write down what they hold in memory. It is called when the chain was replaced and no message uses it any
// more, or the program ends. A message whose transaction was open then may come to a filter after that, and has to be answered all the same; Close is called
// once more for it.
func (c *Chain) Close() error {
	var errs []error
	for _, st := range c.stages {
		for _, n := range st {
			if f, ok := n.Filter.(io.Closer); ok {
				if err := f.Close(); err != nil {
					errs = append(errs, fmt.Errorf("filter %s: %w", n.Name, err))
				}
			}
		}
	}
	return errors.Join(errs...)
}
