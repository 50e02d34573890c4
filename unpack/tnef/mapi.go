// SPDX-License-Identifier: Apache-2.0

package tnef

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// Types of MAPI properties, MS-OXCDATA section 2.11.1.
const (
	typeObject  = 0x000d
	typeString8 = 0x001e
	typeUnicode = 0x001f
	typeBinary  = 0x0102
	multiple    = 0x1000
)

// Identifiers of MAPI properties, MS-OXPROPS.
const (
	propDisplayName   = 0x3001
	propAttachData    = 0x3701
	propExtension     = 0x3703
	propFilename      = 0x3704
	propLongFilename  = 0x3707
	propPathname      = 0x3708
	propRendering     = 0x3709
	propTransportName = 0x370c
	propLongPathname  = 0x370d
	propBody          = 0x1000
	propRTF           = 0x1009
	propHTML          = 0x1013
)

// iidLen is how long the identifier is that stands before an object.
const iidLen = 16

// fixed is how many octets the value of a type with one size takes; -1 if it has none.
func fixed(kind uint16) int64 {
	switch kind {
	case 0x0000, 0x0001:
		return 0
	case 0x0002, 0x0003, 0x0004, 0x000a, 0x000b:
		return 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		return 8
	case 0x0048:
		return 16
	}
	return -1
}

// cursor goes through the properties of an attribute.
type cursor struct {
	r        *Reader
	off, end int64
}

func (c *cursor) uint32() (uint32, error) {
	if c.end-c.off < 4 {
		return 0, fmt.Errorf("%w: properties are cut short", ErrFormat)
	}
	b, err := c.r.octets(c.off, 4)
	if err != nil {
		return 0, err
	}
	c.off += 4
	return binary.LittleEndian.Uint32(b), nil
}

func (c *cursor) skip(n int64) error {
	if n < 0 || n > c.end-c.off {
		return fmt.Errorf("%w: properties are cut short", ErrFormat)
	}
	c.off += n
	return nil
}

// props reads the MAPI properties in an attribute, MS-OXTNEF section 2.1.3.4.
func (r *Reader) props(off, size int64) error {
	c := &cursor{r: r, off: off, end: off + size}
	count, err := c.uint32()
	if err != nil {
		return err
	}
	for range count {
		tag, err := c.uint32()
		if err != nil {
			return err
		}
		if err := c.prop(uint16(tag), uint16(tag>>16)); err != nil {
			return err
		}
	}
	return nil
}

// prop reads one property.
func (c *cursor) prop(kind, id uint16) error {
	if id >= 0x8000 {
		if err := c.named(); err != nil {
			return err
		}
	}
	base := kind &^ multiple
	count := uint32(1)
	variable := base == typeObject || base == typeString8 || base == typeUnicode || base == typeBinary
	if variable || kind&multiple != 0 {
		var err error
		if count, err = c.uint32(); err != nil {
			return err
		}
	}
	if !variable {
		n := fixed(base)
		if n < 0 {
			return fmt.Errorf("%w: property of unknown type %#x", ErrFormat, kind)
		}
		return c.skip(n * int64(count))
	}
	for range count {
		if err := c.value(base, id); err != nil {
			return err
		}
	}
	return nil
}

// named passes over the name of a property that has one.
func (c *cursor) named() error {
	if err := c.skip(16); err != nil {
		return err
	}
	kind, err := c.uint32()
	if err != nil {
		return err
	}
	n, err := c.uint32()
	if err != nil || kind == 0 {
		return err
	}
	return c.skip((int64(n) + 3) &^ 3)
}

// value reads one value of no fixed size, and keeps where it is if it is wanted.
func (c *cursor) value(kind, id uint16) error {
	n, err := c.uint32()
	if err != nil {
		return err
	}
	off, size := c.off, int64(n)
	cut := c.skip((size + 3) &^ 3)
	if cut != nil {
		size = min(size, c.end-off)
		c.off = c.end
	}
	if err := c.keep(kind, id, off, size); err != nil {
		return err
	}
	return cut
}

func (c *cursor) keep(kind, id uint16, off, size int64) error {
	r := c.r
	switch id {
	case propAttachData, propRendering:
		what := Attachment
		if id == propRendering {
			what = Picture
		}
		if kind == typeObject {
			off, size = off+iidLen, size-iidLen
		}
		r.piece(what, off, size)
	case propBody:
		r.body(Text, "body.txt", off, size)
	case propRTF:
		r.body(RTF, "body.rtf", off, size)
	case propHTML:
		r.body(HTML, "body.html", off, size)
	case propLongFilename:
		text, err := c.text(kind, off, size)
		if r.name(text); len(r.names) > 1 && r.names[len(r.names)-1] == text {
			// It is what most programs show.
			r.names = append([]string{text}, r.names[:len(r.names)-1]...)
		}
		return err
	case propDisplayName, propFilename, propPathname, propTransportName, propLongPathname:
		text, err := c.text(kind, off, size)
		r.name(text)
		return err
	case propExtension:
		text, err := c.text(kind, off, size)
		r.extension = text
		return err
	}
	return nil
}

func (r *Reader) body(k Kind, name string, off, size int64) {
	if size > 0 {
		r.ready = append(r.ready, Item{Kind: k, Names: []string{name}, Offset: off, Size: size})
	}
}

// text reads a value that is text, in octets or in UTF-16.
func (c *cursor) text(kind uint16, off, size int64) (string, error) {
	if kind != typeUnicode {
		return c.r.text(off, size)
	}
	b, err := c.r.octets(off, min(size, 2*MaxName)&^1)
	if err != nil {
		return "", err
	}
	var units []uint16
	for ; len(b) > 1; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units)), nil
}
