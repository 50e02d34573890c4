// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"container/list"
	"sync"
	"time"
)

// entryOverhead is what an answer costs beside its name and records: the entry, its place in the list, the map's share.
const entryOverhead = 320

// question is what is asked: a name in canonical form and a type.
type question struct {
	name  string
	qtype uint16
}

// entry is what is known of a question. It never changes.
type entry struct {
	question question
	kind     error  // Nil if there are values; else ErrNoName, ErrNoData or ErrTemporary.
	cause    error  // Of ErrTemporary.
	server   string // Who said so.
	values   any    // []netip.Addr, []string or []MX, by the type of the question.
	size     int64  // Octets of the values.
	ttl      time.Duration
	expires  time.Time
}

func (e *entry) octets() int64 { return entryOverhead + int64(len(e.question.name)) + e.size }

// cache keeps entries until they expire; when there are too many, those go that nobody has asked for the longest time.
type cache struct {
	maxEntries int
	maxOctets  int64

	mu     sync.Mutex
	byKey  map[question]*list.Element // Of *entry.
	recent list.List                  // Front is the one asked for last.
	octets int64
}

func newCache(entries int, octets int64) *cache {
	return &cache{maxEntries: entries, maxOctets: octets, byKey: map[question]*list.Element{}}
}

// get gives what is known now; nil if nothing is.
func (c *cache) get(q question, now time.Time) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byKey[q]
	if !ok {
		return nil
	}
	e := el.Value.(*entry)
	if !now.Before(e.expires) {
		c.remove(el)
		return nil
	}
	c.recent.MoveToFront(el)
	return e
}

// put keeps an entry in the place of an older one, and tells how much is kept then and how many had to make room. What is larger than
// the whole cache is not kept.
func (c *cache) put(e *entry) (entries int, octets int64, evicted int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.byKey[e.question]; ok {
		c.remove(old)
	}
	if e.octets() <= c.maxOctets {
		c.byKey[e.question] = c.recent.PushFront(e)
		c.octets += e.octets()
	}
	for len(c.byKey) > c.maxEntries || c.octets > c.maxOctets {
		c.remove(c.recent.Back())
		evicted++
	}
	return len(c.byKey), c.octets, evicted
}

func (c *cache) remove(el *list.Element) {
	e := c.recent.Remove(el).(*entry)
	delete(c.byKey, e.question)
	c.octets -= e.octets()
}
