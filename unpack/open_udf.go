// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"slices"

	"github.com/mailweir/mailweir/unpack/iso9660"
	"github.com/mailweir/mailweir/unpack/udf"
)

// addUDF adds to an image what its UDF file system shows: names for files that are there, and other files.
func (b *box) addUDF(image *iso9660.Image) error {
	other, err := udf.List(b.content())
	if err != nil {
		b.problem(Unscannable, "a UDF file system in it cannot be read: "+cleanName(err.Error()))
		return nil
	}
	for _, fault := range other.Faults {
		b.problem(Damaged, cleanName(fault))
	}
	have := map[udf.Extent]*iso9660.File{}
	for _, f := range image.Files {
		if len(f.Extents) == 1 && f.Extents[0].Size > 0 {
			have[udf.Extent(f.Extents[0])] = f
		}
	}
	for _, f := range other.Files {
		if len(f.Extents) == 1 && have[f.Extents[0]] != nil {
			same := have[f.Extents[0]]
			if !slices.Contains(same.Names, f.Name) {
				same.Names = append(same.Names, f.Name)
			}
			continue
		}
		more := &iso9660.File{Names: []string{f.Name}}
		for _, e := range f.Extents {
			more.Extents = append(more.Extents, iso9660.Extent(e))
		}
		image.Files = append(image.Files, more)
	}
	return nil
}

// openUDF takes out the files of an image that is no ISO 9660, for the reason that is given.
func (b *box) openUDF(why error) error {
	if !errors.Is(why, iso9660.ErrFormat) {
		return why
	}
	image := &iso9660.Image{}
	r, size := b.content()
	if _, err := udf.List(r, size); err != nil {
		b.ended(err)
		return nil
	}
	if err := b.addUDF(image); err != nil {
		return err
	}
	for _, f := range image.Files {
		if err := b.isoFile(r, f); err != nil {
			return err
		}
	}
	return nil
}
