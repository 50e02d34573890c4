// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Limits says what looking into one message may cost. All who parse, decode and unpack it share one Budget made from it.
type Limits struct {
	Depth        int           // Entities and archives inside one another.
	Parts        int           // Entities of the MIME tree, nested messages included.
	HeaderOctets int64         // Octets of all header sections together; a short line counts as 32.
	Params       int           // Parameters of one Content-Type or Content-Disposition.
	Octets       int64         // Octets that all archives together unpack to.
	Ratio        int64         // Unpacked octets for one packed octet, once Octets/16 have been unpacked.
	Entries      int           // Entries of all archives together.
	Time         time.Duration // From Parse to the end of the last look inside.
}

// DefaultLimits suit a gateway for people: no real message comes near them.
func DefaultLimits() Limits {
	return Limits{
		Depth:        16,
		Parts:        10_000,
		HeaderOctets: 2 << 20,
		Params:       200,
		Octets:       1 << 30,
		Ratio:        1_000,
		Entries:      10_000,
		Time:         2 * time.Minute,
	}
}

// A LimitError tells which limit of the Budget was hit. It is never the same as "clean".
type LimitError struct {
	Limit string // Name as in the config: depth, parts, header_octets, params, octets, ratio, entries, time.
	Max   int64
}

func (e *LimitError) Error() string { return fmt.Sprintf("limit %s (%d) exceeded", e.Limit, e.Max) }

// Budget is what is left to spend on one message. It is safe for many goroutines. Once a limit is hit, every later
// request for the same thing fails too.
type Budget struct {
	limits   Limits
	deadline time.Time
	now      func() time.Time
	parts    atomic.Int64
	header   atomic.Int64
	octets   atomic.Int64
	packed   atomic.Int64
	entries  atomic.Int64
}

// NewBudget starts a budget; its time runs from now() on. A nil now is time.Now.
func NewBudget(l Limits, now func() time.Time) *Budget {
	if now == nil {
		now = time.Now
	}
	return &Budget{limits: l, now: now, deadline: now().Add(l.Time)}
}

// again is a budget with the same limits of which nothing is spent, for a message that was looked at before.
func (b *Budget) again() *Budget { return NewBudget(b.limits, b.now) }

// Limits are the limits that the budget began with.
func (b *Budget) Limits() Limits { return b.limits }

// Depth asks for leave to look at something depth levels inside the message; the message itself is at level 0.
func (b *Budget) Depth(depth int) error {
	if depth > b.limits.Depth {
		return &LimitError{"depth", int64(b.limits.Depth)}
	}
	return nil
}

// Part spends one entity of the MIME tree.
func (b *Budget) Part() error {
	if b.parts.Add(1) > int64(b.limits.Parts) {
		return &LimitError{"parts", int64(b.limits.Parts)}
	}
	return nil
}

// HeaderOctets spends n octets of header section.
func (b *Budget) HeaderOctets(n int64) error {
	if b.header.Add(n) > b.limits.HeaderOctets {
		return &LimitError{"header_octets", b.limits.HeaderOctets}
	}
	return nil
}

// Entry spends one archive entry.
func (b *Budget) Entry() error {
	if b.entries.Add(1) > int64(b.limits.Entries) {
		return &LimitError{"entries", int64(b.limits.Entries)}
	}
	return b.CheckTime()
}

// Packed counts n packed octets that an archive is about to be read from; the ratio is against their sum.
func (b *Budget) Packed(n int64) { b.packed.Add(n) }

// Octets spends n unpacked octets.
func (b *Budget) Octets(n int64) error {
	sum := b.octets.Add(n)
	if sum > b.limits.Octets {
		return &LimitError{"octets", b.limits.Octets}
	}
	// A small file of zeros is no bomb: the ratio counts once it costs something.
	if sum > b.limits.Octets/16 && sum/max(b.packed.Load(), 1) > b.limits.Ratio {
		return &LimitError{"ratio", b.limits.Ratio}
	}
	return b.CheckTime()
}

// CheckTime fails once the budget's time is up.
func (b *Budget) CheckTime() error {
	if b.now().After(b.deadline) {
		return &LimitError{"time", int64(b.limits.Time / time.Second)}
	}
	return nil
}
