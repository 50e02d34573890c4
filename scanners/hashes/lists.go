// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // Lists name malware by MD5; nothing is trusted because of one.
	"crypto/sha1" //nolint:gosec // As above.
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"math"
	"sort"
	"time"

	"github.com/mailweir/mailweir/scanners"
)

// Limits of all lists together.
const (
	maxDigests = 20_000_000
	maxNames   = 1 << 30 // Octets.
)

var (
	errTooMany = errors.New("more than 20000000 digests in all lists")
	errNames   = errors.New("more than 1 GiB of signature names in all lists")
)

// anySize is the size of an entry that goes by its digest alone.
const anySize = math.MaxUint64

// lists is everything the files say, fit for many readers. A digest costs its own octets and 12 more; names are kept once
// for entries in a row that share one.
type lists struct {
	tables [3]table // The strongest hash function first.
	names  []byte   // Each ends with LF.
	last   uint32   // Offset of the name that was added last.
	newest time.Time
	sum    uint32 // Of all of it: other lists have another one, whatever their dates.
}

func newLists() *lists {
	return &lists{tables: [3]table{
		{width: sha256.Size, hash: sha256.New},
		{width: sha1.Size, hash: sha1.New},
		{width: md5.Size, hash: md5.New},
	}}
}

// table is the one for digests of width octets; nil if there is no such kind of digest.
func (l *lists) table(width int) *table {
	for i := range l.tables {
		if l.tables[i].width == width {
			return &l.tables[i]
		}
	}
	return nil
}

// hashes are new hash functions for the digests that the lists have; none if the lists are empty.
func (l *lists) hashes() []hash.Hash {
	var hs []hash.Hash
	for i := range l.tables {
		if t := &l.tables[i]; t.len() > 0 {
			hs = append(hs, t.hash())
		}
	}
	return hs
}

func (l *lists) count() int {
	n := 0
	for i := range l.tables {
		n += l.tables[i].len()
	}
	return n
}

func (l *lists) date() string { return l.newest.UTC().Format(time.RFC3339) }

// add takes one entry in. The lists are of use for find only after sort.
func (l *lists) add(digest []byte, size uint64, name string) error {
	if l.count() >= maxDigests {
		return errTooMany
	}
	if len(l.names) == 0 || l.name(l.last) != name {
		if len(l.names)+len(name) >= maxNames {
			return errNames
		}
		l.last = uint32(len(l.names)) // Below maxNames.
		l.names = append(append(l.names, name...), '\n')
	}
	l.table(len(digest)).add(digest, size, l.last)
	return nil
}

func (l *lists) sort() {
	l.sum = crc32.ChecksumIEEE(l.names)
	for i := range l.tables {
		sort.Sort(&l.tables[i])
		l.sum = crc32.Update(l.sum, crc32.IEEETable, l.tables[i].records)
	}
}

// report looks up what the hashes have come to for content of size octets.
func (l *lists) report(hashes []hash.Hash, size int64) scanners.Report {
	for _, h := range hashes {
		name, ok := l.table(h.Size()).find(h.Sum(nil), uint64(size))
		if ok {
			return scanners.Report{Verdict: scanners.Infected, Signature: l.name(name)}
		}
	}
	return scanners.Report{Verdict: scanners.Clean}
}

func (l *lists) name(at uint32) string {
	b := l.names[at:]
	return string(b[:bytes.IndexByte(b, '\n')])
}

// table is records of one width side by side, sorted by digest: digest, size, offset of the name. A slice of structs or a
// map would cost up to three times the memory for MD5.
type table struct {
	width   int // Octets of a digest.
	hash    func() hash.Hash
	records []byte
	scratch [sha256.Size + 12]byte // For Swap.
}

const (
	sizeOctets = 8
	nameOctets = 4
)

func (t *table) stride() int { return t.width + sizeOctets + nameOctets }

func (t *table) len() int { return len(t.records) / t.stride() }

func (t *table) record(i int) []byte { return t.records[i*t.stride() : (i+1)*t.stride()] }

func (t *table) digest(i int) []byte { return t.record(i)[:t.width] }

func (t *table) add(digest []byte, size uint64, name uint32) {
	t.records = append(t.records, digest...)
	t.records = binary.BigEndian.AppendUint64(t.records, size)
	t.records = binary.BigEndian.AppendUint32(t.records, name)
}

// find returns the name's offset of the first record with this digest whose size fits.
func (t *table) find(digest []byte, size uint64) (name uint32, ok bool) {
	i := sort.Search(t.len(), func(i int) bool { return bytes.Compare(t.digest(i), digest) >= 0 })
	for ; i < t.len() && bytes.Equal(t.digest(i), digest); i++ {
		rest := t.record(i)[t.width:]
		if want := binary.BigEndian.Uint64(rest); want == anySize || want == size {
			return binary.BigEndian.Uint32(rest[sizeOctets:]), true
		}
	}
	return 0, false
}

// Len is for package sort, as are Less and Swap.
func (t *table) Len() int { return t.len() }

// Less orders by digest.
func (t *table) Less(i, j int) bool { return bytes.Compare(t.record(i), t.record(j)) < 0 }

// Swap exchanges two records.
func (t *table) Swap(i, j int) {
	tmp := t.scratch[:t.stride()]
	copy(tmp, t.record(i))
	copy(t.record(i), t.record(j))
	copy(t.record(j), tmp)
}
