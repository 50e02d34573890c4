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
	return context.WithDeadline(b.Pays(ctx), b.end())
}

// Pays is Context for work that is more than look-ups: the time begins with the first of them, and only look-ups end with it.
func (b *Budget) Pays(ctx context.Context) context.Context {
	outer, _ := ctx.Value(budgetKey{}).(*purse)
	return context.WithValue(ctx, budgetKey{}, &purse{b, outer})
}

// end is when its time is over. It begins now if it has not begun.
func (b *Budget) end() time.Time { return b.begin().Add(b.time) }

// pay takes one look-up; the error is ErrBudget if none is left, errTime if there is no time.
func (b *Budget) pay() error {
	switch {
	case b.used.Add(1) > b.max:
		return ErrBudget
	case time.Since(b.begin()) >= b.time:
		return errTime
	}
	return nil
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

// within is a context that ends when the time of one of the budgets that have paid is over; errTime is the cause, unless that is the end of ctx anyway.
func within(ctx context.Context) (context.Context, context.CancelFunc) {
	p, _ := ctx.Value(budgetKey{}).(*purse)
	if p == nil || isFresh(ctx) {
		return ctx, func() {}
	}
	end := p.budget.end()
	for p = p.outer; p != nil; p = p.outer {
		if e := p.budget.end(); e.Before(end) {
			end = e
		}
	}
	if own, ok := ctx.Deadline(); ok && !own.After(end) {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, end, errTime)
}

// pay takes a look-up out of every budget of the context; the error is that of the first one that has nothing left.
func pay(ctx context.Context) error {
	if isFresh(ctx) {
		return nil
	}
	p, _ := ctx.Value(budgetKey{}).(*purse)
	for ; p != nil; p = p.outer {
		if err := p.budget.pay(); err != nil {
			return err
		}
	}
	return nil
}
