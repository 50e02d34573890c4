// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// The file is a head and records, all of fixed length, so that one that is broken spoils no other. Numbers are in big-endian order.
const (
	magic        = "mailweir seen 1\n"
	headOctets   = len(magic) + idOctets
	idOctets     = 16 // A random number that tells the file from the one that took its place.
	recordOctets = 40 // Key 16, first 4, last 4, count 4, tag 4, class 1, group 1, zero 2, CRC-32C of these 4.
	crcAt        = recordOctets - 4
)

// record is an entry as it is kept.
type record struct {
	key         Key
	first, last uint32 // Seconds since 1970.
	count, tag  uint32
	class       uint8
	group       uint8
}

func (r *record) entry() Entry {
	return Entry{
		Class: int(r.class), Group: r.group, First: time.Unix(int64(r.first), 0), Last: time.Unix(int64(r.last), 0), Count: r.count, Tag: r.tag,
	}
}

func (r *record) append(b []byte) []byte {
	at := len(b)
	b = append(b, r.key[:]...)
	b = binary.BigEndian.AppendUint32(b, r.first)
	b = binary.BigEndian.AppendUint32(b, r.last)
	b = binary.BigEndian.AppendUint32(b, r.count)
	b = binary.BigEndian.AppendUint32(b, r.tag)
	b = append(b, r.class, r.group, 0, 0)
	return binary.BigEndian.AppendUint32(b, checksum(b[at:]))
}

// parseRecord reads one record; ok is false if it is broken.
func parseRecord(b []byte) (r record, ok bool) {
	if len(b) < recordOctets || binary.BigEndian.Uint32(b[crcAt:]) != checksum(b[:crcAt]) {
		return record{}, false
	}
	copy(r.key[:], b)
	r.first, r.last = binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	r.count, r.tag = binary.BigEndian.Uint32(b[24:]), binary.BigEndian.Uint32(b[28:])
	r.class, r.group = b[32], b[33]
	return r, true
}

// checksum of zeros is not zero, so that a hole in the file is no record.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
