// SPDX-License-Identifier: Apache-2.0

package learn

import "slices"

// bag collects the features of one message.
type bag struct {
	views [views][]uint32
	names map[uint32]string // The features in words, for people; nil if nobody asks.
}

// reset empties the bag for the next message.
func (b *bag) reset() {
	for i := range b.views {
		b.views[i] = b.views[i][:0]
	}
	b.names = nil
}

// add puts a feature in. name is called if somebody wants to know what it is.
func (b *bag) add(v View, h hash, name func() string) {
	if len(b.views[v]) >= maxFeatures {
		return
	}
	id := h.fold()
	b.views[v] = append(b.views[v], id)
	if b.names != nil {
		b.names[id] = v.String() + " " + name()
	}
}

// features are what is in the bag, each once, in slices of their own.
func (b *bag) features() *Features {
	f := &Features{}
	for i, list := range b.views {
		slices.Sort(list)
		list = slices.Compact(list)
		f.Views[i] = append(make([]uint32, 0, len(list)), list...)
	}
	return f
}
