// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Every server is asked, also behind one that is silent, and each has the whole time.
func TestEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var asked []string
		err := Each(t.Context(), []string{"a", "b", "c"}, time.Minute, func(ctx context.Context, address string) error {
			asked = append(asked, address)
			switch address {
			case "a":
				return errDead
			case "b":
				return silent(ctx, address)
			}
			return nil
		})
		if len(asked) != 3 || !errors.Is(err, errDead) || !errors.Is(err, context.DeadlineExceeded) || err.Error() != "a: dead\nb: context deadline exceeded" {
			t.Errorf("asked %v, got %v", asked, err)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("took %v", took)
		}
		if err := Each(t.Context(), []string{"c"}, time.Minute, func(context.Context, string) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
