// SPDX-License-Identifier: Apache-2.0

package pdf

import "fmt"

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
		d.list(n, o, data)
	}
	d.index.sort()
	return nil
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
		if at > int64(len(data)) || first > 0 && num.off >= first {
			return
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
