// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"

	"github.com/mailweir/mailweir/unpack/ar"
)

func isAr(h *head) bool { return ar.Is(h.octet) }

// openAr takes out the members of a Unix archive, its tables of names and symbols as well.
func openAr(b *box) error {
	r, err := ar.New(b.content())
	for err == nil {
		var m *ar.Member
		m, err = r.Next()
		if m == nil {
			continue
		}
		if m.Thin {
			b.problem(Unscannable, "an archive of names, the files are not here")
			return nil
		}
		if err := b.section([]string{m.Name}, m.Offset, m.Size); err != nil {
			return err
		}
	}
	b.ended(err)
	return nil
}

// ended makes a Problem of what ended the reading of a container before its end. Errors that are no damage stay in the tap.
func (b *box) ended(err error) {
	switch {
	case errors.Is(err, io.EOF):
		b.empty = true // If nothing came out of it.
	case err != nil:
		b.problem(Damaged, cleanName(err.Error()))
	}
}
