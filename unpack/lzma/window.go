// SPDX-License-Identifier: Apache-2.0

package lzma

import (
	"math/bits"
	"sync"
)

const (
	minWindow = 64 << 10 // Octets that a window begins with.
	step      = 64 << 10 // Octets that are decoded at once.
	classes   = 10       // Of windows: minWindow times a power of 2, up to MaxDict.
)

// windows are those that were used, for use by the next, by class. A pool is a cache, not state.
var windows [classes]sync.Pool

// window is what was decoded last, in a ring. It grows up to its bound before it goes round.
type window struct {
	buf  []byte
	max  int // Octets that it may have.
	cut  bool
	w, r int // Where the next octet is written and read. The unread ones never go round.
	have int // Octets that may be looked back at.
}

// bound sets how far the data may look back.
func (w *window) bound(dict uint32) {
	w.cut = dict > MaxDict
	w.max = int(min(max(dict, 4<<10), MaxDict))
}

// room makes some at the end, for left octets if that is not negative, and gives the offset where it ends. All octets have been read.
func (w *window) room(left int64) int {
	if w.w == len(w.buf) {
		if len(w.buf) < w.max {
			w.grow()
		} else {
			w.w, w.r = 0, 0
		}
	}
	n := min(len(w.buf)-w.w, step)
	if left >= 0 {
		n = int(min(int64(n), left))
	}
	return w.w + n
}

func (w *window) grow() {
	size := max(2*len(w.buf), minWindow)
	class := bits.Len(uint(size/minWindow)) - 1
	var b []byte
	if p, ok := windows[class].Get().(*[]byte); ok {
		b = *p
	} else {
		b = make([]byte, size)
	}
	copy(b, w.buf)
	w.release()
	w.buf = b[:min(len(b), w.max)]
}

// release gives the octets back.
func (w *window) release() {
	if b := w.buf[:cap(w.buf)]; len(b) > 0 {
		windows[bits.Len(uint(len(b)/minWindow))-1].Put(&b)
	}
	w.buf = nil
}

// take moves octets out.
func (w *window) take(p []byte) int {
	if w.r == w.w {
		return 0
	}
	n := copy(p, w.buf[w.r:w.w])
	w.r += n
	return n
}

func (w *window) put(b byte) {
	w.buf[w.w] = b
	w.w++
	w.have = min(w.have+1, w.max)
}

// back is the octet that far back; 0 if there is none.
func (w *window) back(distance int) byte {
	if distance > w.have {
		return 0
	}
	i := w.w - distance
	if i < 0 {
		i += len(w.buf)
	}
	return w.buf[i]
}

// copy repeats n octets from that far back, which are there.
func (w *window) copy(distance, n int) {
	from := w.w - distance
	if from < 0 {
		from += len(w.buf)
	}
	w.have = min(w.have+n, w.max)
	for n > 0 {
		k := min(n, len(w.buf)-from)
		if from < w.w {
			k = min(k, w.w-from)
		}
		copy(w.buf[w.w:w.w+k], w.buf[from:from+k])
		w.w += k
		n -= k
		if from += k; from == len(w.buf) {
			from = 0
		}
	}
}
