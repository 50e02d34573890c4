// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/mailweir/mailweir/unpack/lha"
)

// maxMagics is how many places of a program are looked at that have a magic number of three octets.
const maxMagics = 4096

func isLHA(h *head) bool { return lha.Is(h.octet) || isProgram(h) }

// openLHA takes out the files of an LHA archive, or of the first one that is in a program.
func openLHA(b *box) error {
	const (
		before = 2   // Octets before the method.
		look   = 300 // Octets of a header that tell if it is one.
	)
	r, size := b.content()
	for _, magic := range []string{"-lh", "-lz", "-pm"} {
		offs, err := b.find(magic, maxMagics)
		if err != nil {
			return err
		}
		for _, off := range offs {
			off -= before
			if off < 0 {
				continue
			}
			head := make([]byte, min(look, size-off))
			if n, err := r.ReadAt(head, off); n < len(head) {
				return orUnexpected(err)
			}
			if lha.Is(head) {
				return b.lhaFiles(lha.New(io.NewSectionReader(r, off, size-off), size-off), off)
			}
		}
	}
	return nil
}

func (b *box) lhaFiles(r *lha.Reader, off int64) error {
	for {
		m, err := r.Next()
		if m != nil && !m.Dir {
			if err := b.member(member{names: []string{m.Name}, size: m.Size, open: func() (io.Reader, error) { return r.Open(m) }}); err != nil {
				return err
			}
		}
		if err == nil {
			continue
		}
		b.ended(err)
		if off > 0 {
			return nil
		}
		return b.rest(r.End())
	}
}
