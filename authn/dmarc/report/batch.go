// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Limits of a Batch.
const (
	flushEvery   = 5 * time.Second  // Rows wait no longer in memory.
	flushTimeout = 20 * time.Second // For one writing.
	flushRows    = 1000             // Rows that differ, from which they are written at once.
	maxPending   = 10_000           // Rows that differ, in memory, while the store does not take them.
)

// Done is told of each writing: how many rows were written, and how many were dropped because there was no room; or why none could be written, and then they are
// tried again.
type Done func(written, dropped int, err error)

// Batch gathers rows in memory and writes them to a store a few seconds later, so that a message costs no writing of its own. Safe for many goroutines.
type Batch struct {
	store Store
	done  Done

	writing sync.Mutex // One writes.

	mu     sync.Mutex
	rows   map[string]*Row // By all but their Count.
	timer  *time.Timer     // Nil if nothing waits.
	closed bool
}

// NewBatch makes one. Close is to be called for it.
func NewBatch(s Store, done Done) *Batch {
	return &Batch{store: s, done: done, rows: map[string]*Row{}}
}

// Add counts rows. After Close they are written at once.
func (b *Batch) Add(rows ...Row) {
	if len(rows) == 0 {
		return
	}
	dropped, now := b.put(rows)
	if dropped > 0 {
		b.done(0, dropped, nil)
	}
	if now {
		_ = b.flush() // done is told.
	}
}

// put takes the rows, and tells if they are to be written now.
func (b *Batch) put(rows []Row) (dropped int, now bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.rows)
	dropped = b.merge(rows)
	if b.closed {
		return dropped, true
	}
	b.wait()
	return dropped, len(b.rows)/flushRows > before/flushRows // Not at each row, if the store takes none.
}

// wait has what waits written in a while.
func (b *Batch) wait() {
	if b.timer == nil && !b.closed && len(b.rows) > 0 {
		b.timer = time.AfterFunc(flushEvery, func() { _ = b.flush() })
	}
}

// merge adds rows to those that wait, and gives how many there was no room for.
func (b *Batch) merge(rows []Row) (dropped int) {
	for _, r := range rows {
		key, err := r.key()
		there := b.rows[key]
		switch {
		case err != nil || there == nil && len(b.rows) >= maxPending:
			dropped++
		case there != nil:
			there.Count += r.Count
		default:
			b.rows[key] = &r
		}
	}
	return dropped
}

// key is all of a row but its Count.
func (r Row) key() (string, error) {
	r.Count = 0
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("row: %w", err)
	}
	return string(text), nil
}

// flush writes what waits.
func (b *Batch) flush() error {
	b.writing.Lock()
	defer b.writing.Unlock()
	rows := b.take()
	if len(rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	dropped, err := b.store.Add(ctx, rows...)
	if err == nil {
		b.done(len(rows)-dropped, dropped, nil)
		return nil
	}
	b.mu.Lock()
	dropped = b.merge(rows)
	b.wait()
	b.mu.Unlock()
	b.done(0, dropped, err)
	return err
}

// take takes out what waits.
func (b *Batch) take() []Row {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	rows := make([]Row, 0, len(b.rows))
	for _, r := range b.rows {
		rows = append(rows, *r)
	}
	clear(b.rows)
	return rows
}

// Close writes what waits.
func (b *Batch) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return b.flush()
}
