// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/mailweir/mailweir/unpack/tnef"
)

func isTNEF(h *head) bool { return tnef.Is(h.octet) }

// openTNEF takes out the attachments and bodies of a TNEF stream. Messages and objects in it are opened as what they are.
func openTNEF(b *box) error {
	content, size := b.content()
	r := tnef.New(content, size)
	for {
		item, err := r.Next()
		if err != nil {
			b.ended(err)
			return nil
		}
		if item.Kind != tnef.RTF {
			if err := b.section(item.Names, item.Offset, item.Size); err != nil {
				return err
			}
			continue
		}
		err = b.member(member{names: item.Names, size: -1, open: func() (io.Reader, error) {
			return tnef.Expand(io.NewSectionReader(content, item.Offset, item.Size))
		}})
		if err != nil {
			return err
		}
	}
}
