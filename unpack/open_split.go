// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"path"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filetype"
)

// isVolume tells if the leaf is one piece of a file that was cut: by its name, as a piece has nothing else to tell it by. Text and what is
// known to be something whole is none.
func isVolume(h *head) bool {
	switch h.leaf.Type.Group {
	case filetype.Data, filetype.Archive:
	default:
		return false
	}
	return slices.ContainsFunc(h.leaf.Aliases, volumeName)
}

// volumeName tells if a name is one that programs give to a piece: .001, .z01 and .zx01 of zip, .r00 and .s00 of RAR, .a01 of ARJ, .c00 of ACE.
func volumeName(name string) bool {
	ext := strings.TrimPrefix(strings.ToLower(path.Ext(strings.TrimRight(name, ". "))), ".")
	for _, lead := range []string{"zx", "z", "r", "s", "a", "c", ""} {
		digits, ok := strings.CutPrefix(ext, lead)
		if !ok {
			continue
		}
		least := 2
		if lead == "" {
			least = 3
		}
		return len(digits) >= least && len(digits) <= 4 && strings.Trim(digits, "0123456789") == ""
	}
	return false
}

// openVolume names a piece, and does not look into it: who has a format looks for what it finds.
func openVolume(b *box) error {
	b.problem(Unscannable, "a piece of a split file, the others are not here")
	return nil
}
