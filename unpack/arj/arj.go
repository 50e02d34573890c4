// SPDX-License-Identifier: Apache-2.0

// Package arj reads ARJ archives: what is stored and methods 1 to 4. What is garbled (encrypted) or is continued in other volumes
// has its name only. Package unpack calls it.
package arj

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/mailweir/mailweir/unpack/lzh"
)

// Errors that are not of reading.
var (
	ErrFormat      = errors.New("arj archive is damaged")
	ErrUnsupported = errors.New("arj method is not supported")
)

// Magic begins every header.
const Magic = "\x60\xea"

// maxHeader is how long a header is at most: what arj itself allows.
const maxHeader = 2600

const (
	fixedLen = 30 // Of a header.
	prefix   = 4  // Magic and size before it.
)

// Flags of a header.
const (
	flagGarbled  = 0x01
	flagVolume   = 0x04 // It goes on in the next volume.
	flagExternal = 0x08 // It began in the one before.
)

// File types.
const (
	typeMain = 2
	typeDir  = 3
)

// Member is one member of an archive.
type Member struct {
	Name         string
	Method       byte
	Size         int64 // When unpacked.
	Offset       int64 // Of its data, in the archive.
	Packed       int64 // Octets of its data.
	Dir          bool
	Encrypted    bool
	Continued    bool // It begins or goes on in another volume.
	HeaderBroken bool // Its checksum is wrong.
	crc          uint32
}

// Reader finds the members one after another. It is not safe for several goroutines.
type Reader struct {
	r      io.ReaderAt
	size   int64
	next   int64
	begun  bool
	Volume bool // There are more volumes, which are not here.
}

// New reads the archive of at most size octets that r holds.
func New(r io.ReaderAt, size int64) *Reader { return &Reader{r: r, size: size} }

// Is tells if head is the beginning of an archive: a main header that makes sense.
func Is(head []byte) bool {
	if len(head) < prefix+fixedLen || !bytes.HasPrefix(head, []byte(Magic)) {
		return false
	}
	n := int(binary.LittleEndian.Uint16(head[2:]))
	first := int(head[4])
	return n >= fixedLen && n <= maxHeader && first >= fixedLen && first <= n && head[10] == typeMain
}

// Begins tells if there is a main header whose checksum is right.
func (r *Reader) Begins() bool {
	first := *r
	_, broken, err := first.header()
	return err == nil && !broken
}

// End is the offset behind the last member that was read.
func (r *Reader) End() int64 { return min(r.next, r.size) }

// Next finds the next member; io.EOF at the end. A member that is cut short comes with an error that wraps ErrFormat.
func (r *Reader) Next() (*Member, error) {
	for {
		h, broken, err := r.header()
		if err != nil {
			return nil, err
		}
		if !r.begun {
			r.begun = true
			r.Volume = h[4]&flagVolume != 0
			if h[6] == typeMain {
				continue
			}
		}
		return r.member(h, broken)
	}
}

// member makes one of its header; its data are next.
func (r *Reader) member(h []byte, broken bool) (*Member, error) {
	name, _, _ := bytes.Cut(h[h[0]:], []byte{0})
	m := &Member{
		Name: string(name), Method: h[5], Packed: int64(binary.LittleEndian.Uint32(h[12:])), Size: int64(binary.LittleEndian.Uint32(h[16:])),
		Offset: r.next, Dir: h[6] == typeDir, Encrypted: h[4]&flagGarbled != 0, Continued: h[4]&(flagVolume|flagExternal) != 0,
		HeaderBroken: broken, crc: binary.LittleEndian.Uint32(h[20:]),
	}
	if rest := r.size - r.next; m.Packed > rest {
		m.Packed, r.next = rest, r.size
		return m, fmt.Errorf("%w: a member is cut short", ErrFormat)
	}
	r.next += m.Packed
	return m, nil
}

// header reads the next one with its extensions, and stands behind it.
func (r *Reader) header() (h []byte, broken bool, err error) {
	b, err := r.octets(r.next, prefix)
	if err != nil {
		return nil, false, err
	}
	n := int64(binary.LittleEndian.Uint16(b[2:]))
	if string(b[:2]) != Magic || n > maxHeader || n > 0 && n < fixedLen {
		return nil, false, fmt.Errorf("%w: no header at offset %d", ErrFormat, r.next)
	}
	if n == 0 {
		r.next += prefix
		return nil, false, io.EOF
	}
	// Behind it is its checksum.
	h, err = r.octets(r.next+prefix, n+4)
	if err != nil {
		return nil, false, err
	}
	broken = crc32.ChecksumIEEE(h[:n]) != binary.LittleEndian.Uint32(h[n:])
	if h = h[:n]; int64(h[0]) > n || h[0] < fixedLen {
		return nil, false, fmt.Errorf("%w: no header at offset %d", ErrFormat, r.next)
	}
	r.next += prefix + n + 4
	for {
		b, err := r.octets(r.next, 2)
		if err != nil {
			return nil, false, err
		}
		r.next += 2
		n := int64(binary.LittleEndian.Uint16(b))
		if n == 0 {
			return h, broken, nil
		}
		r.next += n + 4
	}
}

func (r *Reader) octets(off, n int64) ([]byte, error) {
	if off > r.size-n {
		return nil, fmt.Errorf("%w: header is cut short", ErrFormat)
	}
	b := make([]byte, n)
	if _, err := r.r.ReadAt(b, off); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	return b, nil
}

// Open unpacks a member.
func (r *Reader) Open(m *Member) (io.Reader, error) {
	data := io.Reader(io.NewSectionReader(r.r, m.Offset, m.Packed))
	switch m.Method {
	case 0:
	case 1, 2, 3:
		data = lzh.NewReader(data, lzh.ARJ, m.Size)
	case 4:
		data = lzh.NewFastest(data, m.Size)
	default:
		return nil, fmt.Errorf("%w: %d", ErrUnsupported, m.Method)
	}
	return &checked{r: data, want: m.crc}, nil
}

// checked compares the checksum at the end.
type checked struct {
	r         io.Reader
	crc, want uint32
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.crc = crc32.Update(c.crc, crc32.IEEETable, p[:n])
	if errors.Is(err, io.EOF) && c.crc != c.want {
		err = fmt.Errorf("%w: checksum is wrong", ErrFormat)
	}
	return n, err
}
