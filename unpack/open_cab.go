// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/mailweir/mailweir/unpack/cab"
)

// isProgram tells of a program, which may have an archive in it that it unpacks.
func isProgram(h *head) bool { return h.has(0, "MZ") }

func isCab(h *head) bool { return len(h.leaf.signs.cab) > 0 }

// openCab takes out the files of the cabinets that the content is, or has somewhere in it.
func openCab(b *box) error {
	at, err := b.embedded("cab", b.leaf.signs.cab)
	if err != nil {
		return err
	}
	r, size := b.content()
	end := int64(0)
	for _, off := range at {
		if off < end {
			continue // In the cabinet before.
		}
		c, err := cab.Open(io.NewSectionReader(r, off, size-off), size-off)
		if err != nil {
			if off == 0 {
				b.ended(err)
			}
			continue
		}
		end = off + c.Size
		if err := b.cabFiles(c); err != nil {
			return err
		}
		if off == 0 {
			return b.rest(end)
		}
	}
	return nil
}

func (b *box) cabFiles(c *cab.Cabinet) error {
	if c.Set {
		b.problem(Unscannable, "cabinet of a set, the others are not here")
	}
	for {
		f, err := c.Next()
		if err != nil {
			b.ended(err)
			return nil
		}
		m := member{names: []string{f.Name}, size: f.Size, open: func() (io.Reader, error) { return c.Open(f) }}
		if f.Elsewhere {
			m.sealed, m.detail = Unscannable, cab.ErrSet.Error()
		}
		if err := b.member(m); err != nil {
			return err
		}
	}
}
