// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// ErrFull is returned by Memory when it holds as many rows as it may.
var ErrFull = errors.New("no room for more rows of DMARC reports")

// Memory is a Store that forgets everything when the program ends.
type Memory struct {
	MaxRows int // Rows that differ; 0 for DefaultMaxRows. It does not change.

	mu   sync.Mutex
	rows map[string]*Row
}

// DefaultMaxRows is about 50 MiB of rows.
const DefaultMaxRows = 100_000

var _ Store = (*Memory)(nil)

// key is all of a row but its Count.
func (r Row) key() string {
	r.Count = 0
	return fmt.Sprintf("%v", r)
}

// Add counts rows. The error is ErrFull.
func (m *Memory) Add(_ context.Context, rows ...Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[string]*Row{}
	}
	for _, r := range rows {
		key := r.key()
		if there := m.rows[key]; there != nil {
			there.Count += r.Count
			continue
		}
		if len(m.rows) >= cmp.Or(m.MaxRows, DefaultMaxRows) {
			return ErrFull
		}
		m.rows[key] = &r
	}
	return nil
}

// Rows gives rows by day, source and author.
func (m *Memory) Rows(_ context.Context, domain string, begin, end time.Time) ([]Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Row
	for _, r := range m.rows {
		if (domain == "" || r.Published.Domain == domain) && !r.Day.Before(begin) && r.Day.Before(end) {
			list = append(list, *r)
		}
	}
	slices.SortFunc(list, func(a, b Row) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Published.Domain, b.Published.Domain), a.Source.Compare(b.Source), cmp.Compare(a.HeaderFrom, b.HeaderFrom), cmp.Compare(a.key(), b.key()))
	})
	return list, nil
}
