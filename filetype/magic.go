// SPDX-License-Identifier: Apache-2.0

package filetype

import "strings"

// signature is a mark at a fixed place near the start.
type signature struct {
	magic string
	kind  kind
	more  func(s sample) kind // What kind it is in particular, or unknown if it is none after all; nil if the mark is enough.
}

// first are the signatures that stand at the very start. Sources: the format's own specification where one is public (PNG, GIF, ZIP
// APPNOTE, RFC 1952, RFC 8878, MS-SHLLINK, MS-CFB, MS-OXTNEF, MS-ONESTORE, MS-WIM, MS-WMF, MS-EMF, ECMA-119), else the magic files
// of file(1) and shared-mime-info.
var first = byFirstOctet([]signature{
	{"\x89PNG\r\n\x1a\n", png, nil},
	{"\xff\xd8\xff", jpeg, nil},
	{"GIF87a", gif, nil},
	{"GIF89a", gif, nil},
	{"PK\x03\x04", zip, sample.zip},
	{"PK\x05\x06", zip, nil}, // An empty archive: only its end record.
	{"PK\x07\x08", zip, sample.spanned},
	{"PK00PK\x03\x04", zip, nil}, // WinZip's split archive of one part.
	{"%PDF-", pdf, nil},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ole, sample.ole},
	{"{\\rt", rtf, nil}, // Word takes anything for RTF that begins so, also {\rtx.
	{"MZ", mz, sample.mz},
	{"ZM", mz, sample.zm},
	{"\x7fELF", elf, nil},
	{"\xfe\xed\xfa\xce", macho, nil},
	{"\xfe\xed\xfa\xcf", macho, nil},
	{"\xce\xfa\xed\xfe", macho, nil},
	{"\xcf\xfa\xed\xfe", macho, nil},
	{"\xca\xfe\xba\xbe", macho, sample.cafeBabe},
	{"dex\n03", dex, nil},
	{"\x00asm", wasm, nil},
	{"FWS", swf, sample.flash},
	{"CWS", swf, sample.flash},
	{"ZWS", swf, sample.flash},
	{"ITSF", chm, nil},
	{"?_\x03\x00", hlp, nil},
	{"Cr24", crx, nil},
	{"\x7a\x1a\x20\x10", sis, nil},
	{"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F", lnk, nil},

	{"Rar!\x1a\x07", rar, nil},
	{"RE~^", rar, nil}, // RAR before 1.50.
	{"7z\xbc\xaf\x27\x1c", sevenZip, nil},
	{"\x1f\x8b", gzip, sample.gzip},
	{"BZh", bzip2, sample.bzip2},
	{"\xfd7zXZ\x00", xz, nil},
	{"\x5d\x00\x00", lzma, sample.lzma},
	{"LZIP", lzip, nil},
	{"\x28\xb5\x2f\xfd", zstd, nil},
	{"\x04\x22\x4d\x18", lz4, nil},
	{"\x02\x21\x4c\x18", lz4, nil}, // The legacy frame.
	{"\x89LZO\x00\r\n\x1a\n", lzop, nil},
	{"LRZI", lrzip, nil},
	{"\x1f\x9d", compress, nil},
	{"\x1f\xa0", compress, nil},
	{"MSCF\x00\x00\x00\x00", cab, nil},
	{"MSCF", cab, nil},
	{"ISc(", installShield, nil},
	{"070701", cpio, nil},
	{"070702", cpio, nil},
	{"070707", cpio, nil},
	{"\xc7\x71", cpio, sample.oldCpio},
	{"\x71\xc7", cpio, sample.oldCpio},
	{"!<arch>\n", ar, sample.ar},
	{"!<thin>\n", ar, nil},
	{"\xed\xab\xee\xdb", rpm, nil},
	{"\x60\xea", arj, sample.arj},
	{"ALZ\x01", alz, nil},
	{"EGGA", egg, nil},
	{"zPQ", zpaq, nil},
	{"7kSt", zpaq, nil},
	{"xar!", xar, nil},
	{"SIT!", stuffit, nil},
	{"StuffIt (c)", stuffit, nil},
	{"hsqs", squashfs, nil},
	{"sqsh", squashfs, nil},
	{"SZDD\x88\xf0\x27\x33", szdd, nil},
	{"KWAJ\x88\xf0\x27\xd1", szdd, nil},
	{"\x1a", arc, sample.arc},
	{"conectix", vhd, nil},
	{"vhdxfile", vhdx, nil},
	{"KDMV", vmdk, nil},
	{"COWD", vmdk, nil},
	{"# Disk DescriptorFile", vmdk, nil},
	{"QFI\xfb", qcow, nil},
	{"MSWIM\x00\x00\x00", wim, nil},
	{"WLPWM\x00\x00\x00", wim, nil},
	{"\x78\x9f\x3e\x22", tnef, nil},

	{"%!PS", ps, nil},
	{"\xc5\xd0\xd3\xc6", ps, nil}, // EPS with a preview.
	{"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", onenote, nil},
	{"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", onenote, nil}, // Table of contents.
	{"\x00\x01\x00\x00Standard ", access, nil},
	{"ActiveMime", activeMime, nil},
	{"AT&TFORM", djvu, nil},
	{"AC10", dwg, nil},
	{"\xdb\xa5-\x00", doc, nil},    // Word 2.
	{"\x31\xbe\x00\x00", doc, nil}, // Word for DOS, Write.
	{"\x09\x00\x04\x00", xls, sample.biff},
	{"\x09\x02\x06\x00", xls, sample.biff},
	{"\x09\x04\x06\x00", xls, sample.biff},
	{"\x09\x08\x10\x00", xls, sample.biff},

	{"BM", bmp, sample.bmp},
	{"II*\x00", tiff, nil},
	{"MM\x00*", tiff, nil},
	{"\x00\x00\x01\x00", ico, sample.icon},
	{"\x00\x00\x02\x00", cur, sample.icon},
	{"\xd7\xcd\xc6\x9a", wmf, nil},
	{"\x01\x00\x09\x00\x00\x03", wmf, nil},
	{"\x01\x00\x00\x00", emf, sample.emf},
	{"8BPS", psd, nil},
	{"\x00\x00\x00\x0cjP  \r\n\x87\n", jp2, nil},
	{"\xff\x4f\xff\x51", jp2, nil},
	{"\xff\x0a", jxl, sample.jxl},
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", jxl, nil},
	{"RIFF", data, sample.riff},

	{"ID3", mp3, nil},
	{"OggS", ogg, nil},
	{"fLaC", flac, nil},
	{"MThd", midi, nil},
	{"#!AMR", amr, nil},
	{"FORM", data, sample.form},
	{"\x1a\x45\xdf\xa3", matroska, nil},
	{"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", asf, nil},
	{"FLV\x01", flv, nil},
	{"\x00\x00\x01\xba", mpeg, nil},
	{"\x00\x00\x01\xb3", mpeg, nil},

	{"wOFF", woff, nil},
	{"wOF2", woff2, nil},
	{"OTTO", otf, nil},
	{"ttcf", ttf, nil},
	{"true\x00", ttf, nil},
	{"\x00\x01\x00\x00\x00", ttf, sample.trueType},

	{"!BDN", pst, nil},
	{"SQLite format 3\x00", sqlite, nil},
	{"regf", regf, nil},
	{"bplist0", bplist, sample.bplist},
	{"\x30\x80", pkcs7, sample.pkcs7},
	{"\x30\x82", pkcs7, sample.pkcs7},
	{"\x30\x83", pkcs7, sample.pkcs7},
	{"\x30\x84", pkcs7, sample.pkcs7},
})

// inside are the signatures that stand a little behind the start.
var inside = []struct {
	at   int
	mark string
	kind kind
	more func(s sample) kind
}{
	{2, "-lh", lha, sample.lha},
	{2, "-lz", lha, sample.lha},
	{2, "-pm", lha, sample.lha},
	{4, "ftyp", mp4, sample.ftyp},
	{4, "moov", quicktime, nil},
	{4, "mdat", quicktime, nil},
	{7, "**ACE**", ace, nil},
	{8, "\x19\x04\x00\x10", sis, nil},
	{20, "\xdc\xa7\xc4\xfd", zoo, nil},
	{34, "LP", eot, sample.eot},
	{64, "\x7f\x10\xda\xbe", vdi, nil},
	{257, "ustar", tar, nil},
}

func byFirstOctet(list []signature) (index [256][]signature) {
	for _, g := range list {
		index[g.magic[0]] = append(index[g.magic[0]], g)
	}
	return index
}

// has tells if the head holds mark at that place.
func (s sample) has(at int, mark string) bool {
	return len(s.head) >= at+len(mark) && string(s.head[at:at+len(mark)]) == mark
}

// magic goes by the marks near the start.
func (s sample) magic() kind {
	for _, g := range first[s.head[0]] {
		if !s.has(0, g.magic) {
			continue
		}
		if g.more == nil {
			return g.kind
		}
		if k := g.more(s); k != unknown {
			return k
		}
	}
	// Skippable frames of zstd and lz4 (RFC 8878 section 3.1.2): an archive behind them is one all the same.
	if s.has(1, "\x2a\x4d\x18") && s.head[0]&0xf0 == 0x50 {
		return zstd
	}
	for _, g := range inside {
		if !s.has(g.at, g.mark) {
			continue
		}
		if g.more == nil {
			return g.kind
		}
		if k := g.more(s); k != unknown {
			return k
		}
	}
	return unknown
}

// marks tells if any of the marks is in the first n octets.
func (s sample) marks(n int, marks ...string) bool {
	in := string(s.head[:min(n, len(s.head))])
	for _, m := range marks {
		if strings.Contains(in, m) {
			return true
		}
	}
	return false
}
