// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/mailweir/mailweir/unpack/zipcrypt"
)

// Lengths of the fixed parts of zip structures (APPNOTE.TXT sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16).
const (
	localLen     = 30
	recordLen    = 46
	endLen       = 22
	locator64Len = 20
	end64Len     = 56
)

// Methods and flags (APPNOTE.TXT sections 4.4.4 and 4.4.5).
const (
	methodStored    = 0
	methodDeflate   = 8
	methodDeflate64 = 9
	methodBzip2     = 12
	methodLZMA      = 14
	methodZstdOld   = 20
	methodZstd      = 93
	methodXZ        = 95
	methodAES       = 99

	flagEncrypted  = 1 << 0
	flagMarker     = 1 << 1  // Of LZMA: an end marker stands behind the data.
	flagDescriptor = 1 << 3  // Sizes and checksum follow the data; they are zero in the local header.
	flagStrong     = 1 << 6  // Encryption of APPNOTE.TXT section 7.
	flagUTF8       = 1 << 11 // The name is UTF-8, else code page 437 (appendix D).
	flagMasked     = 1 << 13 // The directory is encrypted, and local headers say nothing.

	zip64Extra   = 1
	unicodeExtra = 0x7075 // The name in UTF-8 (section 4.6.9).
)

// errNoHeader is returned where there is no header of the kind asked for.
var errNoHeader = errors.New("no such header")

// header is what a local header or a directory record says of a member.
type header struct {
	flags, method uint16
	time          uint16 // Of the last change, as MS-DOS has it.
	crc           uint32
	packed, size  int64  // Octets; math.MaxInt64 if it says more than that.
	local         int64  // Where the directory says the local header is; of a local header, where it is.
	length        int64  // Octets of the header itself, name and extra fields included.
	name          string // As it stands there.
	nameLen       int
	unicode       []string     // Names from the extra fields.
	aes           zipcrypt.AES // From the extra fields; zero if there is none.
}

func (h header) encrypted() bool { return h.flags&flagEncrypted != 0 || h.method == methodAES }

// readLocal reads the local header at off.
func readLocal(r io.ReaderAt, off int64) (header, error) {
	var b [localLen]byte
	if err := readAt(r, b[:], off); err != nil {
		return header{}, err
	}
	h, ok := parseLocal(b[:], off)
	if !ok {
		return header{}, errNoHeader
	}
	extra := h.length - localLen - int64(h.nameLen)
	return h, h.readRest(r, off+localLen, extra)
}

// parseLocal parses the fixed part of a local header.
func parseLocal(b []byte, off int64) (header, bool) {
	le := binary.LittleEndian
	if b[0] != 'P' || b[1] != 'K' || signature(b[2]) != sigLocal || b[3] != b[2]+1 {
		return header{}, false
	}
	h := header{
		flags: le.Uint16(b[6:]), method: le.Uint16(b[8:]), time: le.Uint16(b[10:]), crc: le.Uint32(b[14:]),
		packed: int64(le.Uint32(b[18:])), size: int64(le.Uint32(b[22:])), local: off, nameLen: int(le.Uint16(b[26:])),
	}
	h.length = localLen + int64(h.nameLen) + int64(le.Uint16(b[28:]))
	return h, true
}

// readRecord reads the directory record at off.
func readRecord(r io.ReaderAt, off int64) (header, error) {
	var b [recordLen]byte
	if err := readAt(r, b[:], off); err != nil {
		return header{}, err
	}
	le := binary.LittleEndian
	if b[0] != 'P' || b[1] != 'K' || signature(b[2]) != sigDirectory || b[3] != b[2]+1 {
		return header{}, errNoHeader
	}
	h := header{
		flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]), time: le.Uint16(b[12:]), crc: le.Uint32(b[16:]),
		packed: int64(le.Uint32(b[20:])), size: int64(le.Uint32(b[24:])), local: int64(le.Uint32(b[42:])),
		nameLen: int(le.Uint16(b[28:])),
	}
	extra := int64(le.Uint16(b[30:]))
	h.length = recordLen + int64(h.nameLen) + extra + int64(le.Uint16(b[32:]))
	return h, h.readRest(r, off+recordLen, extra)
}

// readRest reads the name and the extra fields (APPNOTE.TXT section 4.5).
func (h *header) readRest(r io.ReaderAt, off, extra int64) error {
	name := make([]byte, min(h.nameLen, MaxAlias))
	if err := readAt(r, name, off); err != nil {
		return err
	}
	h.name = string(name)
	if extra == 0 {
		return nil
	}
	b := make([]byte, extra)
	if err := readAt(r, b, off+int64(h.nameLen)); err != nil {
		if max(h.packed, h.size, h.local) < math.MaxUint32 {
			return ignoreMissing(err) // Nothing in them is needed.
		}
		return err
	}
	h.aes, _ = zipcrypt.ParseAES(b)
	h.readExtra(b)
	return nil
}

// readExtra reads the extra fields that are of use here.
func (h *header) readExtra(extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return
		}
		switch id {
		case zip64Extra:
			h.zip64(extra[:n])
		case unicodeExtra:
			// A version, a checksum of the other name, this name. Not all programs look at the checksum.
			if n > 5 && len(h.unicode) <= MaxAliases {
				h.unicode = append(h.unicode, string(extra[5:min(n, 5+MaxAlias)]))
			}
		}
		extra = extra[n:]
	}
}

// zip64 replaces the values that did not fit into 32 bits. Those that are not there stay as they are, and then point nowhere.
func (h *header) zip64(field []byte) {
	for _, v := range []*int64{&h.size, &h.packed, &h.local} {
		if *v == math.MaxUint32 && len(field) >= 8 {
			*v, field = clamp(binary.LittleEndian.Uint64(field)), field[8:]
		}
	}
}

// directoryEnd is what an end of central directory record says.
type directoryEnd struct {
	at      int64 // Where the record is: the directory ends there.
	volume  int   // Number of this volume; 0 if there is one only.
	entries int64
	size    int64 // Octets of the directory.
	offset  int64 // Of the directory, from the start of the archive.
}

// readEnds reads the end record at off and, if one belongs to it, its zip64 twin: programs differ in which they believe.
func readEnds(r io.ReaderAt, off int64) ([]directoryEnd, error) {
	var b [endLen]byte
	if err := readAt(r, b[:], off); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	ends := []directoryEnd{{
		at: off, volume: int(le.Uint16(b[4:])), entries: int64(le.Uint16(b[10:])),
		size: int64(le.Uint32(b[12:])), offset: int64(le.Uint32(b[16:])),
	}}
	var l [locator64Len]byte
	if err := readAt(r, l[:], off-locator64Len); err != nil || string(l[:4]) != "PK\x06\x07" {
		return ends, ignoreMissing(err)
	}
	for _, at := range []int64{clamp(le.Uint64(l[8:])), off - locator64Len - end64Len} {
		var e [end64Len]byte
		if err := readAt(r, e[:], at); ignoreMissing(err) != nil {
			return nil, err
		}
		if string(e[:4]) == "PK\x06\x06" {
			return append(ends, directoryEnd{
				at: at, volume: ends[0].volume, entries: clamp(le.Uint64(e[32:])),
				size: clamp(le.Uint64(e[40:])), offset: clamp(le.Uint64(e[48:])),
			}), nil
		}
	}
	return ends, nil
}

// readAt fills b. errNoHeader tells that the content ends before, or that off is not in it.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	if off < 0 || off > math.MaxInt64-int64(len(b)) {
		return errNoHeader
	}
	n, err := r.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errNoHeader
	}
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, errNoHeader) {
		return nil
	}
	return err
}

func clamp(v uint64) int64 { return int64(min(v, math.MaxInt64)) }

// methodName is the name of a compression method; known is false if no program is known to read it.
func methodName(m uint16) (name string, known bool) {
	switch m {
	case methodStored:
		return "stored", true
	case 1:
		return "shrink", true
	case 2, 3, 4, 5:
		return "reduce", true
	case 6:
		return "implode", true
	case methodDeflate:
		return "deflate", true
	case 9:
		return "deflate64", true
	case 10:
		return "PKWARE implode", true
	case 12:
		return "bzip2", true
	case 14:
		return "LZMA", true
	case 16, 18, 19, 97:
		return fmt.Sprintf("method %d", m), true
	case 20, 93:
		return "zstd", true
	case 94:
		return "MP3", true
	case 95:
		return "xz", true
	case 96:
		return "JPEG", true
	case 98:
		return "PPMd", true
	case methodAES:
		return "AES", true
	}
	return fmt.Sprintf("method %d", m), false
}
