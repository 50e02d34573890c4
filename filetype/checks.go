// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"encoding/binary"
)

// u16 and u32 read little-endian numbers; 0 behind the end.
func (s sample) u16(at int) int {
	if at < 0 || len(s.head) < at+2 {
		return 0
	}
	return int(binary.LittleEndian.Uint16(s.head[at:]))
}

func (s sample) u32(at int) int64 {
	if at < 0 || len(s.head) < at+4 {
		return 0
	}
	return int64(binary.LittleEndian.Uint32(s.head[at:]))
}

// mz: the header of DOS programs points at 0x3c to that of a newer format (Microsoft PE format, section "MS-DOS stub"). Two letters
// alone are also how a text may begin.
func (s sample) mz() kind {
	if at := s.u32(0x3c); at > 0 && at+4 <= s.size {
		if b := readAt(s.r, at, 4); string(b) == "PE\x00\x00" {
			return pe
		}
	}
	if t, ok := plain(s.head, false); ok && len(t) > 2 {
		return unknown
	}
	return mz
}

// zm: DOS takes the letters in this order too; no Windows does, and two letters are little to go by.
func (s sample) zm() kind {
	if pages := s.u16(4); pages == 0 || int64(pages-1)*512 > s.size || s.u16(8) > 0x1000 {
		return unknown
	}
	return s.mz()
}

// cafeBabe: Java classes and Mach-O files for several processors begin alike. The next number is the class format's version, or how
// many processors.
func (s sample) cafeBabe() kind {
	if len(s.head) < 8 {
		return unknown
	}
	if n := binary.BigEndian.Uint32(s.head[4:]); n > 0 && n < 30 {
		return macho
	}
	return javaClass
}

// flash: the letters are followed by the version.
func (s sample) flash() kind {
	if len(s.head) < 8 || s.head[3] == 0 || s.head[3] > 60 {
		return unknown
	}
	return swf
}

// gzip: RFC 1952 section 2.3: the method is 8, three bits of the flags are zero.
func (s sample) gzip() kind {
	if len(s.head) > 3 && (s.head[2] != 8 || s.head[3]&0xe0 != 0) {
		return unknown
	}
	return gzip
}

// bzip2: the level, then the mark of a block or of the end.
func (s sample) bzip2() kind {
	if len(s.head) < 4 || s.head[3] < '1' || s.head[3] > '9' {
		return unknown
	}
	if len(s.head) >= 10 && !s.has(4, "\x31\x41\x59\x26\x53\x59") && !s.has(4, "\x17\x72\x45\x38\x50\x90") {
		return unknown
	}
	return bzip2
}

// lzma: usual properties, a dictionary of a power of two or 1.5 of it, and an unpacked size that is unknown or below 256 GiB, as file(1) and XZ Utils judge it.
func (s sample) lzma() kind {
	if len(s.head) < 13 {
		return unknown
	}
	dict := uint32(s.u32(1))
	size := binary.LittleEndian.Uint64(s.head[5:])
	top := dict & -dict // The lowest bit that is set.
	if dict < 1<<12 || dict != top && dict != top|top<<1 {
		return unknown
	}
	if size != 1<<64-1 && size >= 1<<38 {
		return unknown
	}
	return lzma
}

// oldCpio: the binary header has a file mode at 6 and the length of the name, which ends in NUL, at 20.
func (s sample) oldCpio() kind {
	if len(s.head) < 28 {
		return unknown
	}
	n := s.u16(20)
	if s.head[0] == 0x71 {
		n = int(binary.BigEndian.Uint16(s.head[20:]))
	}
	if n < 2 || n > 1024 || len(s.head) >= 26+n && s.head[26+n-1] != 0 {
		return unknown
	}
	return cpio
}

// ar: a Debian package is an archive whose first member says so (deb(5)).
func (s sample) ar() kind {
	if s.has(8, "debian-binary") {
		return deb
	}
	return ar
}

// arj: the size of the basic header is at most 2600, that of its fixed part at least 30.
func (s sample) arj() kind {
	if n := s.u16(2); n < 30 || n > 2600 || len(s.head) < 12 || s.head[4] < 30 || s.head[10] != 2 && s.head[10] > 4 {
		return unknown
	}
	return arj
}

// lha: "-lh5-": a letter or digit and a second hyphen.
func (s sample) lha() kind {
	if len(s.head) < 21 || s.head[6] != '-' || s.head[0] == 0 && s.head[20] > 3 {
		return unknown
	}
	return lha
}

// arc: a method of those in use, a name of at most 12 characters that ends in NUL, and a size that fits.
func (s sample) arc() kind {
	if len(s.head) < 29 || s.head[1] == 0 || s.head[1] > 11 || s.head[2] <= ' ' || s.u32(15) > s.size {
		return unknown
	}
	for _, c := range s.head[2:15] {
		if c == 0 {
			return arc
		}
		if c < ' ' || c > '~' {
			return unknown
		}
	}
	return unknown
}

// biff: a lone worksheet stream of Excel 2 to 5: its kind is 5 to 0x100.
func (s sample) biff() kind {
	switch s.u16(6) {
	case 5, 6, 0x10, 0x20, 0x40, 0x100:
		return xls
	}
	return unknown
}

// bmp: the reserved numbers are zero and the header has one of its known sizes.
func (s sample) bmp() kind {
	switch s.u32(14) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return bmp
	}
	return unknown
}

// icon: some pictures, the first with a directory entry whose reserved octet is zero or 255 and whose data is inside the file.
func (s sample) icon() kind {
	if n := s.u16(4); n == 0 || n > 256 || len(s.head) < 22 || s.head[9] != 0 && s.head[9] != 255 || s.u32(18) < 22 || s.u32(18) > s.size {
		return unknown
	}
	if s.head[2] == 2 {
		return cur
	}
	return ico
}

// emf: MS-EMF section 2.3.4.2: the signature " EMF" is at 40.
func (s sample) emf() kind {
	if s.has(40, " EMF") {
		return emf
	}
	return unknown
}

// jxl: the mark is two octets, so what follows shall be no text.
func (s sample) jxl() kind {
	if _, ok := plain(s.head[2:], false); ok {
		return unknown
	}
	return jxl
}

func (s sample) riff() kind {
	switch {
	case s.has(8, "WEBP"):
		return webp
	case s.has(8, "WAVE"):
		return wav
	case s.has(8, "AVI "):
		return avi
	case s.has(8, "ACON"):
		return cur
	}
	return unknown
}

func (s sample) form() kind {
	if s.has(8, "AIFF") || s.has(8, "AIFC") {
		return aiff
	}
	return unknown
}

// ftyp: ISO/IEC 14496-12: the brand tells pictures from films.
func (s sample) ftyp() kind {
	for _, b := range []string{"heic", "heix", "hevc", "mif1", "msf1", "avif", "avis"} {
		if s.has(8, b) {
			return heif
		}
	}
	if s.has(8, "qt  ") {
		return quicktime
	}
	return mp4
}

// eot: the version at 8 and the reserved numbers behind the mark.
func (s sample) eot() kind {
	if s.has(8, "\x00\x00\x01\x00") || s.has(8, "\x01\x00\x02\x00") || s.has(8, "\x02\x00\x02\x00") {
		return eot
	}
	return unknown
}

// trueType: a handful of tables, the first by a name of four letters.
func (s sample) trueType() kind {
	if len(s.head) < 16 || s.head[5] == 0 || s.head[5] > 64 {
		return unknown
	}
	for _, c := range s.head[12:16] {
		if c < ' ' || c > '~' {
			return unknown
		}
	}
	return ttf
}

// bplist: a binary property list with an address and little else is what Safari makes of a bookmark.
func (s sample) bplist() kind {
	if s.size <= HeadSize && bytes.Contains(s.head, []byte("SURL_")) {
		return webloc
	}
	return bplist
}

// pkcs7: a sequence that begins with an object identifier 1.2.840.113549.1.7.x (RFC 5652).
func (s sample) pkcs7() kind {
	if s.marks(20, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07") {
		return pkcs7
	}
	return unknown
}

// spanned: the mark of a split archive stands before the first local header (APPNOTE section 8.5.3); else it is a data descriptor.
func (s sample) spanned() kind {
	if s.has(4, "PK\x03\x04") {
		return sample{head: s.head[4:], r: s.r, size: s.size}.zip()
	}
	return zip
}
