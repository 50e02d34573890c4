// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of what counts as a local header although no directory lists it.
const (
	maxOrphanName = 1024 // Octets.
	namedOrphans  = 3    // How many a Problem names.
)

// orphans visits the members that no directory lists: programs that read a zip file from its start find them, and if the
// directory is broken or missing nothing else does.
func (z *zipFile) orphans() error {
	var hidden []string
	for off := int64(0); ; {
		at, sig, err := z.find.next(z.taken.end(off))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		off = at + 4
		if sig != sigLocal || z.taken.has(at) {
			continue
		}
		name, end, err := z.orphan(at)
		if err != nil {
			return err
		}
		if name != "" {
			hidden = append(hidden, name)
		}
		off = max(off, end)
	}
	if n := len(hidden); n > 0 {
		z.problem(Damaged, fmt.Sprintf("%d members are in no directory: %s", n, strings.Join(hidden[:min(n, namedOrphans)], ", ")))
	}
	return nil
}

// orphan visits the member with a local header at off, if there is one. name is "" if this may be no member at all; end is 0 if it
// was not read whole.
func (z *zipFile) orphan(off int64) (name string, end int64, err error) {
	b, err := z.find.peek(off, localLen)
	if err != nil {
		return "", 0, ignoreEOF(err)
	}
	h, ok := parseLocal(b, off)
	_, known := methodName(h.method)
	if !ok || !known || off+h.length > z.c.size {
		return "", 0, nil
	}
	if err := z.budget.Entry(); err != nil {
		return "", 0, err
	}
	if h, err = readLocal(z.c.r, off); err != nil {
		return "", 0, ignoreMissing(err)
	}
	m := h.packedMember(z.leaf.member("zip", z.kept, h.names()...))
	m.start, m.data, m.loud = off, off+h.length, z.formal && (h.named() || h.flags&flagMasked != 0)
	if h.flags&flagDescriptor != 0 {
		m.crc, m.size = 0, unknown
		if m.packed, err = z.untilNext(m); err != nil {
			return "", 0, err
		}
	}
	end, err = z.visit(m)
	if !m.loud {
		return "", end, err
	}
	return cleanName(h.names()[0]), end, err
}

// named tells if the name could be one of a file. By chance it is not.
func (h header) named() bool {
	return h.nameLen > 0 && h.nameLen <= maxOrphanName && !strings.ContainsFunc(h.name, func(r rune) bool { return r < ' ' })
}

// maxDescriptors is how many signatures behind a member are looked at for its data descriptor.
const maxDescriptors = 16

// untilNext is the length of data whose length is not known: up to the descriptor that says so or, where there is none, to the next signature.
// Deflated data ends by itself.
func (z *zipFile) untilNext(m packedMember) (int64, error) {
	if m.endsItself() {
		return unknown, nil
	}
	first := int64(unknown)
	for off, n := m.data, 0; n < maxDescriptors; n++ {
		at, sig, err := z.find.next(off)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		if sig == sigDescriptor && z.describes(at, at-m.data) {
			return at - m.data, nil
		}
		if first == unknown {
			first = at - m.data
		}
		off = at + 4
	}
	if first == unknown {
		first = z.c.size - m.data
	}
	return first, nil
}

// describes tells if the data descriptor at off is of so many packed octets (APPNOTE.TXT section 4.3.9).
func (z *zipFile) describes(off, packed int64) bool {
	var b [16]byte
	if err := readAt(z.c.r, b[:], off); err != nil {
		return false
	}
	return int64(binary.LittleEndian.Uint32(b[8:])) == packed
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
