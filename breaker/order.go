// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"hash/fnv"
	"io"
	"slices"
)

// order is the order in which servers are asked. Spread, it is that of their rendezvous hashes with the key: messages go evenly to all servers, the
// same message to the same server, and if one is gone only its own messages move.
func (s *Servers) order(key uint64) []*server {
	if !s.config.Spread || len(s.all) < 2 {
		return s.all
	}
	order := slices.Clone(s.all)
	slices.SortStableFunc(order, func(a, b *server) int {
		switch x, y := mix(a.hash^key), mix(b.hash^key); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return order
}

// mix spreads the bits of x (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// keyOctets of a message tell it from others: the first Received fields are among them.
const keyOctets = 4 << 10

// Key is what Ask takes for a message of size octets that r reads from its beginning: a hash of the first of them.
func Key(r io.Reader, size int64) (uint64, error) {
	head := make([]byte, min(keyOctets, size))
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, err
	}
	return mix(hashOf(head)), nil
}

func hashOf(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}
