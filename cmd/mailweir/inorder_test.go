// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestInOrder: so many at a time, in the order in which they were visited, whoever is ready first.
func TestInOrder(t *testing.T) {
	for _, tt := range []struct {
		jobs, ahead int
		most        int
	}{{0, 0, 1}, {1, 0, 1}, {3, 0, 3}, {3, 5, 3}, {1, 20, 1}} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var now, peak int
			var got []int
			each := func(visit func(int) error) error {
				for i := range 10 {
					if err := visit(i); err != nil {
						return err
					}
				}
				return nil
			}
			work := func(i int) int {
				mu.Lock()
				now++
				peak = max(peak, now)
				mu.Unlock()
				time.Sleep(time.Duration(10-i) * time.Second) // Of the test's own clock.
				mu.Lock()
				now--
				mu.Unlock()
				return i
			}
			err := inOrder(tt.jobs, tt.ahead, each, work, func(i int) error { got = append(got, i); return nil })
			if err != nil || !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) || peak != tt.most {
				t.Errorf("%d jobs, %d ahead: got %v, %v, %d at a time, want %d", tt.jobs, tt.ahead, got, err, peak, tt.most)
			}
		})
	}
}

// TestInOrderEnds: an error of the taker ends it, without waiting for what was not begun.
func TestInOrderEnds(t *testing.T) {
	visited, fault := 0, errors.New("fault")
	each := func(visit func(int) error) error {
		for visited = range 1_000_000 {
			if err := visit(visited); err != nil {
				return err
			}
		}
		return nil
	}
	err := inOrder(2, 0, each, func(i int) int { return i }, func(i int) error {
		if i == 5 {
			return fault
		}
		return nil
	})
	if !errors.Is(err, fault) || visited > 999_998 {
		t.Errorf("got %v after %d", err, visited)
	}
}
