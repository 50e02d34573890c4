// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// member is one way to read one member of a zip file.
type member struct {
	at           Place
	start, data  int64 // Offsets of the local header and of the packed data.
	method       uint16
	encrypted    bool
	crc          uint32 // 0 if it is not known.
	packed, size int64  // Octets; unknown if they are not known.
	listed       bool   // In a directory.
	loud         bool   // Damage is a Problem. Else some other format happens to have a zip file in it, in pieces perhaps.
}

const unknown = -1

// maxDeflate is how many octets one packed octet can become at most.
const maxDeflate = 1032

// visitMember unpacks a member and visits it. end is behind its data if all of it was read, else 0.
func (z *zipFile) visitMember(m member) (end int64, err error) {
	if m.method != methodStored && m.method != methodDeflate {
		if name, _ := methodName(m.method); (m.loud || m.listed) && !m.encrypted {
			z.problem(m.at, Unscannable, "compression method "+name+" is not supported")
		}
		return 0, nil
	}
	spool := z.u.Spooler.New(m.hint())
	got, err := z.unpack(spool, m)
	if err != nil {
		return 0, z.spent(m.at, closeAfter(spool, err))
	}
	c := newContent(spool, spool.Size(), spool)
	defer c.release()
	z.octets += c.size
	fault := got.fault(m)
	switch {
	case m.encrypted && (fault != "" || m.crc == 0):
		return 0, nil // It is no lie: what came out is noise.
	case fault != "" && m.loud:
		z.problem(m.at, Damaged, fault)
	}
	if c.size > 0 || fault == "" {
		if err := z.leaf(m.at, c, z.depth); err != nil {
			return 0, err
		}
	}
	// Stored octets were visited as they are, so nothing is hidden in them whatever the checksum says.
	if fault == "" || m.method == methodStored {
		end = m.data + got.packed
		z.taken.add(m.start, end)
	}
	return end, nil
}

// hint is the size to expect. The header may lie, but not beyond what the data can become.
func (m member) hint() int64 {
	if m.size < 0 || m.packed < 0 || m.packed > math.MaxInt64/maxDeflate {
		return 0
	}
	return min(m.size, m.packed*maxDeflate)
}

// unpacked is what came of unpacking a member.
type unpacked struct {
	packed, size int64 // Octets read and written.
	crc          uint32
	broken       error // Why the data ended before its end; nil if it did not.
}

// fault tells in what the data is not as its header says; "" if it is.
func (u unpacked) fault(m member) string {
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

// unpack writes the member's content to dst. An error is a limit, or of reading or writing; damage is none.
func (z *zipFile) unpack(dst *mail.Spool, m member) (got unpacked, err error) {
	length := max(z.c.size-m.data, 0)
	if m.method == methodStored && m.packed != unknown {
		length = min(length, m.packed)
	}
	src := &source{z: z, r: io.NewSectionReader(z.c.r, m.data, length)}
	in := z.u.inflater(src)
	defer z.u.inflaters.Put(in)
	r := in.reader(m.method)
	for {
		n, err := r.Read(in.page)
		got.size += int64(n)
		got.crc = crc32.Update(got.crc, crc32.IEEETable, in.page[:n])
		if err := z.budget.Octets(int64(n)); err != nil {
			return got, err
		}
		if _, err := dst.Write(in.page[:n]); err != nil {
			return got, err
		}
		if err == nil {
			continue
		}
		if src.err != nil {
			return got, src.err
		}
		if !errors.Is(err, io.EOF) {
			got.broken = err
		}
		break
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

// inflater is a decompressor with its buffers, for use by one after another.
type inflater struct {
	in    *bufio.Reader
	flate io.Reader
	page  []byte
}

func (u *Unpacker) inflater(src io.Reader) *inflater {
	in, _ := u.inflaters.Get().(*inflater)
	if in == nil {
		in = &inflater{in: bufio.NewReader(src), page: make([]byte, 32<<10)}
	}
	in.in.Reset(src)
	return in
}

// reader is what reads a member of the method, octet for octet: nothing behind the end of deflated data is used up.
func (in *inflater) reader(method uint16) io.Reader {
	if method == methodStored {
		return in.in
	}
	if r, ok := in.flate.(flate.Resetter); ok {
		// Reset fails for a dictionary only, and there is none.
		_ = r.Reset(in.in, nil)
		return in.flate
	}
	in.flate = flate.NewReader(in.in)
	return in.flate
}
