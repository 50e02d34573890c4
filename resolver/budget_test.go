// SPDX-License-Identifier: Apache-2.0

package resolver

import (
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
			want   bool
		}{{time.Hour, true}, {time.Minute - 1, true}, {1, false}} {
			time.Sleep(c.passes)
			if got := pay(ctx); got != c.want {
				t.Errorf("%d: got %t, want %t", i, got, c.want)
			}
		}
	})
}
