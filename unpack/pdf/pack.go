// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"slices"
)

// openPacks reads the object streams and adds what is in them to the index.
func (d *document) openPacks(streams []place) error {
	for _, p := range streams {
		o := d.load(p)
		d.packs = append(d.packs, pack{at: p})
		n := len(d.packs) - 1
		data, err := d.unpack(n, o)
		if err != nil {
			return err
		}
		d.clear(o, "First", "Filter", "DecodeParms", "DP")
		d.list(n, o, data)
	}
	d.index.sort()
	return nil
}

// clear notes if what some entries say can be read in more ways than one.
func (d *document) clear(o object, keys ...string) {
	for _, key := range keys {
		if d.ambiguous(o, o.get(key)) {
			d.missed(errAmbiguous)
		}
	}
}

// ambiguous tells if v refers to something that is defined in more ways than one, itself or in what it is made of. Which of them counts is told by
// a cross-reference table.
func (d *document) ambiguous(in object, v value) bool {
	all := d.definitions(in, v)
	for _, o := range all {
		if !same(o.value, all[0].value) {
			return true
		}
		for _, e := range o.list[:min(len(o.list), maxFilters)] {
			inner := d.definitions(o, e)
			if slices.ContainsFunc(inner, func(i object) bool { return !same(i.value, inner[0].value) }) {
				return true
			}
		}
	}
	return false
}

// same tells if two values are alike, but for what they are made of.
func same(a, b value) bool {
	return a.kind == b.kind && a.num == b.num && a.text == b.text && len(a.list) == len(b.list)
}

// list adds the objects that the head of an object stream lists.
func (d *document) list(n int, o object, data []byte) {
	first := d.sub(o, "First").int()
	l := memoryLexer(data)
	for {
		num, off := l.next(), l.next()
		if num.kind != number || off.kind != number || num.num < 0 || num.num > 1<<31-1 || off.num < 0 {
			return
		}
		at := max(first, 0) + int64(off.num)
		if first > 0 && num.off >= first {
			return
		}
		if at > int64(len(data)) {
			continue // No program needs an object that is listed and that nothing refers to.
		}
		if len(d.index.objects) >= maxObjects {
			d.index.cut = true
			return
		}
		d.index.objects = append(d.index.objects, place{num: int32(num.num), in: int32(n), off: at, at: o.at})
	}
}

// unpack decodes an object stream and keeps it if there is room.
func (d *document) unpack(n int, o object) ([]byte, error) {
	if d.packed > maxPacked {
		d.missed(errPacked)
		return nil, nil
	}
	data, cut, err := d.decode(o, maxPackOctets)
	if err != nil {
		return nil, err
	}
	if cut {
		d.missed(fmt.Errorf("object stream %d cannot be read whole", o.place.num))
	}
	d.packed += int64(len(data))
	p := &d.packs[n]
	p.data = data
	d.held += int64(len(data))
	if d.held > maxHeld && d.recent != n {
		d.held -= int64(len(d.packs[d.recent].data))
		d.packs[d.recent].data = nil
	}
	d.recent = n
	return data, nil
}

// unpacked is the content of an object stream, decoded once more if it was not kept.
func (d *document) unpacked(n int) []byte {
	if data := d.packs[n].data; data != nil {
		d.recent = n
		return data
	}
	data, err := d.unpack(n, d.load(d.packs[n].at))
	if err != nil {
		d.broke = err
	}
	return data
}
