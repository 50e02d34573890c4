// SPDX-License-Identifier: Apache-2.0

// Package officeclean takes what acts out of Office documents: macros out of Open XML packages and compound files, and the addresses of
// templates and objects that are loaded from elsewhere. The rest of the document stays as it is. It does not judge the result: who calls it
// looks at it once more.
package officeclean

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/unpack/ole"
)

// MaxDocument is how many octets a document may have, and all parts of it that are rewritten.
const MaxDocument = 64 << 20

// ErrCannot is returned for a document that cannot be cleaned: one of another kind, damaged, or with parts that programs may read in two ways.
var ErrCannot = errors.New("cannot be cleaned")

// ErrNothing is returned for a document in which there is nothing to take out.
var ErrNothing = errors.New("nothing to take out")

// Document cleans an Open XML package or a compound file.
func Document(r io.ReaderAt, size int64) ([]byte, error) {
	if size > MaxDocument {
		return nil, fmt.Errorf("%w: %d octets", ErrCannot, size)
	}
	head := make([]byte, min(size, int64(len(ole.Magic))))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case ole.Is(head):
		return compound(r, size)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return pack(r, size)
	}
	return nil, ErrCannot
}
