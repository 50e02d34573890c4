// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"sort"
)

// place is where an object is defined.
type place struct {
	num int32 // Object number; -1 if it could not be read.
	gen int32
	in  int32 // Index of the object stream that it is in; -1 is the file itself.
	off int64 // Of its value, in the file or in what the object stream decodes to.
	at  int64 // Of the same, or of the object stream, in the file.
}

// index is what is found in a file by looking for words alone. Cross-reference tables are not used: a program that finds one damaged does
// without it too, and what an old revision says is looked at as well.
type index struct {
	objects  []place // In the order of the file, then those in object streams.
	byNumber []int32 // Of objects, by object number; later definitions come later.
	ends     []int64 // Offsets of "endstream".
	trailers []int64 // Offsets behind "trailer".
	cut      bool    // There were more.
}

// Lengths of what can stand before "obj" and of a page that is looked through.
const (
	beforeObject = 256
	scanPage     = 64 << 10
)

// scan goes through the file once.
func scan(r io.ReaderAt, size int64, step func(int64) error) (*index, error) {
	x := &index{}
	buf := make([]byte, scanPage)
	for base := int64(0); base < size; {
		n, err := r.ReadAt(buf[:min(scanPage, size-base)], base)
		if err != nil && err != io.EOF {
			return nil, err
		}
		if n == 0 {
			break
		}
		if err := step(int64(n)); err != nil {
			return nil, err
		}
		last := err != nil || base+int64(n) >= size
		x.page(buf[:n], base, last)
		if last {
			break
		}
		base += int64(n - beforeObject)
	}
	x.sort()
	return x, nil
}

// page notes the words of one page. Words that lie in the overlap with the next page are left to that, but what stands before "obj" has
// to be here.
func (x *index) page(b []byte, base int64, last bool) {
	most := len(b)
	if !last {
		most -= beforeObject / 2
	}
	least := beforeObject / 2
	if base == 0 {
		least = 0
	}
	each(b, "obj", least, most, func(at int) { x.object(b, at, base) })
	each(b, "endstream", least, most, func(at int) {
		if len(x.ends) < maxObjects {
			x.ends = append(x.ends, base+int64(at))
		}
	})
	each(b, "trailer", least, most, func(at int) {
		if len(x.trailers) < maxTrailers {
			x.trailers = append(x.trailers, base+int64(at)+int64(len("trailer")))
		}
	})
}

// each calls found for each occurrence of a word that begins at least..most-1.
func each(b []byte, word string, least, most int, found func(at int)) {
	for at := least; ; at++ {
		n := bytes.Index(b[at:], []byte(word))
		if n < 0 || at+n >= most {
			return
		}
		at += n
		found(at)
	}
}

// object notes the object whose "obj" stands at an offset of b.
func (x *index) object(b []byte, at int, base int64) {
	if at > 0 && isLetter(b[at-1]) || at+3 < len(b) && isLetter(b[at+3]) {
		return
	}
	if len(x.objects) >= maxObjects {
		x.cut = true
		return
	}
	p := place{num: -1, in: -1, off: base + int64(at) + 3}
	p.at = p.off
	gen, rest := numberBefore(b[max(0, at-beforeObject/2):at])
	num, _ := numberBefore(rest)
	if gen >= 0 && num >= 0 {
		p.num, p.gen = num, gen
	}
	x.objects = append(x.objects, p)
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// numberBefore is lastNumber where a comment may stand behind the number.
func numberBefore(b []byte) (int32, []byte) {
	for range maxComments {
		if n, rest := lastNumber(b); n >= 0 {
			return n, rest
		}
		line := bytes.LastIndexAny(bytes.TrimRight(b, "\r\n"), "\r\n") + 1
		at := bytes.IndexByte(b[line:], '%')
		if at < 0 {
			break
		}
		b = b[:line+at]
	}
	return -1, nil
}

// maxComments is how many lines of comment may stand between two numbers.
const maxComments = 4

// lastNumber reads the number at the end of b and gives what stands before it; -1 is none.
func lastNumber(b []byte) (int32, []byte) {
	end := len(b)
	for end > 0 && isSpace(b[end-1]) {
		end--
	}
	start := end
	for start > 0 && b[start-1] >= '0' && b[start-1] <= '9' {
		start--
	}
	n := int64(0)
	for _, c := range b[start:end] {
		if n = n*10 + int64(c-'0'); n > 1<<31-1 {
			return -1, nil
		}
	}
	if start == end {
		return -1, nil
	}
	return int32(n), b[:start]
}

// sort orders the objects by number and place, so that they can be found.
func (x *index) sort() {
	x.byNumber = x.byNumber[:0]
	for i := range x.objects {
		x.byNumber = append(x.byNumber, int32(i))
	}
	slices.SortStableFunc(x.byNumber, func(i, j int32) int {
		a, b := &x.objects[i], &x.objects[j]
		return cmp.Or(cmp.Compare(a.num, b.num), cmp.Compare(a.at, b.at))
	})
}

// find gives the last definitions of an object number, the last one first. Generations are not looked at: programs differ in that.
func (x *index) find(num float64) []place {
	end := sort.Search(len(x.byNumber), func(i int) bool { return float64(x.objects[x.byNumber[i]].num) > num })
	var found []place
	for i := end - 1; i >= 0 && len(found) < maxRevisions; i-- {
		p := x.objects[x.byNumber[i]]
		if float64(p.num) != num {
			break
		}
		found = append(found, p)
	}
	return found
}

// endAfter is the first "endstream" at or behind off; -1 is none.
func (x *index) endAfter(off int64) int64 {
	if i, _ := slices.BinarySearch(x.ends, off); i < len(x.ends) {
		return x.ends[i]
	}
	return -1
}
