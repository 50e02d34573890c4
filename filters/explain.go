// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/mailweir/mailweir/mail"
)

// Explainer is a filter that can tell more about a message than the details of findings may: what it says may quote the message. It is for a person who looks
// into one message, never for logs and records. What Inspect may count on, Explain may.
type Explainer interface {
	Filter
	Explain(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]string, error)
}

// Explanation is what one filter has to tell, a line for each thing.
type Explanation struct {
	Filter string
	Lines  []string
}

// Explain asks the explainers of the chain about a message that they have answered about. One that cannot say has a line that tells why.
func (c *Chain) Explain(ctx context.Context, env *mail.Envelope, msg *mail.Message, r Result) []Explanation {
	var all []Explanation
	for _, n := range c.answered(r) {
		e, ok := n.Filter.(Explainer)
		if !ok {
			continue
		}
		lines, err := explain(ctx, e, env, msg)
		if err != nil {
			lines = append(lines, fmt.Sprintf("no answer: %v", err))
		}
		if len(lines) > 0 {
			all = append(all, Explanation{n.Name, lines})
		}
	}
	return all
}

// explain calls the filter and turns a panic into an error.
func explain(ctx context.Context, e Explainer, env *mail.Envelope, msg *mail.Message) (lines []string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return e.Explain(ctx, env, msg)
}
