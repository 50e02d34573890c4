// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"context"
	"runtime"
	"sync"
)

// turns are the leaves to do what takes much memory. The zero value is ready.
type turns struct {
	once   sync.Once
	places chan struct{}
}

// Turn waits for leave to do something that takes much memory and no time but the processor's, such as decoding a large image: as many have it at once as
// there are processors, however many messages there are. done gives it back. The error is that of ctx.
func (u *Unpacker) Turn(ctx context.Context) (done func(), err error) {
	t := &u.turns
	t.once.Do(func() { t.places = make(chan struct{}, runtime.GOMAXPROCS(0)) })
	select {
	case t.places <- struct{}{}:
		return func() { <-t.places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
