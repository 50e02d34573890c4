// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/mailweir/mailweir/unpack/arj"
)

func isARJ(h *head) bool { return len(h.leaf.signs.arj) > 0 }

// openARJ takes out the files of the ARJ archive that the content is, or of the first one that it has somewhere in it.
func openARJ(b *box) error {
	r, size := b.content()
	for _, off := range b.leaf.signs.arj {
		in := arj.New(io.NewSectionReader(r, off, size-off), size-off)
		if off == 0 || in.Begins() {
			return b.arjFiles(in, off)
		}
	}
	return nil
}

func (b *box) arjFiles(r *arj.Reader, off int64) error {
	for {
		m, err := r.Next()
		if m != nil && !m.Dir {
			if err := b.arjMember(r, m); err != nil {
				return err
			}
		}
		if err == nil {
			continue
		}
		b.ended(err)
		if r.Volume {
			b.problem(Unscannable, "volume of several, the others are not here")
		}
		if off > 0 {
			return nil
		}
		return b.rest(r.End())
	}
}

func (b *box) arjMember(r *arj.Reader, m *arj.Member) error {
	if m.HeaderBroken {
		b.problem(Damaged, "checksum of a header is wrong: "+cleanName(m.Name))
	}
	to := member{names: []string{m.Name}, size: m.Size, open: func() (io.Reader, error) { return r.Open(m) }}
	switch {
	case m.Encrypted:
		to.sealed, to.detail = Encrypted, needsPassword
	case m.Continued:
		to.sealed, to.detail = Unscannable, "goes on in another volume, which is not here"
	}
	return b.member(to)
}
