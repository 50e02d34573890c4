// SPDX-License-Identifier: Apache-2.0

package seen

import "time"

// groups is the number of groups of a class.
const groups = 256

// none is the end of a list.
const none = -1

// node is one entry in its list.
type node struct {
	record
	older, newer int32 // Neighbours, as indices in nodes; none at the ends.
}

// list holds the entries of one class and group by the time of their last update.
type list struct {
	oldest, newest int32
	count          int
	lostAt         uint32 // When an entry was given up last for want of room; 0 for never.
	lostAge        uint32 // How old it had become.
}

// table holds the entries in memory. It is not safe for several goroutines.
type table struct {
	options Options
	keep    []uint32 // Of each class, in seconds.
	index   map[Key]int32
	nodes   []node
	free    []int32
	lists   [][groups]list // By class.
	count   []int          // By class.
	dirty   map[Key]struct{}
	sweep   int // The list that is looked through next for what has expired.
}

func newTable(o Options) *table {
	t := &table{
		options: o, index: map[Key]int32{}, dirty: map[Key]struct{}{},
		lists: make([][groups]list, len(o.Classes)), count: make([]int, len(o.Classes)), keep: make([]uint32, len(o.Classes)),
	}
	for c := range t.lists {
		t.keep[c] = uint32(min(o.Classes[c].Keep/time.Second, 1<<31))
		for g := range t.lists[c] {
			t.lists[c][g].oldest, t.lists[c][g].newest = none, none
		}
	}
	return t
}

// expired tells if an entry is known no more. One from the future, as after a clock that went wrong, stays until the day after.
func (t *table) expired(r *record, now uint32) bool {
	const day = 24 * 60 * 60
	if r.last > now {
		return r.last-now > day
	}
	return now-r.last > t.keep[r.class]
}

func (t *table) get(k Key, now uint32) (Entry, bool) {
	i, ok := t.index[k]
	if !ok || t.expired(&t.nodes[i].record, now) {
		return Entry{}, false
	}
	return t.nodes[i].entry(), true
}

// put sets an entry and notes that it is to be saved.
func (t *table) put(k Key, e Entry, now uint32) {
	r := record{key: k, first: seconds(e.First), last: now, count: e.Count, tag: e.Tag, class: uint8(e.Class), group: e.Group}
	if e.First.IsZero() {
		r.first = now
	}
	if i, ok := t.index[k]; ok {
		old := t.nodes[i].record
		recent := old.last <= now && now-old.last <= t.keep[old.class]/100
		if old.last = now; recent && old == r {
			return
		}
	}
	t.set(r, now)
	t.dirty[k] = struct{}{}
}

// set takes over an entry, as the newest of its list. If there is no room, another one has to go.
func (t *table) set(r record, now uint32) {
	if i, ok := t.index[r.key]; ok {
		t.remove(i)
	}
	t.sweepOne(now)
	l := &t.lists[r.class][r.group]
	if most := t.options.Classes[r.class].Group; most > 0 && l.count >= most {
		t.giveUpOldest(l, now)
	} else if len(t.index) >= t.options.Max {
		t.giveUp(now)
	}
	i := t.slot()
	t.nodes[i] = node{record: r, older: l.newest, newer: none}
	if l.newest != none {
		t.nodes[l.newest].newer = i
	} else {
		l.oldest = i
	}
	l.newest = i
	l.count++
	t.count[r.class]++
	t.index[r.key] = i
}

func (t *table) slot() int32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		return i
	}
	t.nodes = append(t.nodes, node{})
	return int32(len(t.nodes) - 1)
}

func (t *table) remove(i int32) {
	n := &t.nodes[i]
	l := &t.lists[n.class][n.group]
	if n.older != none {
		t.nodes[n.older].newer = n.newer
	} else {
		l.oldest = n.newer
	}
	if n.newer != none {
		t.nodes[n.newer].older = n.older
	} else {
		l.newest = n.older
	}
	l.count--
	t.count[n.class]--
	delete(t.index, n.key)
	delete(t.dirty, n.key)
	t.free = append(t.free, i)
}

// sweepOne removes some of what has expired, from one list after the other, so that all of it goes in time.
func (t *table) sweepOne(now uint32) {
	const atOnce = 4
	class, group := t.sweep/groups, t.sweep%groups
	t.sweep = (t.sweep + 1) % (len(t.lists) * groups)
	l := &t.lists[class][group]
	for range atOnce {
		if l.oldest == none || !t.expired(&t.nodes[l.oldest].record, now) {
			return
		}
		t.remove(l.oldest)
	}
}

// giveUp removes one entry: of the class that is most above its share the oldest of the fullest group. So a flood pushes out itself before others.
func (t *table) giveUp(now uint32) {
	class := none
	for c := range t.count {
		if t.count[c] > 0 && (class == none || t.above(c) > t.above(class)) {
			class = c
		}
	}
	fullest := &t.lists[class][0]
	for g := range t.lists[class] {
		if l := &t.lists[class][g]; l.count > fullest.count {
			fullest = l
		}
	}
	t.giveUpOldest(fullest, now)
}

// giveUpOldest removes the oldest entry of a list that is not empty, and notes how old it has become.
func (t *table) giveUpOldest(l *list, now uint32) {
	r := &t.nodes[l.oldest].record
	if !t.expired(r, now) {
		l.lostAt, l.lostAge = now, now-min(r.first, now)
	}
	t.remove(l.oldest)
}

// above is by how much a class is above its share.
func (t *table) above(class int) int { return t.count[class] - t.options.Classes[class].Share }

func (t *table) lives(class int, group uint8, now uint32) time.Duration {
	const hour = 60 * 60
	l := &t.lists[class][group]
	if l.lostAt == 0 || now-min(l.lostAt, now) > hour {
		return t.options.Classes[class].Keep
	}
	return time.Duration(l.lostAge) * time.Second
}

// merge takes over what another store has saved. Of one class, what the two know of a key is put together; else the newer one is right.
func (t *table) merge(r record, now uint32) {
	if int(r.class) >= len(t.lists) || t.expired(&r, now) {
		return
	}
	i, ok := t.index[r.key]
	if !ok {
		t.set(r, now)
		return
	}
	old := t.nodes[i].record
	switch {
	case old.class == r.class:
		if r.last < old.last {
			r.tag, r.group = old.tag, old.group
		}
		r.first, r.last, r.count = min(r.first, old.first), max(r.last, old.last), max(r.count, old.count)
	case r.last < old.last:
		return
	}
	_, dirty := t.dirty[r.key]
	t.set(r, now)
	if dirty {
		t.dirty[r.key] = struct{}{}
	}
}

// unsaved takes the entries that are to be saved.
func (t *table) unsaved() []record {
	list := make([]record, 0, len(t.dirty))
	for k := range t.dirty {
		list = append(list, t.nodes[t.index[k]].record)
	}
	clear(t.dirty)
	return list
}

// unsave puts entries back that could not be saved.
func (t *table) unsave(list []record) {
	for i := range list {
		if _, ok := t.index[list[i].key]; ok {
			t.dirty[list[i].key] = struct{}{}
		}
	}
}

// all are the entries that are still known, each list from the oldest on.
func (t *table) all(now uint32) []record {
	list := make([]record, 0, len(t.index))
	for c := range t.lists {
		for g := range t.lists[c] {
			for i := t.lists[c][g].oldest; i != none; i = t.nodes[i].newer {
				if !t.expired(&t.nodes[i].record, now) {
					list = append(list, t.nodes[i].record)
				}
			}
		}
	}
	return list
}
