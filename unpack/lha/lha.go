// SPDX-License-Identifier: Apache-2.0

// Package lha reads LHA and LZH archives with headers of level 0 to 3. It unpacks what is stored and lh4 to lh7; of other members it
// has the names. Package unpack calls it.
package lha

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/lzh"
)

// Errors that are not of reading.
var (
	ErrFormat      = errors.New("lha archive is damaged")
	ErrUnsupported = errors.New("lha method is not supported")
)

// Limits of a header.
const (
	MaxHeader = 64 << 10 // Octets of one with its extensions.
	MaxName   = 4 << 10  // Octets of a name with its directory.
)

const (
	baseLen = 22  // Of a header of level 0 up to the length of the name.
	longLen = 26  // Of a header of level 2.
	headLen = 257 // The longest header of level 0.
)

// Member is one member of an archive.
type Member struct {
	Name         string // With its directory.
	Method       string // Such as "-lh5-".
	Size         int64  // When unpacked.
	Offset       int64  // Of its data, in the archive.
	Packed       int64  // Octets of its data.
	Dir          bool
	dir, extName string
	crc          uint16
	hasCRC       bool
}

// Reader finds the members one after another. It is not safe for several goroutines.
type Reader struct {
	r    io.ReaderAt
	size int64
	next int64
}

// New reads the archive of size octets that r holds.
func New(r io.ReaderAt, size int64) *Reader { return &Reader{r: r, size: size} }

// Is tells if head is the beginning of an archive: a method in the place where one is, and a level.
func Is(head []byte) bool {
	if len(head) < baseLen || head[20] > 3 || !isMethod(head[2:7]) {
		return false
	}
	if head[20] <= 1 {
		n := int(head[0])
		return n >= 20 && (len(head) < n+2 || sum(head[2:n+2]) == head[1])
	}
	// The others have no checksum in this place, but a size that is small, or that of a number, and a letter for the system.
	if len(head) < longLen || head[23] != 0 && (head[23] < '0' || head[23] > 'z') {
		return false
	}
	n := binary.LittleEndian.Uint16(head)
	return head[20] == 2 && n >= longLen || head[20] == 3 && n == 4
}

func isMethod(m []byte) bool {
	switch {
	case m[0] != '-' || m[4] != '-':
		return false
	case m[1] == 'l' && m[2] == 'h':
		return m[3] >= '0' && m[3] <= '9' || m[3] == 'd' || m[3] == 'x' || m[3] >= 'a' && m[3] <= 'f'
	case m[1] == 'l' && m[2] == 'z':
		return m[3] == 's' || m[3] >= '0' && m[3] <= '9'
	}
	return m[1] == 'p' && m[2] == 'm' && m[3] >= '0' && m[3] <= '2' || m[1] == 'p' && m[2] == 'c' && m[3] == '1'
}

func sum(b []byte) (s byte) {
	for _, c := range b {
		s += c
	}
	return s
}

// End is the offset behind the last member that was read.
func (r *Reader) End() int64 { return min(r.next, r.size) }

// Next finds the next member; io.EOF at the end. A member that is cut short comes with an error that wraps ErrFormat.
func (r *Reader) Next() (*Member, error) {
	if r.next >= r.size {
		return nil, io.EOF
	}
	h, err := r.octets(r.next, min(headLen, r.size-r.next))
	if err != nil {
		return nil, err
	}
	if h[0] == 0 {
		r.next++
		return nil, io.EOF
	}
	if !Is(h) {
		return nil, fmt.Errorf("%w: no header at offset %d", ErrFormat, r.next)
	}
	m := &Member{
		Method: string(h[2:7]), Packed: int64(binary.LittleEndian.Uint32(h[7:])), Size: int64(binary.LittleEndian.Uint32(h[11:])),
	}
	switch h[20] {
	case 0, 1:
		err = r.short(m, h)
	default:
		err = r.long(m, h)
	}
	if err != nil {
		return nil, err
	}
	m.name()
	m.Dir = m.Method == "-lhd-"
	rest := r.size - m.Offset
	if rest < 0 {
		return nil, fmt.Errorf("%w: header is cut short", ErrFormat)
	}
	if m.Packed > rest {
		m.Packed = rest
		r.next = r.size
		return m, fmt.Errorf("%w: a member is cut short", ErrFormat)
	}
	r.next = m.Offset + m.Packed
	return m, nil
}

func (r *Reader) octets(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off > r.size-n {
		return nil, fmt.Errorf("%w: header is cut short", ErrFormat)
	}
	b := make([]byte, n)
	if _, err := r.r.ReadAt(b, off); err != nil && n > 0 {
		return nil, fmt.Errorf("read header: %w", err)
	}
	return b, nil
}

// short reads a header of level 0 or 1.
func (r *Reader) short(m *Member, h []byte) error {
	length := int(h[0]) + 2
	nameLen := int(h[21])
	if len(h) < length || length < baseLen+nameLen {
		return fmt.Errorf("%w: a name does not fit into its header", ErrFormat)
	}
	m.Name = string(h[baseLen : baseLen+nameLen])
	if at := baseLen + nameLen; at+2 <= length {
		m.crc, m.hasCRC = binary.LittleEndian.Uint16(h[at:]), true
	}
	m.Offset = r.next + int64(length)
	if h[20] == 0 {
		return nil
	}
	// Level 1: the last two octets are the size of the first extension, and the packed size counts them all.
	start := m.Offset
	end, err := r.extensions(m, start, int64(binary.LittleEndian.Uint16(h[length-2:])), 2)
	if err != nil {
		return err
	}
	m.Offset = end
	if m.Packed -= end - start; m.Packed < 0 {
		return fmt.Errorf("%w: extensions are larger than the member", ErrFormat)
	}
	return nil
}

// long reads a header of level 2 or 3.
func (r *Reader) long(m *Member, h []byte) error {
	m.crc, m.hasCRC = binary.LittleEndian.Uint16(h[21:]), true
	length, first, width := int64(binary.LittleEndian.Uint16(h)), int64(24), int64(2)
	if h[20] == 3 {
		if len(h) < 32 {
			return fmt.Errorf("%w: header is cut short", ErrFormat)
		}
		length, first, width = int64(binary.LittleEndian.Uint32(h[24:])), 28, 4
	}
	b, err := r.octets(r.next+first, width)
	if err != nil {
		return err
	}
	size := int64(binary.LittleEndian.Uint16(b))
	if width == 4 {
		size = int64(binary.LittleEndian.Uint32(b))
	}
	if length < first+width || length > MaxHeader {
		return fmt.Errorf("%w: a header of %d octets", ErrFormat, length)
	}
	m.Offset = r.next + length
	_, err = r.extensions(m, r.next+first+width, size, width)
	return err
}

// extensions reads those from off on; size is that of the first one, with the size of the next one at its end.
func (r *Reader) extensions(m *Member, off, size, width int64) (end int64, err error) {
	for total := int64(0); size > 0; {
		if total += size; size < width+1 || total > MaxHeader {
			return 0, fmt.Errorf("%w: an extension of %d octets", ErrFormat, size)
		}
		b, err := r.octets(off, size)
		if err != nil {
			return 0, err
		}
		off += size
		data := b[1 : size-width]
		switch b[0] {
		case 0x01:
			m.extName = string(data)
		case 0x02:
			m.dir = strings.ReplaceAll(string(data), "\xff", "/")
		case 0x42:
			if len(data) >= 16 {
				m.Packed, m.Size = int64(binary.LittleEndian.Uint64(data)&(1<<62-1)), int64(binary.LittleEndian.Uint64(data[8:])&(1<<62-1))
			}
		}
		next := b[size-width:]
		if size = int64(binary.LittleEndian.Uint16(next)); width == 4 {
			size = int64(binary.LittleEndian.Uint32(next))
		}
	}
	return off, nil
}

// name puts the name together. One in an extension counts more than one in the header.
func (m *Member) name() {
	if m.extName != "" {
		m.Name = m.extName
	}
	if i := strings.IndexByte(m.Name, 0); i >= 0 {
		m.Name = m.Name[:i]
	}
	if m.dir != "" && !strings.HasSuffix(m.dir, "/") {
		m.dir += "/"
	}
	m.Name = m.dir + m.Name
	m.Name = m.Name[:min(len(m.Name), MaxName)]
}

// Open unpacks a member.
func (r *Reader) Open(m *Member) (io.Reader, error) {
	data := io.Reader(io.NewSectionReader(r.r, m.Offset, m.Packed))
	switch m.Method {
	case "-lh0-", "-lz4-", "-pm0-", "-lhd-":
	case "-lh4-":
		data = lzh.NewReader(data, lzh.LH4, m.Size)
	case "-lh5-":
		data = lzh.NewReader(data, lzh.LH5, m.Size)
	case "-lh6-":
		data = lzh.NewReader(data, lzh.LH6, m.Size)
	case "-lh7-":
		data = lzh.NewReader(data, lzh.LH7, m.Size)
	default:
		return nil, fmt.Errorf("%w: %s", ErrUnsupported, strings.Trim(m.Method, "-"))
	}
	if !m.hasCRC {
		return data, nil
	}
	return &checked{r: data, want: m.crc}, nil
}

// checked compares the checksum at the end, CRC-16.
type checked struct {
	r         io.Reader
	crc, want uint16
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for _, b := range p[:n] {
		c.crc ^= uint16(b)
		for range 8 {
			c.crc = c.crc>>1 ^ 0xa001*(c.crc&1)
		}
	}
	if errors.Is(err, io.EOF) && c.crc != c.want {
		err = fmt.Errorf("%w: checksum is wrong", ErrFormat)
	}
	return n, err
}
