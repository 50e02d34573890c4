// SPDX-License-Identifier: Apache-2.0

package authn

import "sync"

// Together runs functions side by side and waits for all of them. A panic of one is one here, so that it is dealt with where others are.
func Together(fs ...func()) {
	var wg sync.WaitGroup
	var once sync.Once
	var panicked any
	for _, f := range fs {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					once.Do(func() { panicked = v })
				}
			}()
			f()
		})
	}
	wg.Wait()
	if panicked != nil {
		panic(panicked)
	}
}
