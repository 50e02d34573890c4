// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"hash/maphash"
	"slices"
)

// format is an element that formats text and has no end tag yet (HTML standard, section 13.2.4.3).
type format struct {
	name      uint64 // Hash of its name; 0 for the begin of a cell or an object, out of which nothing is opened again.
	tag       uint64 // Hash of its tag.
	at, named int
	link      int // As in element.
	id        int // That of the open element; 0 if it is to be opened again.
}

const (
	maxFormats  = 1000 // That have no end tag yet.
	maxAlike    = 3    // With one tag (HTML standard, section 13.2.4.3).
	maxAdopted  = 8    // Blocks that an end tag of such an element reaches through (HTML standard, section 13.2.6.4.7).
	maxBetween  = 3    // Elements that stay between two of those.
	reopenWork  = 8    // Octets of tags that are read again for each octet of the text, beyond leastReopen.
	leastReopen = 1 << 20
)

// unmark forgets what formats in a cell that ends.
func (s *scanner) unmark() {
	for i, f := range slices.Backward(s.formats) {
		if f.name == 0 {
			s.formats = s.formats[:i]
			return
		}
	}
}

// unformat notes that an element which formats is no longer open.
func (s *scanner) unformat(id int) {
	for i := len(s.formats) - 1; i >= 0; i-- {
		if s.formats[i].id == id {
			s.formats[i].id = 0
			return
		}
	}
}

// keep notes an element that formats and is opened, or a place out of which nothing is opened again.
func (s *scanner) keep(t *tag, e *element) {
	switch {
	case e.is&alien != 0 || e.is&(marked|formatting) == 0:
		return
	case len(s.formats) >= maxFormats:
		s.beyond("elements that format text")
		return
	case e.is&marked != 0:
		s.formats = append(s.formats, format{})
		return
	}
	f := format{name: e.name, tag: maphash.Bytes(nameSeed, s.text[t.nameStart:t.end]), at: t.start, named: t.nameStart, id: s.nextID(), link: e.link}
	e.id = f.id
	first, alike := 0, 0
	for i := len(s.formats) - 1; i >= 0 && s.formats[i].name != 0; i-- {
		if s.formats[i].tag == f.tag {
			first = i
			alike++
		}
	}
	if alike >= maxAlike {
		s.formats = slices.Delete(s.formats, first, first+1)
	}
	s.formats = append(s.formats, f)
}

// reopen opens the elements that format and ended before their end tags.
func (s *scanner) reopen(at int) {
	n := len(s.formats)
	if n == 0 || s.formats[n-1].name == 0 || s.formats[n-1].id > 0 {
		return
	}
	first := n - 1
	for first > 0 && s.formats[first-1].name != 0 && s.formats[first-1].id == 0 {
		first--
	}
	for i := first; i < n; i++ {
		f := &s.formats[i]
		if len(s.open) == maxOpen || !s.readAgain(f.at, f.named) {
			return
		}
		t := &s.second
		e := element{name: f.name, is: formatting, at: f.at, named: f.named, id: s.nextID()}
		f.id = e.id
		s.inherit(t, &e)
		s.opensAgain(&e, f.link)
		s.stands(t, &e.own)
		s.push(e)
		if e.backwards {
			s.turn(at, spanBack, forcedLeft)
		}
	}
}

// nextID is for an element that formats.
func (s *scanner) nextID() int {
	s.lastID++
	return s.lastID
}

// readAgain reads a tag once more.
func (s *scanner) readAgain(at, named int) bool {
	s.second.read(s.text, at, named)
	if s.reread += s.second.end - at; s.reread > leastReopen+reopenWork*len(s.text) {
		s.beyond("elements that overlap")
		return false
	}
	return true
}

// format is the index of the last element of that name that formats; -1 if there is none.
func (s *scanner) format(name uint64) int {
	for i := len(s.formats) - 1; i >= 0 && s.formats[i].name != 0; i-- {
		if s.formats[i].name == name {
			return i
		}
	}
	return -1
}

// adopt ends an element that formats. Blocks in it that are open stay so, outside of it (HTML standard, section 13.2.6.4.7). It tells if there was one.
func (s *scanner) adopt(name uint64, at int) bool {
	k := s.format(name)
	if k < 0 {
		return false
	}
	f, i := s.formats[k], -1
	if f.id > 0 {
		if i = s.find(scoped, func(e *element) bool { return e.id == f.id }); i < 0 {
			return true // Out of reach.
		}
	}
	s.formats = slices.Delete(s.formats, k, k+1)
	if i < 0 {
		return true
	}
	last, blocks := i, 0
	for j := i + 1; j < len(s.open) && blocks < maxAdopted; j++ {
		if s.open[j].is&special != 0 {
			last = j
			blocks++
		}
	}
	if last == i {
		s.endTo(i, at)
		return true
	}
	var stay []element
	if blocks == maxAdopted { // What is behind stays, in one more of these elements.
		one := s.open[i]
		f.id, f.link = s.nextID(), 0
		one.link, one.id = 0, f.id
		s.formats = slices.Insert(s.formats, k, f)
		stay = append(append(stay, one), s.open[last+1:]...)
	} else {
		s.endTo(last+1, at)
	}
	adopted := s.open[i]
	s.close(&adopted, at)
	kept := s.open[i:i]
	for j := i + 1; j <= last; {
		to := j
		for s.open[to].is&special == 0 {
			to++
		}
		for ; j <= to; j++ {
			e := s.open[j]
			switch {
			case j == to, e.id > 0 && to-j <= maxBetween:
				kept = append(kept, e)
				continue
			case e.id > 0:
				s.forget(e.id)
			}
			if e.hidden != adopted.hidden {
				s.unsure(notFollowed + "elements that overlap") // What stands in the next block is no longer in it.
			}
			s.close(&e, at)
		}
	}
	s.open = append(s.open[:i+len(kept)], stay...)
	s.shadeAgain(i)
	return true
}

// forget notes that an element that formats is not opened again.
func (s *scanner) forget(id int) {
	s.formats = slices.DeleteFunc(s.formats, func(f format) bool { return f.id == id })
}

// shadeAgain judges the open elements from index i on once more, as they stand in others now.
func (s *scanner) shadeAgain(i int) {
	open := s.open
	for ; i < len(open); i++ {
		e := &open[i]
		s.open = open[:i]
		t := &s.second
		switch {
		case e.plain != "":
			*t = tag{local: []byte(e.plain), is: e.is}
		case e.named == 0 || !s.readAgain(e.at, e.named):
			s.open = open
			return
		}
		s.inherit(t, e)
	}
	s.open = open
}
