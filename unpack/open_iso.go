// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/mailweir/mailweir/unpack/iso9660"
)

func isISO(h *head) bool {
	return h.leaf.Size > iso9660.Offset && (h.has(iso9660.Offset, iso9660.Identifier) || h.has(iso9660.Offset, "BEA01"))
}

// openISO takes out the files of an ISO 9660 or UDF image, each once, with all the names that systems show for it; and what is around the file
// system.
func openISO(b *box) error {
	r, size := b.content()
	image, err := iso9660.List(r, size)
	if err != nil {
		return b.openUDF(err)
	}
	for _, fault := range image.Faults {
		b.problem(Damaged, cleanName(fault))
	}
	if image.UDF {
		// Windows shows this one, others the other one.
		if err := b.addUDF(image); err != nil {
			return err
		}
	}
	for _, f := range image.Files {
		if err := b.isoFile(r, f); err != nil {
			return err
		}
	}
	if off, err := b.padding(0); err != nil || off < image.System.Size {
		if err == nil {
			err = b.section([]string{"system area"}, 0, image.System.Size)
		}
		if err != nil {
			return err
		}
	}
	return b.rest(image.End)
}

func (b *box) isoFile(r io.ReaderAt, f *iso9660.File) error {
	if f.Compressed {
		b.problem(Unscannable, "zisofs compression is not supported: "+cleanName(f.Names[0]))
	}
	if len(f.Extents) == 1 {
		return b.section(f.Names, f.Extents[0].Offset, f.Extents[0].Size)
	}
	var all []io.Reader
	for _, e := range f.Extents {
		all = append(all, io.NewSectionReader(r, e.Offset, e.Size))
	}
	return b.member(member{names: f.Names, size: -1, open: func() (io.Reader, error) { return io.MultiReader(all...), nil }})
}

// padding is the offset behind the zeros at off, as far as a page goes.
func (b *box) padding(off int64) (int64, error) {
	r, size := b.content()
	page := b.u.page()
	defer b.u.pages.Put(page)
	n, err := r.ReadAt((*page)[:min(pageSize, size-off)], off)
	for i, c := range (*page)[:n] {
		if c != 0 {
			return off + int64(i), nil
		}
	}
	if n == 0 {
		return off, orUnexpected(err)
	}
	return off + int64(n), nil
}
