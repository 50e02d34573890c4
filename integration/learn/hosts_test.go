// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"context"
	"sync"
	"testing"
)

// TestManyAtOnce: several processes that learn at the same time, partly the same, lose nothing and learn nothing twice.
func TestManyAtOnce(t *testing.T) {
	const processes, each, shared = 4, 700, 200
	for name, start := range databases() {
		t.Run(name, func(t *testing.T) {
			database := small(t, start(t)(t))
			var mu sync.Mutex
			var wg sync.WaitGroup
			taken, known := 0, 0
			for i := range processes { // What one ends with is what the next begins with.
				box := write(t, true, i*(each-shared), i*(each-shared)+each)
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
					defer cancel()
					n := numbers(output(t, command(ctx, t, database, "spam", box)))
					mu.Lock()
					defer mu.Unlock()
					if len(n) == 4 {
						taken, known = taken+n[0], known+n[2]
					}
				})
			}
			wg.Wait()
			const want = processes*(each-shared) + shared
			if _, spam := learned(t, database); spam != want || taken != want || known != (processes-1)*shared {
				t.Errorf("the model knows %d, %d were learned and %d known, want %d, %d and %d", spam, taken, known, want, want, (processes-1)*shared)
			}
		})
	}
}
