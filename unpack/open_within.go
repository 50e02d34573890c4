// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/unpack/cpio"
	"github.com/mailweir/mailweir/unpack/lha"
	"github.com/mailweir/mailweir/unpack/xz"
)

// isMedia tells of a picture and the like, or of what is not known: programs for archives look for one anywhere in it. The formats that are often
// part of other files are not looked for in those.
func isMedia(h *head) bool {
	switch h.leaf.Type.Group {
	case filetype.Image, filetype.Audio, filetype.Video, filetype.Font, filetype.Data:
		return true
	default:
		return false
	}
}

// headerLook is how many octets tell if a compressed file or an archive begins.
const headerLook = 512

// openWithin takes out what begins as a compressed file, a cpio or an LHA archive within the leaf, and goes on to its end.
func openWithin(b *box) error {
	f := b.finder(b.leaf)
	defer f.close()
	covered, found := slices.Clone(b.leaf.covered), 0
	for off := int64(1); off < b.leaf.Size; {
		w, err := f.peek(off, min(headerLook, b.leaf.Size-off))
		if err != nil {
			return err
		}
		n := max(len(w)-headerLook, 1)
		if off+int64(len(w)) == b.leaf.Size {
			n = len(w)
		}
		i := 0
		for i < n && !beginsPacked(w[i:]) {
			i++
		}
		if off += int64(i); i == n {
			continue
		}
		if end := covered.end(off); end > off {
			off = end
			continue
		}
		if found++; found > maxEmbedded {
			b.problem(Unscannable, fmt.Sprintf("limit of compressed files in one file (%d) exceeded", maxEmbedded))
			return nil
		}
		if err := b.section([]string{"within"}, off, b.leaf.Size-off); err != nil {
			return err
		}
		off++
	}
	return nil
}

// beginsPacked tells if b is the beginning of such a file; by chance that is rare.
func beginsPacked(b []byte) bool {
	const reserved, systems = 0xe0, 13 // RFC 1952 section 2.3.
	switch b[0] {
	case gzipMagic[0]:
		return len(b) > 18 && string(b[:3]) == gzipMagic && b[3]&reserved == 0 && b[8]&^6 == 0 && (b[9] <= systems || b[9] == 0xff)
	case xz.Magic[0]:
		return strings.HasPrefix(string(b[:min(len(b), len(xz.Magic))]), xz.Magic)
	case 'B':
		return len(b) > 10 && string(b[:3]) == "BZh" && string(b[4:10]) == bzip2Block
	case '0':
		return len(b) > 6 && string(b[:5]) == "07070" && cpio.Is(b)
	}
	return len(b) > 7 && b[2] == '-' && b[6] == '-' && lha.Is(b)
}
