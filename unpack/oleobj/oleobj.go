// SPDX-License-Identifier: Apache-2.0

// Package oleobj reads the small structures in which documents keep embedded objects (MS-OLEDS): the object header of OLE 1, as in RTF;
// the stream Ole10Native, in which a file is packed that was dropped into a document; and monikers, by which objects are linked.
package oleobj

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// maxName is how many octets a name may have.
const maxName = 4096

// ErrFormat is returned for what has not the structure.
var ErrFormat = errors.New("not such an object")

// Object is an object of OLE 1 (MS-OLEDS section 2.2).
type Object struct {
	Class  string // Such as "Package", "Word.Document.8", "Equation.3".
	Topic  string // Of a linked object: the file.
	Item   string
	Linked bool
	Data   *io.SectionReader // Of an embedded object.
}

// Formats of an object (MS-OLEDS section 2.2.4).
const (
	formatLinked   = 1
	formatEmbedded = 2
)

// ReadObject reads an object header and what is behind it. Data is as long as it is there.
func ReadObject(r io.ReaderAt, size int64) (*Object, error) {
	c := newCursor(r, size)
	_ = c.u32() // Version: writers put anything here, and readers do not look.
	format := c.u32()
	o := &Object{Linked: format == formatLinked, Class: c.counted(), Topic: c.counted(), Item: c.counted()}
	if c.err != nil || format != formatLinked && format != formatEmbedded {
		return nil, ErrFormat
	}
	if o.Linked {
		return o, nil
	}
	n := int64(c.u32())
	if c.err != nil {
		return nil, ErrFormat
	}
	o.Data = io.NewSectionReader(r, c.off, min(n, size-c.off))
	return o, nil
}

// Package is a file that was packed into a document.
type Package struct {
	Names []string // All that it is called: label, path, temporary path, and the same in Unicode; each once.
	Link  bool     // No more than a path to a file: there is no data.
	Data  *io.SectionReader
}

// ReadNative reads a stream Ole10Native, the length in front included. Of one that holds no packed file, Data is all behind the length.
func ReadNative(r io.ReaderAt, size int64) (*Package, error) {
	c := newCursor(r, size)
	total := int64(c.u32())
	if c.err != nil {
		return nil, ErrFormat
	}
	rest := io.NewSectionReader(r, 4, min(max(total, 0), size-4))
	if p := readPackage(c, r, size); p != nil {
		return p, nil
	}
	return &Package{Data: rest}, nil
}

// ReadPackage reads a packed file without the length in front, as the data of an OLE 1 object of class Package has it.
func ReadPackage(r io.ReaderAt, size int64) (*Package, error) {
	if p := readPackage(newCursor(r, size), r, size); p != nil {
		return p, nil
	}
	return nil, ErrFormat
}

// packedFile is what a packed file begins with, and kindLink what stands behind its names if it is no more than a path.
const (
	packedFile = 2
	kindLink   = 1
)

func readPackage(c *cursor, r io.ReaderAt, size int64) *Package {
	if c.u16() != packedFile {
		return nil
	}
	label, path := c.text(), c.text()
	_ = c.u16()
	p := &Package{Link: c.u16() == kindLink}
	if p.Link {
		p.add(label, path, c.text())
		if c.err != nil || len(p.Names) == 0 {
			return nil
		}
		return p
	}
	temp := c.counted()
	n := int64(c.u32())
	p.add(label, path, temp)
	if c.err != nil || len(p.Names) == 0 {
		return nil
	}
	p.Data = io.NewSectionReader(r, c.off, min(n, size-c.off))
	c.off += n
	tempW, labelW, pathW := c.wide(), c.wide(), c.wide()
	p.add(labelW, pathW, tempW)
	return p
}

func (p *Package) add(names ...string) {
	for _, name := range names {
		if name != "" && !slices.Contains(p.Names, name) {
			p.Names = append(p.Names, name)
		}
	}
}

// cursor reads numbers and strings one after the other. After an error all are empty.
type cursor struct {
	r    io.ReaderAt
	size int64
	off  int64
	err  error
}

func newCursor(r io.ReaderAt, size int64) *cursor { return &cursor{r: r, size: size} }

func (c *cursor) bytes(n int64) []byte {
	if c.err == nil && (n < 0 || n > c.size-c.off) {
		c.err = io.ErrUnexpectedEOF
	}
	if c.err != nil {
		return nil
	}
	b := make([]byte, n)
	if got, err := c.r.ReadAt(b, c.off); int64(got) < n {
		c.err = fmt.Errorf("object at octet %d: %w", c.off, err)
		return nil
	}
	c.off += n
	return b
}

func (c *cursor) u32() uint32 {
	if b := c.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if b := c.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// text reads a string that ends in NUL.
func (c *cursor) text() string {
	if c.err != nil {
		return ""
	}
	b := make([]byte, min(maxName, max(c.size-c.off, 0)))
	n, err := c.r.ReadAt(b, c.off)
	i := bytes.IndexByte(b[:n], 0)
	if i < 0 {
		c.err = fmt.Errorf("%w: a name does not end", errors.Join(ErrFormat, err))
		return ""
	}
	c.off += int64(i) + 1
	return latin1(b[:i])
}

// counted reads a string behind its length.
func (c *cursor) counted() string {
	n := c.u32()
	if n > maxName {
		c.err = ErrFormat
	}
	return strings.TrimRight(latin1(c.bytes(int64(n))), "\x00")
}

// wide reads UTF-16 behind its length in characters.
func (c *cursor) wide() string {
	n := c.u32()
	if n > maxName {
		c.err = ErrFormat
	}
	return utf16Text(c.bytes(2 * int64(n)))
}

func utf16Text(b []byte) string {
	var units []uint16
	for i := 0; i+2 <= len(b); i += 2 {
		u := binary.LittleEndian.Uint16(b[i:])
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
