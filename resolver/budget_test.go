// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestBudgetBegins: what a message waits for before its first look-up, a scanner for instance, does not use up the time for look-ups.
func TestBudgetBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := NewBudget(10, time.Minute).Pays(t.Context())
		for i, c := range []struct {
			passes time.Duration
			want   error
		}{{time.Hour, nil}, {time.Minute - 1, nil}, {1, errTime}} {
			time.Sleep(c.passes)
			if got := pay(ctx); !errors.Is(got, c.want) {
				t.Errorf("%d: got %v, want %v", i, got, c.want)
			}
		}
	})
}
