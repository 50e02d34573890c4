// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"cmp"
	"slices"
)

// ranges is a set of octet offsets, as spans in rising order that neither overlap nor touch.
type ranges []span

type span struct{ from, to int64 } // to is behind the last octet.

// add takes the offsets from..to-1 in.
func (r *ranges) add(from, to int64) {
	if from >= to {
		return
	}
	// The spans i to j-1 touch the new one and become part of it.
	i, _ := slices.BinarySearchFunc(*r, from, func(s span, v int64) int { return cmp.Compare(s.to, v) })
	j := i
	for j < len(*r) && (*r)[j].from <= to {
		from, to = min(from, (*r)[j].from), max(to, (*r)[j].to)
		j++
	}
	*r = slices.Replace(*r, i, j, span{from, to})
}

// end is the offset behind the span that off is in; off itself if it is in none.
func (r ranges) end(off int64) int64 {
	i, _ := slices.BinarySearchFunc(r, off+1, func(s span, v int64) int { return cmp.Compare(s.to, v) })
	if i < len(r) && r[i].from <= off {
		return r[i].to
	}
	return off
}

// has tells if off is in the set.
func (r ranges) has(off int64) bool { return r.end(off) != off }
