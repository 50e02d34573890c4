// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"math"
	"slices"
)

// value is an object of ISO 32000-1 section 7.3. The zero value is null.
type value struct {
	kind     kind
	num      float64 // A number, or the object number of a ref.
	text     string  // A name or a string.
	list     []value // Of a list, or the keys and values of a dict in turn.
	off, end int64   // Where its token stands in the source.
}

// int is a number as one that counts something; -1 is no number.
func (v value) int() int64 {
	if v.kind != number || v.num < 0 || v.num > math.MaxInt32*1024 {
		return -1
	}
	return int64(v.num)
}

// get is what a dict has under a key. Of several the last counts, as in most programs; those who look for danger look at all.
func (v value) get(key string) value {
	if v.kind != dict {
		return value{}
	}
	for i := len(v.list) - 2; i >= 0; i -= 2 {
		if v.list[i].text == key {
			return v.list[i+1]
		}
	}
	return value{}
}

// either is what a dict has under the first of the keys that it has.
func (v value) either(keys ...string) value {
	for _, k := range keys {
		if found := v.get(k); found.kind != null {
			return found
		}
	}
	return value{}
}

// is tells if a dict has this name under a key, also if not last.
func (v value) is(key, name_ string) bool {
	if v.kind != dict {
		return false
	}
	for i := 0; i+1 < len(v.list); i += 2 {
		if v.list[i].text == key && v.list[i+1].kind == name && v.list[i+1].text == name_ {
			return true
		}
	}
	return false
}

// items are the elements of a list; anything else but null is a list of itself.
func (v value) items() []value {
	switch v.kind {
	case list:
		return v.list
	case none, null:
		return nil
	default:
		return []value{v}
	}
}

// parser makes values of tokens.
type parser struct {
	l     *lexer
	left  int     // Values that may still be made.
	cut   error   // Why something is missing; nil if nothing is.
	ended bool    // By a word that stands outside of values, or by the end of the source.
	word  string  // That word.
	stack []value // Elements of the groups that are open.
}

// parse reads the value that begins at the lexer's place.
func parse(l *lexer, stack []value) (v value, p parser) {
	p = parser{l: l, left: maxValues, stack: stack[:0]}
	t := l.next()
	switch t.kind {
	case opener:
		v = p.group(t, 1)
	case closer, keyword, none:
		p.ended, p.word = true, string(t.text)
	default:
		v = plain(t)
	}
	return v, p
}

func plain(t token) value {
	v := value{kind: t.kind, num: t.num, off: t.off, end: t.end}
	if t.kind == name || t.kind == text {
		v.text = string(t.text)
	}
	return v
}

// group reads the elements of a list or a dict up to its end, or to a word that can only stand outside.
func (p *parser) group(start token, depth int) value {
	v := value{kind: list, off: start.off}
	base := len(p.stack)
	if start.end-start.off == 2 {
		v.kind = dict
	}
	for run := 0; ; {
		t := p.l.next()
		if t.kind != number {
			run = 0
		}
		switch t.kind {
		case none:
			p.ended = true
			return p.close(v, base, t)
		case closer:
			if v.kind == list || t.text[0] == '>' {
				return p.close(v, base, t)
			}
		case keyword:
			if outside(t.text) {
				p.ended, p.word = true, string(t.text)
				return p.close(v, base, t)
			}
			p.reference(t, base)
		case opener:
			if depth >= maxDepth {
				p.cut = errDeep
				p.pass(1)
				continue
			}
			p.add(p.group(t, depth+1))
			if p.ended {
				return p.close(v, base, t)
			}
		default:
			// Tables of numbers, such as the widths of glyphs, hold nothing that matters here.
			if run++; run <= maxNumbers {
				p.add(plain(t))
			}
		}
	}
}

// reference makes a reference where R stands, also right behind the number, as programs do.
func (p *parser) reference(t token, base int) {
	digits, ok := bytes.CutSuffix(t.text, []byte("R"))
	if !ok {
		return
	}
	if len(digits) > 0 {
		k, n := classify(digits)
		if k != number {
			return
		}
		p.add(value{kind: number, num: n, off: t.off, end: t.end})
	}
	p.reduce(base, t)
}

// outside tells if a word cannot be in a list or dict, so that the end of that is missing.
func outside(w []byte) bool {
	switch string(w) {
	case "obj", "endobj", "stream", "endstream", "xref", "trailer", "startxref":
		return true
	}
	return false
}

// add keeps an element while there may be more.
func (p *parser) add(element value) {
	if p.left == 0 {
		p.cut = errValues
		return
	}
	p.left--
	p.stack = append(p.stack, element)
}

// pass goes past a group that is nested too deep.
func (p *parser) pass(open int) {
	for open > 0 {
		switch t := p.l.next(); t.kind {
		case none:
			return
		case opener:
			open++
		case closer:
			open--
		case null, number, name, text, list, dict, ref, keyword:
		}
	}
}

// reduce makes a reference of the last two elements of the group that begins at base.
func (p *parser) reduce(base int, t token) {
	n := len(p.stack)
	if n-base < 2 || p.stack[n-1].kind != number || p.stack[n-2].kind != number {
		return
	}
	first := p.stack[n-2]
	p.stack[n-2] = value{kind: ref, num: first.num, off: first.off, end: t.end}
	p.stack = p.stack[:n-1]
}

// close ends the group that begins at base. The elements of a dict are put in pairs; what stands where a key should is dropped.
func (p *parser) close(v value, base int, t token) value {
	v.end = t.end
	in := p.stack[base:]
	if v.kind == dict {
		v.list = pairs(in)
	} else {
		v.list = slices.Clone(in)
	}
	p.stack = p.stack[:base]
	return v
}

// pairs gives keys and values in turn.
func pairs(in []value) []value {
	out := make([]value, 0, len(in)+len(in)&1)
	for i := 0; i < len(in); i++ {
		if in[i].kind != name {
			continue
		}
		if i+1 == len(in) {
			return append(out, in[i], value{})
		}
		out = append(out, in[i], in[i+1])
		// A name with something else behind it, that has no key, may be a key whose own key has lost its value.
		if in[i+1].kind != name || i+2 == len(in) || in[i+2].kind == name {
			i++
		}
	}
	return out
}
