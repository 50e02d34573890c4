// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/unpack/onenote"
)

func isOneNote(h *head) bool { return onenote.Is(h.octet) }

// openOneNote takes out the files in a OneNote section. The names that there are stand apart from the files: if there is not one for each file,
// each file has them all.
func openOneNote(b *box) error {
	r, size := b.content()
	s, err := onenote.Read(r, size)
	b.ended(err)
	files := 0
	image := make([]bool, len(s.Files))
	for i, f := range s.Files {
		t := filetype.Detect(io.NewSectionReader(r, f.Offset, f.Size), f.Size)
		if image[i] = t.Group == filetype.Image; !image[i] {
			files++
		}
	}
	if files > 0 {
		b.fact("macro.object", fmt.Sprintf("embedded files (%d)", files))
	}
	for i, f := range s.Files {
		var names []string
		if !image[i] {
			names = baseNames(s.Names)
		}
		names = append(names, fmt.Sprintf("object %d", i+1))
		if err := b.section(names, f.Offset, f.Size); err != nil {
			return err
		}
	}
	if onenote.IsPacked(firstOctets(b.leaf)) {
		b.problem(Unscannable, "a OneNote section as it is stored on servers, in which files are not found")
	}
	if len(s.Files) >= onenote.MaxFiles {
		b.problem(Unscannable, fmt.Sprintf("limit files of a OneNote section (%d) exceeded", onenote.MaxFiles))
	}
	return nil
}
