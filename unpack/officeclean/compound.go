// SPDX-License-Identifier: Apache-2.0

package officeclean

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/vba"
)

// compound takes the macros out of a compound file: their storages lose what is in them, and the octets of that are blanked in place, so that
// everything else stays where it is.
func compound(r io.ReaderAt, size int64) ([]byte, error) {
	f, err := ole.Open(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCannot, err)
	}
	projects, err := vba.Projects(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCannot, err)
	}
	if len(projects) == 0 {
		return nil, ErrNothing
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, err
	}
	for _, p := range projects {
		top, err := storageOf(p)
		if err != nil {
			return nil, err
		}
		if err := erase(f, b, top); err != nil {
			return nil, err
		}
	}
	if len(f.Damage) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrCannot, f.Damage[0])
	}
	return b, nil
}

// storageOf is the storage that has nothing in it but the project: Macros in Word, _VBA_PROJECT_CUR in Excel; the root itself in a part
// vbaProject.bin.
func storageOf(p *vba.Project) (*ole.Entry, error) {
	e := p.Storage
	if e == nil || e.Orphan || !strings.EqualFold(e.Name, "VBA") || e.Parent == nil || e.Parent.Kind == ole.Root {
		return nil, fmt.Errorf("%w: macros where no program keeps them", ErrCannot)
	}
	return e.Parent, nil
}

// erase blanks all that is in a storage, and unhooks it.
func erase(f *ole.File, b []byte, storage *ole.Entry) error {
	list := append([]*ole.Entry(nil), storage.Children...)
	for len(list) > 0 {
		e := list[len(list)-1]
		list = append(list[:len(list)-1], e.Children...)
		if e.Kind == ole.Stream {
			runs, err := f.Runs(e)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrCannot, err)
			}
			for _, r := range runs {
				clear(b[r.Offset : r.Offset+r.Length])
			}
		}
		blankEntry(b, e.Offset)
	}
	// No child.
	copy(b[storage.Offset+76:], "\xFF\xFF\xFF\xFF")
	return nil
}

// blankEntry makes a directory entry one that is not used (MS-CFB section 2.6.1).
func blankEntry(b []byte, off int64) {
	entry := b[off : off+128]
	clear(entry)
	copy(entry[68:80], "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")
}
