// SPDX-License-Identifier: Apache-2.0

package unpack

import "encoding/binary"

// sealed is a format that is recognised and not opened.
type sealed struct {
	name string // For people.
	is   func(h *head) bool
}

// at tells of a text at an offset; one that is negative counts from the end.
func at(off int64, text string) func(*head) bool {
	return func(h *head) bool {
		if off < 0 {
			return h.has(h.leaf.Size+off, text)
		}
		return h.has(off, text)
	}
}

func anyOf(is ...func(*head) bool) func(*head) bool {
	return func(h *head) bool {
		for _, f := range is {
			if f(h) {
				return true
			}
		}
		return false
	}
}

// sealedFormats are the formats that are recognised and not opened: a file in one of them is a Problem that names it.
var sealedFormats = []sealed{
	{"a compiled help file (CHM)", at(0, "ITSF")},
	{"a disk image (VHD)", anyOf(at(0, "conectix"), at(-512, "conectix"))},
	{"a disk image (VHDX)", at(0, "vhdxfile")},
	{"a disk image (VMDK)", anyOf(at(0, "KDMV"), at(0, "COWD"), at(0, "# Disk DescriptorFile"))},
	{"a disk image (QCOW)", at(0, "QFI\xfb")},
	{"a disk image (VDI)", at(64, "\x7f\x10\xda\xbe")},
	{"a disk image (DMG)", at(-512, "koly")},
	{"a Windows image (WIM)", anyOf(at(0, "MSWIM\x00\x00\x00"), at(0, "WLPWM\x00\x00\x00"))},
	{"a CD image of raw sectors", at(0, "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00")},
	{"a High Sierra image", at(0x8009, "CDROM")},
	{"a FAT file system", isFAT},
	{"an NTFS file system", at(3, "NTFS    ")},
	{"an HFS+ file system", anyOf(at(1024, "H+\x00\x04"), at(1024, "HX\x00\x05"))},
	{"an HFS file system", isHFS},
	{"an APFS file system", at(32, "NXSB")},
	{"an exFAT file system", at(3, "EXFAT   ")},
	{"an ext2, ext3 or ext4 file system", isExt},
	{"a disk with partitions (MBR)", isMBR},
	{"a disk with partitions (GPT)", at(512, "EFI PART\x00\x00\x01\x00")},
	{"a squashfs file system", anyOf(at(0, "hsqs"), at(0, "sqsh"))},
	{"a cramfs file system", anyOf(at(0, "\x45\x3d\xcd\x28"), at(0, "\x28\xcd\x3d\x45"))},
	{"an ACE archive", at(7, "**ACE**")},
	{"a ZOO archive", at(20, "\xdc\xa7\xc4\xfd")},
	{"an ALZ archive", at(0, "ALZ\x01")},
	{"an EGG archive", at(0, "EGGA")},
	{"a ZPAQ archive", anyOf(at(0, "7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3"), at(0, "zPQ\x01"), at(0, "zPQ\x02"))},
	{"a XAR archive", at(0, "xar!\x00")},
	{"a StuffIt archive", anyOf(at(0, "SIT!"), at(0, "StuffIt (c)"), at(0, "StuffIt!"))},
	{"a FreeArc archive", at(0, "ArC\x01")},
	{"an ARC archive", isARC},
	{"an InstallShield cabinet", at(0, "ISc(")},
	{"a Symbian package", anyOf(at(0, "\x7a\x1a\x20\x10"), at(8, "\x19\x04\x00\x10"))},
	{"a zstd file from before version 0.8", isOldZstd},
	{"an lrzip file", at(0, "LRZI")},
	{"an lzop file", at(0, "\x89LZO\x00\x0d\x0a\x1a\x0a")},
	{"a snappy file", at(0, "\xff\x06\x00\x00sNaPpY")},
	{"a file packed by pack(1)", at(0, "\x1f\x1e")},
	{"a file packed by SCO compress", at(0, "\x1f\xa0")},
	{"a file packed by COMPRESS.EXE (KWAJ)", at(0, "KWAJ\x88\xf0\x27\xd1")},
	{"a file packed by COMPRESS.EXE (SZ)", at(0, "SZ \x88\xf0\x27\x33\xd1")},
}

func isSealed(h *head) bool {
	for _, f := range sealedFormats {
		if f.is(h) {
			return true
		}
	}
	return false
}

// openSealed tells what a container is that is not opened.
func openSealed(b *box) error {
	r, size := b.content()
	h := &head{leaf: b.leaf, octet: make([]byte, min(size, headSize))}
	if n, err := r.ReadAt(h.octet, 0); n < len(h.octet) {
		return orUnexpected(err)
	}
	for _, f := range sealedFormats {
		if f.is(h) {
			b.problem(Unscannable, f.name+" is not opened")
		}
	}
	return nil
}

// isFAT tells of a boot sector with a FAT file system, by what its parameters can be: its label need not be there.
func isFAT(h *head) bool {
	b := h.octet
	if !h.has(510, bootMark) || b[0] != 0xeb && b[0] != 0xe9 {
		return false
	}
	sector, cluster, tables := binary.LittleEndian.Uint16(b[11:]), b[13], b[16]
	return sector >= 512 && sector <= 4096 && sector&(sector-1) == 0 && cluster > 0 && cluster&(cluster-1) == 0 &&
		(tables == 1 || tables == 2) && b[21] >= 0xf0
}

// bootMark ends a boot sector.
const bootMark = "\x55\xaa"

// isMBR tells of a table of partitions, one of which is in the file.
func isMBR(h *head) bool {
	if !h.has(510, bootMark) {
		return false
	}
	used := false
	for p := h.octet[446:510]; len(p) > 0; p = p[16:] {
		if p[0]&0x7f != 0 {
			return false
		}
		first, sectors := binary.LittleEndian.Uint32(p[8:]), binary.LittleEndian.Uint32(p[12:])
		used = used || p[4] != 0 && sectors > 0 && first > 0 && int64(first)*512 < h.leaf.Size
	}
	return used && !isFAT(h)
}

// isExt tells of a superblock: the mark, a block size that there is, and a state.
func isExt(h *head) bool {
	b := h.octet
	return h.has(1024+56, "\x53\xef") && len(b) > 1024+60 && binary.LittleEndian.Uint32(b[1024+24:]) <= 6 && b[1024+58] < 8 && b[1024+59] == 0
}

// isHFS tells of a master directory block, whose allocation blocks are whole sectors.
func isHFS(h *head) bool {
	b := h.octet
	if !h.has(1024, "BD") || len(b) < 1024+24 {
		return false
	}
	size := binary.BigEndian.Uint32(b[1024+20:])
	return size > 0 && size%512 == 0
}

// isOldZstd tells of the formats of versions 0.1 to 0.7, which zstd may still read.
func isOldZstd(h *head) bool {
	return h.has(0, "\xfd\x2f\xb5\x1e") || len(h.octet) > 3 && h.octet[0] >= 0x22 && h.octet[0] <= 0x27 && h.has(1, "\xb5\x2f\xfd")
}

// isARC tells of an archive of SEA ARC, whose header has little to know it by: a mark, a method, a name, sizes.
func isARC(h *head) bool {
	const nameEnd, headerLen = 15, 29
	b := h.octet
	if len(b) < headerLen || b[0] != 0x1a || b[1] == 0 || b[1] > 11 || b[2] == 0 {
		return false
	}
	for i := 2; b[i] != 0; i++ {
		if i == nameEnd-1 || b[i] < ' ' {
			return false
		}
	}
	return int64(binary.LittleEndian.Uint32(b[nameEnd:])) <= h.leaf.Size-headerLen+4
}
