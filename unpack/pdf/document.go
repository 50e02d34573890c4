// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// document is a file while it is read.
type document struct {
	r      io.ReaderAt
	size   int64
	spend  func(int64) error
	index  *index
	lex    *lexer
	inner  lexer // Of object streams.
	work   int64 // Octets that were parsed.
	packs  []pack
	recent int     // Pack whose content was used last.
	crypt  *crypt  // Nil if nothing is encrypted, or nothing could be decrypted.
	sealed bool    // Encrypted, and no password opens it.
	held   int64   // Octets of object streams in memory.
	packed int64   // Octets that object streams were decoded to.
	stack  []value // Of the parser, to be used again.
	cut    []error // Why something was not looked at.
	broke  error   // Ends the reading.
}

// pack is an object stream (section 7.5.7).
type pack struct {
	at   place
	data []byte // Nil if it is not held in memory.
}

// object is a value with what it needs to be understood.
type object struct {
	place
	value
	stream bool
	data   int64 // Offset of the stream's data in the file.
}

var (
	errDeep      = fmt.Errorf("limit depth (%d) exceeded: dictionaries inside one another", maxDepth)
	errValues    = fmt.Errorf("limit values (%d) exceeded in one object", maxValues)
	errObjects   = fmt.Errorf("limit objects (%d) exceeded", maxObjects)
	errLinks     = fmt.Errorf("limit links (%d) exceeded", maxLinks)
	errFiles     = fmt.Errorf("limit embedded files (%d) exceeded", maxFiles)
	errMixed     = errors.New("encrypted in one revision and not in another")
	errLost      = errors.New("an embedded file is not found")
	errWork      = errors.New("limit work exceeded: objects overlap")
	errAmbiguous = errors.New("how a stream is to be read is said in more ways than one")
	errRevisions = fmt.Errorf("limit definitions (%d) exceeded: one object has more", maxRevisions)
	errPacked    = fmt.Errorf("limit object streams (%d octets) exceeded", maxPacked)
)

// missed notes that something was not looked at; the document may still be read on.
func (d *document) missed(err error) {
	if !slices.Contains(d.cut, err) {
		d.cut = append(d.cut, err)
	}
}

// maxWork is how many octets may be parsed: objects are looked at twice, and what they refer to as often as they do.
func (d *document) maxWork() int64 { return workFactor*d.size + workFree }

// load parses an object. It is null if there is none, or no leave to read it.
func (d *document) load(p place) object {
	o := object{place: p}
	lex := d.lex
	if p.in >= 0 {
		lex = &d.inner
		*lex = lexer{buf: d.unpacked(int(p.in)), word: lex.word}
	}
	if d.work > d.maxWork() {
		d.missed(errWork)
		return o
	}
	if lex.seek(p.off) {
		d.work += jumpCost
	}
	v, end := parse(lex, d.stack)
	d.stack = end.stack
	if end.cut != nil {
		d.missed(end.cut)
	}
	o.value = v
	if v.kind == dict && p.in < 0 {
		o.stream = end.word == "stream"
		if !end.ended {
			t := lex.next()
			o.stream = t.kind == keyword && string(t.text) == "stream"
		}
		if o.stream {
			o.data = afterKeyword(lex)
		}
	}
	// Each object costs something, however short it is.
	d.work += lex.offset() - p.off + loadCost
	return o
}

// afterKeyword is where data begins behind "stream" (section 7.3.8.1): behind CR LF or LF, and as programs take it behind CR too.
func afterKeyword(l *lexer) int64 {
	c := l.octet()
	if c == '\r' {
		if c = l.octet(); c != '\n' {
			l.back(c)
		}
		return l.offset()
	}
	for c == ' ' {
		c = l.octet()
	}
	if c == '\r' {
		c = l.octet()
	}
	if c != '\n' {
		l.back(c)
	}
	return l.offset()
}

// definitions are all objects that a reference may mean, the last one first. Anything else stands for itself.
func (d *document) definitions(in object, v value) []object {
	if v.kind != ref {
		return []object{{place: in.place, value: v}}
	}
	var all []object
	for range maxRefs {
		for _, p := range d.index.find(v.num) {
			if o := d.load(p); o.kind != null && o.kind != none {
				all = append(all, o)
			}
		}
		if len(all) == 0 || all[0].kind != ref {
			return all
		}
		v, all = all[0].value, nil
	}
	return nil
}

// revisions are definitions of which each counts: that there may be more is noted.
func (d *document) revisions(in object, v value) []object {
	all := d.definitions(in, v)
	if len(all) >= maxRevisions {
		d.missed(errRevisions)
	}
	return all
}

// resolve is the last definition of what v refers to.
func (d *document) resolve(in object, v value) object {
	if all := d.definitions(in, v); len(all) > 0 {
		return all[0]
	}
	return object{place: in.place}
}

// sub is an entry of a dict, resolved.
func (d *document) sub(o object, keys ...string) object { return d.resolve(o, o.either(keys...)) }

// extent is where the data of a stream stands in the file: as Length says if the word endstream is there, else up to that.
func (d *document) extent(o object) (off, n int64) {
	n = d.sub(o, "Length").int()
	if n >= 0 && o.data+n <= d.size && d.ends(o.data+n) {
		return o.data, n
	}
	end := d.index.endAfter(o.data)
	if end < 0 {
		return o.data, d.size - o.data
	}
	return o.data, d.trim(o.data, end) - o.data
}

// ends tells if endstream follows within a few octets of white space.
func (d *document) ends(off int64) bool {
	end := d.index.endAfter(off)
	return end >= 0 && end-off <= 4 && d.trim(off, end) <= off
}

// trim goes back over the end of line before end.
func (d *document) trim(start, end int64) int64 {
	var b [4]byte
	n := min(int64(len(b)), end-start)
	if _, err := d.r.ReadAt(b[:n], end-n); err != nil && err != io.EOF {
		return end
	}
	for range 2 {
		if n > 0 && (b[n-1] == '\n' || b[n-1] == '\r') {
			n, end = n-1, end-1
		}
	}
	return end
}

// text is the content of a string as it is meant: decrypted, and in UTF-8.
func (d *document) text(o object) string {
	if o.kind != text {
		return ""
	}
	if d.sealed {
		return ""
	}
	s := o.value.text
	if d.crypt != nil && o.in < 0 {
		s = string(d.crypt.text(o.place, []byte(s)))
	}
	return decodeText(s)
}
