// SPDX-License-Identifier: Apache-2.0

// Package tar reads tar archives: v7, ustar, pax and GNU. It tells where members are and by what names; it neither opens nor
// keeps them. Unlike archive/tar it goes on where others end: behind the blocks of zeros, behind rubbish, and, where a size is
// written twice, behind both. Package unpack calls it.
package tar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// ErrFormat is wrapped by errors that tell of octets that are not as the format has them; other errors are those of reading.
var ErrFormat = errors.New("tar archive is damaged")

// Limits of what is read at once.
const (
	MaxRecords = 1 << 20 // Octets of one pax header or GNU long name; longer ones are cut.
	MaxName    = 4 << 10 // Octets of one name.
	MaxPieces  = 10_000  // Of one sparse file.
	MaxDetours = 64      // Places to read on from that are kept, where sizes are written twice.
)

// BlockLen is the length of a record, in octets: archives are a whole number of them.
const BlockLen = 512

// Member is one member of an archive.
type Member struct {
	Names        []string // All that are written for it, the one that counts for most programs first.
	Link         string   // What it points to if it is a link.
	Type         byte     // The type flag, '0' for a file.
	Offset, Size int64    // Octets of its data, in the archive.
	Sparse       []Piece  // Of a sparse file, whose data are its pieces one after another; nil if it is none.
	RealSize     int64    // Octets of a sparse file with its holes.
}

// Piece is some octets of a sparse file that are no hole.
type Piece struct{ Offset, Size int64 }

// Reader finds the members one after another. It is not safe for several goroutines.
type Reader struct {
	r       io.ReaderAt
	size    int64
	next    int64
	seen    map[int64]bool // Offsets of headers.
	detours []int64        // Where to read on after the end.
	global  extension      // Of pax headers for all that follow.
	lost    bool           // Between members; told once.
}

// New reads the archive of size octets that r holds.
func New(r io.ReaderAt, size int64) *Reader {
	return &Reader{r: r, size: size, seen: map[int64]bool{}, global: extension{records: records{}}}
}

// Is tells if head, the first octets of a file, begins with a header.
func Is(head []byte) bool {
	if len(head) < BlockLen {
		return false
	}
	// Most that is none has no number where the checksum stands. Some write it with blanks before it.
	for _, c := range head[149:153] {
		if (c < '0' || c > '7') && c != ' ' && head[148]&0x80 == 0 {
			return false
		}
	}
	h := (*header)(head[:BlockLen])
	return h.valid() && h.name() != ""
}

// Begin tells that the first header stands at an offset.
func (r *Reader) Begin(off int64) { r.next = off }

// Next finds the next member; io.EOF if there is none. A member may come with an error that wraps ErrFormat and tells what is wrong
// with it or before it; then there may be more.
func (r *Reader) Next() (*Member, error) {
	own := &extension{records: records{}}
	for {
		h, err := r.header()
		if err != nil {
			return nil, err
		}
		size, fault := h.size()
		data := r.next
		switch h[156] {
		case 'L':
			err = r.longText(own, "path", size)
		case 'K':
			err = r.longText(own, "linkpath", size)
		case 'x', 'X':
			err = r.extend(own, size)
		case 'g':
			err = r.extend(&r.global, size)
		default:
			fault = errors.Join(r.global.fault, own.fault, fault)
			r.global.fault = nil
			return r.member(h, own, size, fault)
		}
		r.next = data + blocks(size)
		if err != nil {
			return nil, err
		}
	}
}

// header reads the next header and stands behind it.
func (r *Reader) header() (*header, error) {
	for {
		if r.next > r.size-BlockLen {
			if len(r.detours) == 0 {
				return nil, io.EOF
			}
			r.next, r.detours = r.detours[0], r.detours[1:]
			r.lost = true // That there may be no header is the point of it.
			continue
		}
		var h header
		if _, err := r.r.ReadAt(h[:], r.next); err != nil {
			return nil, fmt.Errorf("read header: %w", err)
		}
		at := r.next
		r.next += BlockLen
		switch {
		case h == header{}:
			continue
		case r.seen[at]:
			r.next = r.size // This way was gone.
			continue
		case h.valid():
			r.seen[at], r.lost = true, false
			return &h, nil
		case !r.lost:
			r.lost = true
			return nil, fmt.Errorf("%w: no header at offset %d", ErrFormat, at)
		}
	}
}

// member puts together what header and records say.
func (r *Reader) member(h *header, own *extension, size int64, fault error) (*Member, error) {
	m := &Member{Type: h[156], Link: h.text(157, 100), Offset: r.next}
	if m.Type == 0 || m.Type == '7' {
		m.Type = '0'
	}
	said := maps.Clone(r.global.records)
	maps.Copy(said, own.records)
	m.Names = names(slices.Concat([]string{said["GNU.sparse.name"], said["path"]}, own.paths, r.global.paths, []string{h.name(), h.text(0, 100)})...)
	if said["linkpath"] != "" {
		m.Link = said["linkpath"]
	}
	other := size
	if v, ok := said["size"]; ok {
		if n, ok := lenient(v); ok && n != size {
			size, fault = n, errors.Join(fault, fmt.Errorf("%w: %s has two sizes, %d and %d", ErrFormat, m.Names[0], n, size))
		}
	}
	if m.Type >= '1' && m.Type <= '6' && size > 0 {
		// Some programs write a size for a link, and no data; some read no data whatever the size.
		follows, err := r.headerAt(m.Offset)
		if err != nil {
			return nil, err
		}
		if other = 0; follows {
			size, other = 0, size
		}
	}
	r.detour(m.Offset+blocks(other), m.Offset+blocks(size))
	if rest := r.size - m.Offset; size > rest {
		fault = errors.Join(fault, fmt.Errorf("%w: %s is cut short by %d octets", ErrFormat, m.Names[0], size-rest))
		size = rest
	}
	m.Size = size
	return m, errors.Join(fault, r.sparse(m, h, said))
}

// headerAt tells if there is a header at off.
func (r *Reader) headerAt(off int64) (bool, error) {
	if off > r.size-BlockLen {
		return false, nil
	}
	var h header
	if _, err := r.r.ReadAt(h[:], off); err != nil {
		return false, fmt.Errorf("read header: %w", err)
	}
	return h.valid(), nil
}

// detour reads on at next, and later at other if that is elsewhere.
func (r *Reader) detour(other, next int64) {
	r.next = min(next, r.size)
	if other != next && other < r.size && len(r.detours) < MaxDetours && !slices.Contains(r.detours, other) {
		r.detours = append(r.detours, other)
	}
}

// names are those that are set, each once and cut to MaxName.
func names(all ...string) []string {
	var set []string
	for _, n := range all {
		n = n[:min(len(n), MaxName)]
		if n != "" && !slices.Contains(set, n) {
			set = append(set, n)
		}
	}
	if set == nil {
		return []string{""}
	}
	return set
}

// records are those of a pax header, with the names of the GNU extensions as if they were such.
type records map[string]string

// extension is what stands before a member, in pax headers and GNU long names.
type extension struct {
	records
	paths []string // All that were written, at most maxPaths: programs differ in which counts.
	fault error    // The first.
}

const maxPaths = 300

func (e *extension) set(key, value string) {
	if key == "path" && len(e.paths) < maxPaths && !slices.Contains(e.paths, value) {
		e.paths = append(e.paths, value[:min(len(value), MaxName)])
	}
	e.records[key] = value
}

// longText reads the data of a GNU long name.
func (r *Reader) longText(into *extension, key string, size int64) error {
	b, err := r.data(size)
	if err != nil {
		return err
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	into.set(key, string(b))
	return nil
}

// extend reads the data of a pax header: "length key=value\n" over and over. What stands before a record that makes no sense counts.
func (r *Reader) extend(into *extension, size int64) error {
	b, err := r.data(size)
	if err != nil {
		return err
	}
	for len(b) > 0 {
		digits, _, ok := bytes.Cut(b[:min(len(b), 20)], []byte(" "))
		n, isNumber := decimal(string(digits))
		if !ok || !isNumber || n <= int64(len(digits))+1 || n > int64(len(b)) {
			if into.fault == nil {
				into.fault = fmt.Errorf("%w: pax header has no record where one should be", ErrFormat)
			}
			return nil
		}
		record := strings.TrimSuffix(string(b[len(digits)+1:n]), "\n")
		b = b[n:]
		key, value, _ := strings.Cut(record, "=")
		switch key {
		case "path", "linkpath", "size", "GNU.sparse.name", "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.realsize",
			"GNU.sparse.major", "GNU.sparse.minor":
			into.set(key, value)
		case "GNU.sparse.offset", "GNU.sparse.numbytes":
			// The pairs of version 0.0 as version 0.1 has them.
			into.records["GNU.sparse.pairs"] += value + ","
		}
	}
	return nil
}

func (r *Reader) data(size int64) ([]byte, error) {
	b := make([]byte, max(min(size, MaxRecords, r.size-r.next), 0))
	if _, err := r.r.ReadAt(b, r.next); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read extension: %w", err)
	}
	return b, nil
}
