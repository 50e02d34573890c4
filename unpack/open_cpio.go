// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"github.com/mailweir/mailweir/unpack/cpio"
)

func isCpio(h *head) bool { return cpio.Is(h.octet) }

// openCpio takes out the files of a cpio archive, and what stands behind its end, which may be one more.
func openCpio(b *box) error {
	r := cpio.New(b.content())
	for {
		m, err := r.Next()
		if m != nil && !m.Dir {
			if err := b.section([]string{m.Name}, m.Offset, m.Size); err != nil {
				return err
			}
		}
		if err != nil {
			b.ended(err)
			return b.rest(r.End())
		}
	}
}

// rest visits what stands behind the end of the format at off, if it is more than zeros. Some programs write those to fill blocks.
func (b *box) rest(off int64) error {
	r, size := b.content()
	page := b.u.page()
	defer b.u.pages.Put(page)
	for off < size {
		n, err := r.ReadAt((*page)[:min(pageSize, size-off)], off)
		for i, c := range (*page)[:n] {
			if c != 0 {
				return b.section([]string{"behind the end"}, off+int64(i), size-off-int64(i))
			}
		}
		if off += int64(n); n == 0 {
			return orUnexpected(err)
		}
	}
	return nil
}
