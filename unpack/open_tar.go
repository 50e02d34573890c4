// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"

	"github.com/mailweir/mailweir/unpack/tar"
)

// isTar tells of a header in the first block or, as tar looks for the next one if that is none, in another.
func isTar(h *head) bool { return h.leaf.signs.tar >= 0 && !h.leaf.covered.has(h.leaf.signs.tar) }

// maxFaults is how many faults of one container are told; more are left out.
const maxFaults = 8

// openTar takes out the members of a tar archive. Those that are no files have names to be judged, and their targets.
func openTar(b *box) error {
	r := tar.New(b.content())
	r.Begin(b.leaf.signs.tar)
	for faults := 0; ; {
		m, err := r.Next()
		if m != nil {
			if err := b.tarMember(m); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			b.ended(err)
			return nil
		}
		if err == nil {
			continue
		}
		if b.tap.fault != nil {
			return b.tap.fault
		}
		if faults++; faults <= maxFaults {
			b.ended(err)
		}
	}
}

func (b *box) tarMember(m *tar.Member) error {
	switch {
	case (m.Type == 'V' || m.Type == '5') && m.Size == 0:
		return nil
	case m.Type == 'M':
		b.problem(Unscannable, "volume of several, the others are not here")
	}
	if m.Link != "" {
		m.Names = append(m.Names, m.Link)
	}
	if err := b.section(m.Names, m.Offset, m.Size); err != nil || m.Sparse == nil {
		return err
	}
	return b.member(member{names: m.Names, size: m.RealSize, open: func() (io.Reader, error) {
		r, _ := b.content()
		return m.Expand(io.NewSectionReader(r, m.Offset, m.Size)), nil
	}})
}
