// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/zipcrypt"
)

// packedMember is one way to read one member of a zip file.
type packedMember struct {
	at           origin
	start, data  int64 // Offsets of the local header and of the packed data.
	flags        uint16
	method       uint16
	time         uint16
	encrypted    bool
	aes          zipcrypt.AES // How, if its Strength is not 0.
	crc          uint32       // 0 if it is not known.
	packed, size int64        // Octets; unknown if they are not known.
	listed       bool         // In a directory.
	loud         bool         // Damage is a Problem. Else some other format happens to have a zip file in it, in pieces perhaps.

	unlock func(io.Reader) (io.Reader, error) // Decrypts the packed data; nil if it is taken as it is.
}

const unknown = -1

// packedMember is a member as a header tells of it.
func (h header) packedMember(at origin) packedMember {
	return packedMember{
		at: at, flags: h.flags, method: h.method, time: h.time, encrypted: h.encrypted(), aes: h.aes,
		crc: h.crc, packed: h.packed, size: h.size,
	}
}

// endsItself tells if the data says where it ends.
func (m packedMember) endsItself() bool {
	return !m.encrypted && (m.method == methodDeflate || m.method == methodDeflate64)
}

// outcome is what became of one reading of a member.
type outcome struct {
	end    int64 // Behind the data if all of it was read, else 0.
	opened bool  // There is a leaf.
	kind   Kind  // Of a Problem to tell of; "" if there is none.
	detail string
}

// visit visits a member in all its readings. If no content came out of any, it is a leaf of which only the names are known. end is
// behind its data if all of it was read, else 0.
func (z *zipFile) visit(readings ...packedMember) (end int64, err error) {
	var all []outcome
	opened := false
	for _, m := range readings {
		o, err := z.visitMember(m)
		if err != nil {
			return 0, z.spent(m.at.Place, err)
		}
		all, opened, end = append(all, o), opened || o.opened, max(end, o.end)
	}
	said := map[string]bool{}
	for i, o := range all {
		m := readings[i] //nolint:gosec // There is one of all for each.
		switch {
		case o.kind == "" || !m.loud && !m.listed || said[o.detail]:
			continue
		case opened:
			z.walk.problem(m.at.Place, o.kind, o.detail)
		default:
			z.seal(m.at, o.kind, o.detail)
			opened = true
		}
		said[o.detail] = true
	}
	return end, nil
}

// visitMember unpacks a member and visits it.
func (z *zipFile) visitMember(m packedMember) (outcome, error) {
	if m.encrypted {
		return z.visitEncrypted(m)
	}
	start := z.contents.arena.Size()
	got, err := z.unpack(z.contents.arena, m)
	if no, ok := errors.AsType[*refusal](err); ok {
		return outcome{kind: Unscannable, detail: no.detail}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	return z.keep(m, got, start)
}

// keep visits what was unpacked.
func (z *zipFile) keep(m packedMember, got unpacked, start int64) (o outcome, err error) {
	c := z.walk.kept(start)
	z.octets += c.size
	fault := got.fault(m)
	if fault != "" && m.loud {
		z.walk.problem(m.at.Place, faultKind(got.broken), fault)
	}
	if c.size > 0 || fault == "" {
		o.opened = true
		if err := z.walk.leaf(m.at, c); err != nil {
			return o, err
		}
	} else if m.loud {
		z.nameOnly(m.at)
	}
	// Stored octets were visited as they are, so nothing is hidden in them whatever the checksum says.
	if fault == "" || m.method == methodStored {
		o.end = m.data + got.packed
		if m.method == methodStored && m.unlock == nil {
			z.leaf.covered.add(m.data, o.end)
		}
		z.taken.add(m.start, o.end)
	}
	return o, nil
}

// unpacked is what came of unpacking a member.
type unpacked struct {
	packed, size int64 // Octets read and written.
	crc          uint32
	broken       error // Why the data ended before its end; nil if it did not.
}

// fault tells in what the data is not as its header says; "" if it is.
func (u unpacked) fault(m packedMember) string {
	var faults []string
	if u.broken != nil {
		faults = append(faults, u.broken.Error())
	}
	if m.packed != unknown && m.packed != u.packed {
		faults = append(faults, fmt.Sprintf("%d packed octets, header says %d", u.packed, m.packed))
	}
	if m.size != unknown && m.size != u.size {
		faults = append(faults, fmt.Sprintf("%d octets, header says %d", u.size, m.size))
	}
	if m.crc != 0 && m.crc != u.crc {
		faults = append(faults, "checksum is wrong")
	}
	return strings.Join(faults, "; ")
}

// unpack writes the member's content to dst. An error is a refusal, a limit, or of reading or writing; damage is none.
func (z *zipFile) unpack(dst *mail.Spool, m packedMember) (got unpacked, err error) {
	length := max(z.c.size-m.data, 0)
	if m.packed != unknown && !m.endsItself() {
		length = min(length, m.packed)
	}
	src := &source{z: z, r: io.NewSectionReader(z.c.r, m.data, length)}
	in := z.u.inflater(src)
	defer z.u.inflaters.Put(in)
	r, err := in.open(z.walk, m, src)
	for err == nil {
		var n int
		n, err = r.Read(in.page)
		got.size += int64(n)
		got.crc = crc32.Update(got.crc, crc32.IEEETable, in.page[:n])
		if err := z.budget.Octets(int64(n)); err != nil {
			return got, err
		}
		if _, err := dst.Write(in.page[:n]); err != nil {
			return got, err
		}
	}
	if errors.Is(err, io.EOF) && m.unlock != nil {
		// The authentication code stands behind what was compressed.
		if _, err = io.Copy(io.Discard, in.in); err == nil {
			err = io.EOF
		}
	}
	var no *refusal
	var limit *mail.LimitError
	switch {
	case src.err != nil:
		return got, src.err
	case errors.As(err, &no), errors.As(err, &limit):
		return got, err
	case !errors.Is(err, io.EOF):
		got.broken = err
	}
	rest := int64(in.in.Buffered())
	z.read -= rest
	got.packed = src.n - rest
	return got, nil
}

// source reads packed octets and counts them. An error other than io.EOF stays in err, because decompressors
// do not tell damage from errors of reading.
type source struct {
	z   *zipFile
	r   io.Reader
	n   int64
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.z.stopped(); s.err != nil {
		return 0, s.err
	}
	// Data that unpacks to nothing spends no octets, but time.
	if s.err = s.z.budget.CheckTime(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	s.z.read += int64(n)
	switch {
	case s.z.read > maxReads*s.z.c.size+pageSize:
		s.err = errOverlap
	case err != nil && !errors.Is(err, io.EOF):
		s.err = err
	}
	if s.err != nil {
		return n, s.err
	}
	return n, err
}
