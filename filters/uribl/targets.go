// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// places are where something stands in a message.
type places uint8

const (
	inEnvelope places = 1 << iota // MAIL FROM, HELO, the client's name.
	inHeader                      // From, Reply-To.
	inLinks                       // Links, and addresses in texts.
	clickable                     // Of inLinks: what a reader may follow.
)

// heap is one of the heaps that targets are chosen from.
type heap int

// The heaps. Whoever sends may fill all but the first as he likes: each has its share, so that none hides another.
const (
	ofEnvelope heap = iota // At most three.
	ofHeader
	ofClickable
	ofRest
	heaps
)

// turns is the order in which targets are taken from the heaps, once the envelope's are.
func turns() []heap { return []heap{ofHeader, ofClickable, ofClickable, ofRest} }

// Limits of what is kept of one message, of each kind.
const (
	maxKept   = 5000 // Names, addresses or mail addresses. Then all but the first maxChosen of each heap are dropped.
	maxChosen = 200  // The most that an option asks for.
	maxNames  = 4    // Full names of one domain.
)

// target is something that lists are asked about.
type target[K comparable] struct {
	key   K
	luck  uint64 // Hash of the key with a seed that nobody knows: the lowest come first.
	from  places
	where string   // The first place, for the log.
	names []string // Of a domain: full names below it, each once.
	more  bool     // There are names that are not kept.
}

func (t *target[K]) heap() heap {
	switch {
	case t.from&inEnvelope != 0:
		return ofEnvelope
	case t.from&inHeader != 0:
		return ofHeader
	case t.from&clickable != 0:
		return ofClickable
	}
	return ofRest
}

// name adds a full name. When there are too many, chance decides which are kept.
func (t *target[K]) name(host string, seed maphash.Seed) {
	if slices.Contains(t.names, host) {
		return
	}
	t.names = append(t.names, host)
	if len(t.names) <= maxNames {
		return
	}
	slices.SortFunc(t.names, func(a, b string) int { return cmp.Compare(maphash.String(seed, a), maphash.String(seed, b)) })
	t.names, t.more = t.names[:maxNames], true
}

// targets are all of one kind.
type targets[K comparable] struct {
	seed maphash.Seed
	all  []*target[K]
	byID map[K]*target[K]
	lost int // Dropped; what is found again after that counts again.
}

func (t *targets[K]) add(key K, from places, where string) *target[K] {
	if one, ok := t.byID[key]; ok {
		one.from |= from
		return one
	}
	if len(t.all) == maxKept {
		t.drop()
	}
	if t.byID == nil {
		t.byID = map[K]*target[K]{}
	}
	one := &target[K]{key: key, luck: maphash.Comparable(t.seed, key), from: from, where: where}
	t.byID[key] = one
	t.all = append(t.all, one)
	return one
}

// drop makes room. What it drops would not be chosen.
func (t *targets[K]) drop() {
	by, before := t.sorted(), len(t.all)
	t.all = t.all[:0]
	clear(t.byID)
	for _, h := range by {
		for _, one := range h[:min(len(h), maxChosen)] {
			t.all = append(t.all, one)
			t.byID[one.key] = one
		}
	}
	t.lost += before - len(t.all)
}

// sorted are the targets by heaps, in each in the order of choice.
func (t *targets[K]) sorted() [heaps][]*target[K] {
	var by [heaps][]*target[K]
	for _, one := range t.all {
		h := one.heap()
		by[h] = append(by[h], one)
	}
	for _, h := range by {
		slices.SortFunc(h, func(a, b *target[K]) int { return cmp.Compare(a.luck, b.luck) })
	}
	return by
}

// choose gives those that are asked about, at most most, and tells how many are left out. What stands in the envelope comes first; then the header,
// what can be followed and the rest take turns, so that nobody can hide a bad name behind many good ones of another kind. Within a heap chance
// decides, so that nobody can hide it behind others of its kind; for one message it decides the same each time.
func (t *targets[K]) choose(most int) (chosen []*target[K], left int) {
	if len(t.all) <= most {
		return t.all, t.lost
	}
	by := t.sorted()
	chosen = append(chosen, by[ofEnvelope][:min(most, len(by[ofEnvelope]))]...)
	for len(chosen) < most {
		for _, h := range turns() {
			if len(by[h]) > 0 && len(chosen) < most {
				chosen, by[h] = append(chosen, by[h][0]), by[h][1:]
			}
		}
	}
	return chosen, t.lost + len(t.all) - most
}
