// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"github.com/mailweir/mailweir/unpack/rpm"
)

func isRPM(h *head) bool { return rpm.Is(h.octet) }

// openRPM takes out the payload, which is a compressed archive and opened as such.
func openRPM(b *box) error {
	p, err := rpm.Read(b.content())
	if err != nil {
		b.ended(err)
		return nil
	}
	name := p.Name + "-" + p.Version + "." + p.Format
	if p.Compressor != "" {
		name += "." + p.Compressor
	}
	return b.section([]string{name}, p.Offset, p.Size)
}
