// SPDX-License-Identifier: Apache-2.0

// Package seven stands before the library that reads 7z archives (7zFormat.txt of the LZMA SDK). The library believes all counts that an
// archive gives and makes room for them, so this package reads the header first: it bounds the counts, decompresses and decrypts the header if
// that is encoded, and gives an archive with a plain one. It also tells quickly which passwords do not fit. Package unpack calls it.
package seven

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Bounds of what an archive may say.
const (
	MaxHeader  = 8 << 20 // Octets of the header, encoded or not.
	MaxFiles   = 1 << 16
	MaxFolders = 1 << 14 // Packed blocks.
	maxWork    = 1 << 28 // Files times folders: what the library does for them.
	maxCoders  = 16      // Of one folder; 7-Zip uses 4 and AES.
	maxStreams = 32      // Into or out of one folder.
	maxProps   = 1 << 10 // Octets of a coder's properties.
	maxCycles  = 20      // Power of 2 of the rounds to make a key; 7-Zip uses 19.
)

// Magic begins an archive.
const Magic = "7z\xbc\xaf\x27\x1c"

// StartLen is the length of what stands before the packed streams.
const StartLen = 32

// Is tells if b begins with the start of an archive, whose checksum is right.
func Is(b []byte) bool {
	return len(b) >= StartLen && string(b[:len(Magic)]) == Magic && crc32.ChecksumIEEE(b[12:StartLen]) == binary.LittleEndian.Uint32(b[8:])
}

// Errors that a caller decides on.
var (
	ErrFormat      = errors.New("not as 7z is")
	ErrLimit       = errors.New("limit exceeded")
	ErrUnsupported = errors.New("not supported")
	ErrPassword    = errors.New("needs another password")
)

// Archive is an archive of which only the start was read.
type Archive struct {
	r      io.ReaderAt
	packed int64   // Octets of the packed streams, behind the start.
	Size   int64   // Octets of the archive as a whole.
	raw    []byte  // The header as it stands there.
	coded  *folder // How it is encoded; nil if it is not.
	at     int64   // Where the encoded header is, in the packed streams,
	long   int64   // and how long.
	sum    uint32  // Of the header when it is plain; 0 if that is not known.
	keys   keyring
}

// Open reads the start and the header of an archive that is all of r, or the beginning of it.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	var b [StartLen]byte
	if err := readFull(r, b[:], 0); err != nil {
		return nil, err
	}
	if !Is(b[:]) {
		return nil, fmt.Errorf("start: %w", ErrFormat)
	}
	le := binary.LittleEndian
	offset, n := le.Uint64(b[12:]), le.Uint64(b[20:])
	if offset > uint64(max(size-StartLen, 0)) || n > uint64(size-StartLen)-offset {
		return nil, fmt.Errorf("the header lies behind the end: %w", ErrFormat)
	}
	if n > MaxHeader {
		return nil, fmt.Errorf("header of %d octets (%d): %w", n, MaxHeader, ErrLimit)
	}
	a := &Archive{r: r, packed: int64(offset), Size: StartLen + int64(offset+n), raw: make([]byte, n)}
	if n == 0 {
		return a, nil // Nothing is in it.
	}
	if err := readFull(r, a.raw, StartLen+a.packed); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(a.raw) != le.Uint32(b[28:]) {
		return nil, fmt.Errorf("checksum of the header: %w", ErrFormat)
	}
	return a, a.encoding()
}

// encoding reads how the header is encoded.
func (a *Archive) encoding() error {
	c := &cursor{b: a.raw}
	if c.octet() != idEncodedHeader {
		return nil
	}
	s := c.streams()
	if err := c.end(); err != nil {
		return err
	}
	if len(s.folders) != 1 || len(s.packed) == 0 {
		return fmt.Errorf("encoded header: %w", ErrFormat)
	}
	f := s.folders[0]
	a.coded, a.at, a.long, a.sum = &f, s.position, s.packed[0], f.sum
	if a.at < 0 || a.long < 0 || a.at > a.packed || a.long > a.packed-a.at || f.size() > MaxHeader {
		return fmt.Errorf("encoded header: %w", ErrFormat)
	}
	return nil
}

// Empty tells if nothing is in the archive.
func (a *Archive) Empty() bool { return len(a.raw) == 0 }

// Encrypted tells if the header is encrypted: then not even the names are known without a password.
func (a *Archive) Encrypted() bool { return a.coded != nil && a.coded.aes() >= 0 }

// Rounds is how many rounds of SHA-256 it takes to try one password on the header.
func (a *Archive) Rounds() int64 {
	if !a.Encrypted() {
		return 0
	}
	return a.coded.Rounds()
}

// Header gives the header as it is when it is plain. ErrPassword tells that the password is not the one.
func (a *Archive) Header(password string) (*Header, error) {
	plain := a.raw
	if a.coded != nil {
		var err error
		if plain, err = a.decode(password); err != nil {
			return nil, err
		}
	}
	if len(plain) == 0 || plain[0] != idHeader {
		return nil, a.refused("no header in it")
	}
	h, err := parseHeader(plain)
	if err != nil {
		return nil, err
	}
	h.a = a
	return h, nil
}

func (a *Archive) refused(why string) error {
	if a.Encrypted() {
		return ErrPassword
	}
	return fmt.Errorf("%s: %w", why, ErrFormat)
}

// Header tells what is in an archive, within the bounds.
type Header struct {
	Files   int
	Folders []Folder

	a     *Archive
	plain []byte
}

// Reader reads the archive with a plain header in the place of its own, which may have been encoded.
func (h *Header) Reader() (io.ReaderAt, int64) {
	var start [StartLen]byte
	le := binary.LittleEndian
	if err := readFull(h.a.r, start[:8], 0); err != nil {
		copy(start[:], Magic)
	}
	le.PutUint64(start[12:], uint64(h.a.packed))
	le.PutUint64(start[20:], uint64(len(h.plain)))
	le.PutUint32(start[28:], crc32.ChecksumIEEE(h.plain))
	le.PutUint32(start[8:], crc32.ChecksumIEEE(start[12:]))
	v := &rewritten{start: start, r: h.a.r, end: StartLen + h.a.packed, header: h.plain}
	return v, v.end + int64(len(h.plain))
}

// rewritten is an archive with another start and header.
type rewritten struct {
	start  [StartLen]byte
	r      io.ReaderAt
	end    int64 // Of the packed streams.
	header []byte
}

func (v *rewritten) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	if off < StartLen {
		n = copy(p, v.start[off:])
	}
	if at := off + int64(n); n < len(p) && at < v.end {
		m, err := v.r.ReadAt(p[n:n+int(min(int64(len(p)-n), v.end-at))], at)
		n += m
		if err != nil && !errors.Is(err, io.EOF) || off+int64(n) < v.end && n < len(p) {
			return n, orEOF(err)
		}
	}
	if at := off + int64(n) - v.end; n < len(p) && at >= 0 && at < int64(len(v.header)) {
		n += copy(p[n:], v.header[at:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// readFull fills p; what is not there is a fault of the format.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("breaks off: %w", ErrFormat)
	}
	return err
}
