// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"strconv"
)

// Places of marks far from the start.
const (
	volumeStart = 0x8000 // Octets; the volume descriptors of ECMA-119 and ECMA-167 begin in the sector 16 of 2048 octets each.
	volumeMax   = 16     // Descriptors that are looked at.
	sector      = 512    // Octets of the footer of VHD and DMG files.
)

// far goes by marks that are far from the start, and by weak ones near it.
func (s sample) far() kind {
	if k := s.volume(); k != unknown {
		return k
	}
	if k := s.footer(); k != unknown {
		return k
	}
	if s.boot() {
		return fat
	}
	if s.oldTar() {
		return tar
	}
	return unknown
}

// volume: disc images. A disc that is both ISO 9660 and UDF is told as ISO.
func (s sample) volume() kind {
	if s.size <= volumeStart {
		return unknown
	}
	found := unknown
	for i := range int64(volumeMax) {
		switch string(readAt(s.r, volumeStart+i*2048+1, 5)) {
		case "CD001", "CDROM":
			return iso
		case "BEA01", "NSR02", "NSR03", "TEA01", "BOOT2":
			found = udf
		default:
			return found
		}
	}
	return found
}

// footer: disk images whose mark is in the last sector.
func (s sample) footer() kind {
	if s.size <= sector {
		return unknown
	}
	b := readAt(s.r, s.size-sector, 8)
	switch {
	case bytes.HasPrefix(b, []byte("koly\x00\x00\x00\x04")):
		return dmg
	case string(b) == "conectix":
		return vhd
	}
	return unknown
}

// boot: a sector that a computer may start from: it ends in 55 AA, and is a jump and the parameters of a file system, or a table
// of at least one partition.
func (s sample) boot() bool {
	if s.size < 2*sector || !s.has(510, "\x55\xaa") {
		return false
	}
	if s.head[0] == 0xeb && s.head[2] == 0x90 || s.head[0] == 0xe9 {
		return s.u16(11) >= sector && s.u16(11)%sector == 0
	}
	used := false
	for at := 446; at < 510; at += 16 {
		if s.head[at] != 0 && s.head[at] != 0x80 {
			return false
		}
		used = used || s.head[at+4] != 0
	}
	return used
}

// oldTar: an archive before POSIX has no mark, only a checksum of its first header (512 octets; the checksum's own field counts as blanks).
func (s sample) oldTar() bool {
	if len(s.head) < 512 || s.head[0] == 0 {
		return false
	}
	field := bytes.Trim(s.head[148:156], " \x00")
	want, err := strconv.ParseUint(string(field), 8, 32)
	if err != nil {
		return false
	}
	var sum uint64
	for i, c := range s.head[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += uint64(c)
	}
	return sum == want
}
