// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailweir/mailweir/authn"
)

// memory counts messages by author, and fails when it is told to.
type memory struct {
	mu       sync.Mutex
	messages map[string]int64
	writes   int
	room     int // Rows that it has room for, each time.
	err      error
}

func (m *memory) Add(_ context.Context, rows ...Row) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	if m.err != nil {
		return 0, m.err
	}
	dropped := 0
	for _, r := range rows {
		if dropped = len(rows) - m.room; m.room > 0 && dropped > 0 {
			return dropped, nil
		}
		m.messages[r.HeaderFrom] += r.Count
	}
	return 0, nil
}

// look looks at it while nobody writes.
func (m *memory) look(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
}

func (m *memory) Rows(context.Context, string, time.Time, time.Time) ([]Row, error) { return nil, nil }

// told is what a Batch has said of its writings.
type told struct {
	mu               sync.Mutex
	written, dropped int
	errs             int
}

func (d *told) done(written, dropped int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written += written
	d.dropped += dropped
	if err != nil {
		d.errs++
	}
}

func row(author string) Row {
	r := Rows(report(authn.Pass, ""), envelope("a@b.test"), "none", false)[0]
	r.HeaderFrom = author
	return r
}

func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &memory{messages: map[string]int64{}}, &told{}
		b := NewBatch(s, d.done)
		b.Add()
		for range 3 {
			b.Add(row("a.test"), row("b.test"))
		}
		s.look(func() {
			if s.writes != 0 {
				t.Error("written before its time")
			}
		})
		time.Sleep(flushEvery + time.Second)
		s.look(func() {
			if s.writes != 1 || s.messages["a.test"] != 3 || s.messages["b.test"] != 3 {
				t.Errorf("got %d, %v", s.writes, s.messages)
			}
		})
		b.Add(row("a.test"))
		if err := b.Close(); err != nil || s.messages["a.test"] != 4 {
			t.Errorf("closed: %v, %v", err, s.messages)
		}
		b.Add(row("a.test")) // Of a message that was under way.
		if s.messages["a.test"] != 5 || d.written != 4 {
			t.Errorf("after the end: %v, %+v", s.messages, d)
		}
	})
}

// TestBatchFails: rows wait for a store that fails, up to a limit, and are counted once.
func TestBatchFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &memory{messages: map[string]int64{}, err: errors.New("disk full")}, &told{}
		b := NewBatch(s, d.done)
		for i := range maxPending + 7 {
			b.Add(row(fmt.Sprintf("%d.test", i)))
		}
		s.look(func() {
			if most := maxPending/flushRows + 2; s.writes < maxPending/flushRows || s.writes > most {
				t.Errorf("%d writings", s.writes)
			}
		})
		b.Add(row("0.test"))
		time.Sleep(2*flushEvery + time.Second)
		s.look(func() {
			if s.writes < maxPending/flushRows+2 || len(s.messages) > 0 {
				t.Errorf("not tried again: %d writings", s.writes)
			}
			s.err = nil
		})
		time.Sleep(flushEvery + time.Second)
		s.look(func() {
			if len(s.messages) != maxPending || s.messages["0.test"] != 2 {
				t.Errorf("got %d rows", len(s.messages))
			}
			s.room = 1
		})
		b.Add(row("a.test"), row("b.test"), row("c.test"))
		if err := b.Close(); err != nil || d.dropped != 7+2 || d.written != maxPending+1 || d.errs < 12 {
			t.Errorf("in the end: %v, %+v", err, d)
		}
	})
}

func TestBatchTogether(t *testing.T) {
	s, d := &memory{messages: map[string]int64{}}, &told{}
	b := NewBatch(s, d.done)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 500 {
				b.Add(row(fmt.Sprintf("%d.test", n%(i+300))))
			}
		})
	}
	wg.Wait()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, n := range s.messages {
		sum += n
	}
	if sum != 4000 {
		t.Errorf("got %d messages", sum)
	}
}
