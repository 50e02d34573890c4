// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"

	"github.com/mailweir/mailweir/unpack/arj"
	"github.com/mailweir/mailweir/unpack/binhex"
	"github.com/mailweir/mailweir/unpack/cab"
	"github.com/mailweir/mailweir/unpack/rar"
	"github.com/mailweir/mailweir/unpack/seven"
	"github.com/mailweir/mailweir/unpack/tar"
	"github.com/mailweir/mailweir/unpack/yenc"
)

// signs are the signatures that are looked for in all of a leaf, wherever they stand. They are found in one pass, for all formats.
type signs struct {
	zip    bool    // A local header of zip, or the end of a directory.
	formal bool    // The leaf begins as a zip file does.
	ends   []int64 // Offsets of all ends of directories, up to maxEnds.
	seven  []int64 // Offsets of all headers of 7z archives, one more than maxEmbedded at most.
	rar    []int64
	cab    []int64
	arj    []int64
	tar    int64 // Offset of the first block that is a header of tar; -1 if there is none.

	lines [lineKinds]int64 // Offset of the first line of each kind; -1 if there is none.
}

// lineKind is how a line begins that something may stand behind.
type lineKind int

const (
	dashLine   lineKind = iota // "--"
	armourLine                 // pemBegin
	uuLine                     // "begin "
	yencLine
	binhexLine
	lineKinds
)

// Bounds of a pass.
const (
	maxEnds = 1 << 16 // More than any limit of entries that is of use.
	seam    = 64      // Octets that are looked at again in the next window: no signature is longer.
	maxLead = 8       // Octets of quoting before the line of BinHex.
)

// look finds the signatures in the leaf.
func (w *walk) look(l *Leaf) (*signs, error) {
	s := &signs{tar: -1}
	for k := range s.lines {
		s.lines[k] = -1
	}
	f := w.finder(l)
	defer f.close()
	if l.base != nil && s.inherit(l) {
		b, err := f.peek(0, 1)
		if err == nil {
			s.line(b, 0)
		}
		return s, ignoreEOF(err)
	}
	for off := int64(0); off < l.Size; {
		b, err := f.peek(off, min(l.Size-off, seam+1))
		if err != nil {
			return nil, err
		}
		n := len(b) - seam // Signatures begin before this.
		if off+int64(len(b)) == l.Size {
			n = len(b)
		}
		s.binary(b, n, off)
		s.blocks(b, n, off)
		s.text(b, n, off)
		off += int64(n)
	}
	return s, nil
}

// inherit takes the signatures of what the leaf is a section of; ok is false if those do not tell all. Only its first line begins where that has none.
func (s *signs) inherit(l *Leaf) (ok bool) {
	from, to := l.at, l.at+l.Size
	p := l.base.signs
	if p == nil || p.zip || from%tar.BlockLen != 0 || p.tar >= 0 && p.tar < to || max(len(p.seven), len(p.rar), len(p.cab), len(p.arj)) > maxEmbedded {
		return false
	}
	for _, at := range p.lines {
		if at >= 0 && at < to {
			return false
		}
	}
	within := func(all []int64) (mine []int64) {
		for _, at := range all {
			if at >= from && at < to {
				mine = append(mine, at-from)
			}
		}
		return mine
	}
	s.seven, s.rar, s.cab, s.arj = within(p.seven), within(p.rar), within(p.cab), within(p.arj)
	return true
}

// binary looks for the signatures of archives that begin among the first n octets of b, by the octet in them that is the rarest in text.
func (s *signs) binary(b []byte, n int, off int64) {
	each(b, n, 'K', 1, func(i int) {
		if i+4 > len(b) || b[i] != 'P' || b[i+3] != b[i+2]+1 {
			return
		}
		at := off + int64(i)
		switch signature(b[i+2]) {
		case sigEnd:
			s.zip = true
			if len(s.ends) < maxEnds {
				s.ends = append(s.ends, at)
			}
		case sigLocal:
			s.zip = true
		case sigDescriptor:
		default:
			return
		}
		// A multi-volume archive begins with the signature of a descriptor, or with four octets of its own.
		s.formal = s.formal || at == 0 || at == 4 && signature(b[i+2]) == sigLocal
	})
	each(b, n, seven.Magic[2], 2, func(i int) { s.seven = noted(s.seven, seven.Is(b[i:]), off+int64(i)) })
	each(b, n, rar.Magic[4], 4, func(i int) { s.rar = noted(s.rar, rar.Is(b[i:]), off+int64(i)) })
	each(b, n, arj.Magic[1], 1, func(i int) { s.arj = noted(s.arj, arj.Is(b[i:]), off+int64(i)) })
	each(b, n, cab.Magic[3], 3, func(i int) { s.cab = noted(s.cab, cab.Is(b[i:]), off+int64(i)) })
}

// each calls f for the places among the first n octets of b that have the octet so much behind them.
func each(b []byte, n int, octet byte, behind int, f func(i int)) {
	for at := behind; at < len(b); at++ {
		i := bytes.IndexByte(b[at:], octet)
		if i < 0 || at+i-behind >= n {
			return
		}
		at += i
		f(at - behind)
	}
}

// blocks looks for a header of tar among the blocks of b.
func (s *signs) blocks(b []byte, n int, off int64) {
	for i := int(-off & (tar.BlockLen - 1)); i < n && s.tar < 0; i += tar.BlockLen {
		if tar.Is(b[i:]) {
			s.tar = off + int64(i)
		}
	}
}

func noted(all []int64, is bool, at int64) []int64 {
	if is && len(all) <= maxEmbedded {
		return append(all, at)
	}
	return all
}

// text looks for lines that begin among the first n octets of b.
func (s *signs) text(b []byte, n int, off int64) {
	if off == 0 {
		s.line(b, 0)
	}
	each(b, n, '\n', 0, func(i int) { s.line(b[i+1:], off+int64(i)+1) })
	each(b, n, '\r', 0, func(i int) {
		if i+1 < len(b) && b[i+1] != '\n' {
			s.line(b[i+1:], off+int64(i)+1)
		}
	})
}

// line notes what kind of line begins b.
func (s *signs) line(b []byte, at int64) {
	if len(b) == 0 {
		return
	}
	begins := func(k lineKind, text string) {
		if (s.lines[k] < 0 || at < s.lines[k]) && bytes.HasPrefix(b, []byte(text)) {
			s.lines[k] = at
		}
	}
	switch b[0] {
	case '-':
		begins(dashLine, "--")
		begins(armourLine, pemBegin)
	case 'b':
		begins(uuLine, "begin ")
	case '=':
		begins(yencLine, yenc.Begin)
	case '(', '>', ' ', '\t':
		for range maxLead {
			if len(b) > 0 && b[0] != '(' {
				b = b[1:]
			}
		}
		begins(binhexLine, binhex.Begin)
	}
}
