// SPDX-License-Identifier: Apache-2.0

package rar

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"unicode/utf16"
)

// Names of service headers.
const (
	streamService = "STM" // A stream of NTFS that the file before it has.
	quickService  = "QO"  // Headers, once more.
)

const (
	serviceHeader = 3
	serviceData   = 7 // Kind of the extra record that has the name of a stream.
)

// stream4 makes the stream of a service header of version 4, whose name stands behind that of the service; nil if it is another service.
func (f *File) stream4(rest []byte) *File {
	if f.Name != streamService {
		return nil
	}
	if f.Lock.salt != nil {
		f.Lock.salt = bytes.Clone(rest[len(rest)-saltLen:]) // It stands behind the name of the stream.
		rest = rest[:len(rest)-saltLen]
	}
	var name []uint16
	for ; len(rest) > 1 && len(name) < maxName; rest = rest[2:] {
		name = append(name, binary.LittleEndian.Uint16(rest))
	}
	f.stream = string(utf16.Decode(name))
	return f
}

// stream5 is the same of version 5. It keeps what Alone needs.
func stream5(h *header5) *File {
	body, extra := h.body.b, h.extra.b
	f := file5(h)
	if f.Name != streamService {
		return nil
	}
	f.body, f.extra = body[:f.nameAt], extra
	return f
}

// Alone is an archive of version 5 with no more in it than this stream, as a file: the library passes over streams.
func (f *File) Alone() (r io.ReaderAt, size int64) {
	body := append(binary.AppendUvarint(bytes.Clone(f.body), uint64(len(f.Name))), f.Name...)
	data := min(f.long, max(f.a.size-f.at, 0))
	const hasExtra, hasData = 1, 2
	file := binary.AppendUvarint([]byte{fileHeader, hasExtra | hasData}, uint64(len(f.extra)))
	file = append(append(binary.AppendUvarint(file, uint64(f.long)), body...), f.extra...)
	head := append([]byte(Magic+"\x01\x00"), sealed5([]byte{mainHeader, 0, 0})...)
	head = append(head, sealed5(file)...)
	all := joint{section(head), io.NewSectionReader(f.a.r, f.at, data), section(sealed5([]byte{endHeader, 0, 0}))}
	for _, part := range all {
		size += part.Size()
	}
	return all, size
}

// sealed5 puts length and checksum before what a header says.
func sealed5(h []byte) []byte {
	h = append(binary.AppendUvarint(nil, uint64(len(h))), h...)
	return append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(h)), h...)
}

func section(b []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
}

// joint is sections one behind another.
type joint []*io.SectionReader

func (j joint) ReadAt(p []byte, off int64) (n int, err error) {
	for _, s := range j {
		if off >= s.Size() {
			off -= s.Size()
			continue
		}
		k, err := s.ReadAt(p[n:], off)
		if n += k; n == len(p) {
			return n, nil
		}
		if err != nil && err != io.EOF {
			return n, err
		}
		off = 0
	}
	return n, io.EOF
}

// quick compares the headers of the quick open record with those in the archive, as some programs read no others: it gives the names of files that
// are in the record only.
func (a *Archive) quick(at int64) {
	h, next, ok := a.header5(at, "")
	if !ok || h.kind != serviceHeader || file5(&h).Name != quickService {
		return
	}
	all, ok := a.plain(next, int(min(h.data, maxHeader, max(a.size-next, 0))))
	for ok && len(all) > 0 {
		var copied []byte
		var off int64
		if copied, off, all, ok = quickHeader(all); !ok {
			return
		}
		if real, ok := a.plain(at-off, len(copied)); ok && bytes.Equal(real, copied) {
			continue
		}
		if len(a.Quick) == MaxQuick {
			a.QuickCut = true
			return
		}
		a.Quick = append(a.Quick, "")
		if h, _, ok := (&Archive{r: bytes.NewReader(copied), size: int64(len(copied))}).header5(0, ""); ok && h.kind == fileHeader {
			a.Quick[len(a.Quick)-1] = file5(&h).Name
		}
	}
}

// quickHeader takes one header out of the record: a checksum, a length, flags, how far before the record the header stands, its length and it.
func quickHeader(b []byte) (h []byte, before int64, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, 0, nil, false
	}
	sum, n := binary.LittleEndian.Uint32(b), numbers{b: b[4:]}
	one := numbers{b: n.take(n.next())}
	end := len(b) - len(n.b)
	one.next()
	before = int64(one.next() & (1<<62 - 1))
	h = one.take(one.next())
	if n.bad || one.bad || len(h) == 0 || crc32.ChecksumIEEE(b[4:end]) != sum {
		return nil, 0, nil, false
	}
	return h, before, n.b, true
}
