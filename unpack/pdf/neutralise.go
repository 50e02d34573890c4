// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ErrCannot is returned by Neutralise for a file in which not all that is dangerous can be made inert.
var ErrCannot = errors.New("cannot be made harmless in place")

// Neutralise writes the file with what Read calls a fact made inert: the names that make it one are changed to names of the same length
// that no program knows, such as /xS for /JS. All else stays octet for octet, so every offset in the file stays right. Names in an object
// stream are changed in there, and the stream is packed again into the room that it has. The result is read once more before anything is
// written: if a fact is left, or something could not be looked at, the error is ErrCannot and nothing is written. A file without facts is
// written as it is. The text of most scripts stays in the file, unreachable. A signature of the file is broken by the change.
func Neutralise(r io.ReaderAt, size int64, w io.Writer) error {
	x, err := inspect(r, size, Options{Spend: allowance(neutralOctets)})
	if err != nil {
		return cannot(err)
	}
	if len(x.report.Problems) > 0 || len(x.marks) > maxMarks {
		return fmt.Errorf("%w: not all of it can be looked at", ErrCannot)
	}
	changed, err := x.patch()
	if err != nil {
		return err
	}
	left, err := inspect(changed, size, Options{Spend: allowance(neutralOctets)})
	if err != nil {
		return cannot(err)
	}
	if len(left.report.Facts) > 0 {
		return fmt.Errorf("%w: %s", ErrCannot, left.report.Facts[0].Detail)
	}
	if len(left.report.Problems) > 0 {
		return fmt.Errorf("%w: %s", ErrCannot, left.report.Problems[0].Detail)
	}
	_, err = io.Copy(w, io.NewSectionReader(changed, 0, size))
	return err
}

// neutralOctets is how much Neutralise decodes of a file, twice.
const neutralOctets = 256 << 20

var errAllowance = fmt.Errorf("limit decoded octets (%d) exceeded", int64(neutralOctets))

func allowance(left int64) func(int64) error {
	return func(n int64) error {
		if left -= n; left < 0 {
			return errAllowance
		}
		return nil
	}
}

func cannot(err error) error {
	if errors.Is(err, errAllowance) {
		return fmt.Errorf("%w: %w", ErrCannot, err)
	}
	return err
}

// change is octets that stand at an offset of the file instead of what stood there.
type change struct {
	off  int64
	with []byte
}

// patched is a file with changes, in order of their offset.
type patched struct {
	r       io.ReaderAt
	changes []change
}

func (p *patched) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.r.ReadAt(b, off)
	from, _ := slices.BinarySearchFunc(p.changes, off, func(c change, off int64) int {
		if c.off+int64(len(c.with)) <= off {
			return -1
		}
		return 1
	})
	for _, c := range p.changes[from:] {
		if c.off >= off+int64(n) {
			break
		}
		if c.off >= off {
			copy(b[c.off-off:n], c.with)
		} else {
			copy(b[:n], c.with[off-c.off:])
		}
	}
	return n, err
}

// patch makes the changes for all marks.
func (x *inspection) patch() (*patched, error) {
	p := &patched{r: x.r}
	packs := map[int32][]mark{}
	seen := map[mark]bool{}
	for _, m := range x.marks {
		switch {
		case seen[m]:
		case m.in >= 0:
			packs[m.in] = append(packs[m.in], m)
		default:
			word := make([]byte, m.end-m.off)
			if _, err := x.r.ReadAt(word, m.off); err != nil && err != io.EOF {
				return nil, err
			}
			inert(word)
			p.changes = append(p.changes, change{m.off, word})
		}
		seen[m] = true
	}
	for n, marks := range packs {
		c, err := x.repack(int(n), marks)
		if err != nil {
			return nil, err
		}
		p.changes = append(p.changes, c)
	}
	slices.SortFunc(p.changes, func(a, b change) int { return int(a.off - b.off) })
	for i := 1; i < len(p.changes); i++ {
		if a := p.changes[i-1]; a.off+int64(len(a.with)) > p.changes[i].off {
			return nil, fmt.Errorf("%w: objects overlap", ErrCannot)
		}
	}
	return p, nil
}

// inert changes a name, with its solidus, to one that no program knows.
func inert(word []byte) {
	if len(word) < 2 {
		return
	}
	if bytes.IndexByte(word, '#') < 0 {
		word[1] = 'x'
		return
	}
	for i := range word[1:] {
		word[i+1] = 'x'
	}
}

// repack changes names in an object stream. Programs stop reading where the packed data ends, so that zeros may follow it.
func (x *inspection) repack(n int, marks []mark) (change, error) {
	o := x.load(x.packs[n].at)
	stages, err := x.stages(o)
	if err != nil || len(stages) > 1 || x.crypt != nil && !crypted(stages) {
		return change{}, fmt.Errorf("%w: object stream %d", ErrCannot, o.place.num)
	}
	data := bytes.Clone(x.unpacked(n))
	for _, m := range marks {
		inert(data[m.off:m.end])
	}
	for _, m := range x.blanks {
		for i := m.off + 1; int(m.in) == n && i < m.end-1; i++ {
			data[i] = ' '
		}
	}
	off, room := x.extent(o)
	if len(stages) == 0 {
		return change{off, data[:min(int64(len(data)), room)]}, nil
	}
	if f := stages[0].filter; f != "FlateDecode" && f != "Fl" || x.sub(stages[0].parms, "Predictor").int() > 1 {
		return change{}, fmt.Errorf("%w: object stream %d is packed by other means", ErrCannot, o.place.num)
	}
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	if err != nil {
		return change{}, err
	}
	// A buffer does not fail.
	_, _ = z.Write(data)
	_ = z.Close()
	if int64(packed.Len()) > room {
		return change{}, fmt.Errorf("%w: object stream %d has no room", ErrCannot, o.place.num)
	}
	return change{off, append(packed.Bytes(), make([]byte, room-int64(packed.Len()))...)}, nil
}
