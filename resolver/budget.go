// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Budget is what the look-ups for one message may cost together: their number, and the time from the first of them until all have ended. What the
// cache knows costs nothing. It is safe for many goroutines.
type Budget struct {
	max   int64
	time  time.Duration
	used  atomic.Int64
	begin func() time.Time // When the first look-up was paid for.
}

// NewBudget makes a budget of look-ups. It is for one message.
func NewBudget(lookups int, d time.Duration) *Budget {
	return &Budget{max: int64(lookups), time: d, begin: sync.OnceValue(time.Now)}
}

// Context is a context whose look-ups are paid for from the budget, and end with its time, which begins now. If ctx has a budget already, both pay. The
// cancel function is to be called when no more is to be looked up.
func (b *Budget) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(b.Pays(ctx), b.begin().Add(b.time))
}

// Pays is Context without a deadline, for work that is more than look-ups: those that begin when the time is over fail. It begins with the first one.
func (b *Budget) Pays(ctx context.Context) context.Context {
	outer, _ := ctx.Value(budgetKey{}).(*purse)
	return context.WithValue(ctx, budgetKey{}, &purse{b, outer})
}

// pay takes one look-up; false if none is left, or no time.
func (b *Budget) pay() bool {
	return b.used.Add(1) <= b.max && time.Since(b.begin()) < b.time
}

type budgetKey struct{}

type freshKey struct{}

// Fresh is a context for tests of what may have changed: its look-ups ask a server even if the answer is known, and no budget pays for them, as they
// are not for one message alone. Whoever uses it bounds their number.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

func isFresh(ctx context.Context) bool { return ctx.Value(freshKey{}) != nil }

// purse is a budget in a context, with the one of the context around it.
type purse struct {
	budget *Budget
	outer  *purse
}

// pay takes a look-up out of every budget of the context; false if one of them has none left.
func pay(ctx context.Context) bool {
	if isFresh(ctx) {
		return true
	}
	p, _ := ctx.Value(budgetKey{}).(*purse)
	for ; p != nil; p = p.outer {
		if !p.budget.pay() {
			return false
		}
	}
	return true
}
