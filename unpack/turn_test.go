// SPDX-License-Identifier: Apache-2.0

package unpack_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/mailweir/mailweir/unpack"
)

// As many have a turn as there are processors; who waits goes on when one is given back, or ends with its context.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u unpack.Unpacker
		var last func()
		for range runtime.GOMAXPROCS(0) {
			var err error
			if last, err = u.Turn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone, next := make(chan error, 1), make(chan error, 1)
		go func() { _, err := u.Turn(ctx); gone <- err }()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		go func() { _, err := u.Turn(t.Context()); next <- err }()
		synctest.Wait()
		if len(next) > 0 {
			t.Error("one more than there are processors")
		}
		last()
		if err := <-next; err != nil {
			t.Errorf("got %v", err)
		}
	})
}
