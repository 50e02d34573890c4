// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/bodgit/sevenzip"

	"github.com/mailweir/mailweir/unpack/seven"
)

func isSevenZip(h *head) bool { return len(h.leaf.signs.seven) > 0 || h.has(0, seven.Magic) }

// openSevenZip opens the 7z archives that the content is, or has somewhere in it.
func openSevenZip(b *box) error {
	at, err := b.embedded("7z", b.leaf.signs.seven)
	if err != nil {
		return err
	}
	if len(b.leaf.signs.seven) == 0 {
		at = []int64{0} // Its start is damaged.
	}
	r, size := b.content()
	for _, off := range at {
		z := &sevenZip{box: b, formal: off == 0, shut: map[int]closed{}, readers: map[string]*sevenzip.Reader{}, last: map[int]int{}, folder: -1}
		err := z.refuse(z.open(io.NewSectionReader(r, off, size-off), size-off))
		z.giveBack(z.held)
		if err != nil {
			return err
		}
	}
	return nil
}

// sevenZip is a 7z archive being opened.
type sevenZip struct {
	*box
	formal  bool // Programs open the content as a 7z archive. Else the archive is only somewhere in it, or is none.
	header  *seven.Header
	readers map[string]*sevenzip.Reader // By the password that they were made with.
	keys    map[int]string              // Passwords of encrypted folders.
	shut    map[int]closed              // Folders that cannot be unpacked, or not any further.
	last    map[int]int                 // The number of the last file in each folder.
	folder  int                         // The one that is being unpacked, or -1.
	held    int64                       // What that looks back at, in octets.
}

// closed tells why.
type closed struct {
	kind   Kind
	detail string
}

func (z *sevenZip) open(r io.ReaderAt, size int64) error {
	a, err := seven.Open(r, size)
	if err != nil || a.Empty() {
		z.empty = err == nil
		return err
	}
	if z.header, err = z.unlockHeader(a); err != nil {
		return err
	}
	registerCoders()
	plain, err := z.reader("")
	if err != nil {
		return err
	}
	z.empty = len(plain.File) == 0
	for i, f := range plain.File {
		if f.UncompressedSize > 0 {
			z.last[f.Stream] = i
		}
	}
	for i, f := range plain.File {
		if err := z.file(i, f); err != nil {
			return err
		}
	}
	return nil
}

// refuse makes a Problem of what keeps an archive from being opened. Other errors are handed on.
func (z *sevenZip) refuse(err error) error {
	switch {
	case errors.Is(err, seven.ErrPassword):
		z.problem(Encrypted, needsPassword+", even for the names in it")
	case errors.Is(err, seven.ErrLimit), errors.Is(err, seven.ErrUnsupported):
		z.problem(Unscannable, "7z: "+cleanName(err.Error()))
	case errors.Is(err, seven.ErrFormat):
		if z.formal {
			z.problem(Damaged, "7z: "+cleanName(err.Error()))
		}
	default:
		return err
	}
	return nil
}

// reader is the library's reader of the archive, made once for each password.
func (z *sevenZip) reader(password string) (*sevenzip.Reader, error) {
	if r, ok := z.readers[password]; ok {
		return r, nil
	}
	r, err := z.newReader(password)
	if err == nil {
		z.readers[password] = r
	}
	return r, err
}

func (z *sevenZip) newReader(password string) (*sevenzip.Reader, error) {
	at, size := z.header.Reader()
	r, err := sevenzip.NewReaderWithPassword(at, size, password)
	if z.tap.fault != nil {
		return nil, z.tap.fault
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", seven.ErrFormat, err)
	}
	return r, nil
}

// file takes one file out.
func (z *sevenZip) file(i int, f *sevenzip.File) error {
	m := member{names: []string{f.Name}, size: clamp(f.UncompressedSize), open: func() (io.Reader, error) { return strings.NewReader(""), nil }}
	if err := z.bomb(m.size); err != nil {
		return err
	}
	if f.UncompressedSize == 0 || f.Stream >= len(z.header.Folders) {
		return z.member(m)
	}
	if err := z.enterFolder(f.Stream); err != nil {
		return err
	}
	if c, ok := z.shut[f.Stream]; ok {
		m.sealed, m.detail = c.kind, c.detail
		return z.member(m)
	}
	return z.unpack(i, f, m)
}

// enterFolder sees if a folder can be unpacked, when the first of its files is asked for.
func (z *sevenZip) enterFolder(i int) error {
	if z.folder == i {
		return nil
	}
	z.giveBack(z.held)
	z.folder, z.held = i, 0
	folder := &z.header.Folders[i]
	if why := folder.Refused(MaxDictionary); why != "" {
		z.shut[i] = closed{Unscannable, why}
		return nil
	}
	n := folder.Memory()
	var no *refusal
	switch err := z.lease(n); {
	case errors.As(err, &no):
		z.shut[i] = closed{Unscannable, no.detail}
		return nil
	case err != nil:
		return err
	}
	z.held = n
	if folder.Encrypted() {
		return z.unlockFolder(i, folder)
	}
	return nil
}

// unpack takes out a file whose folder can be unpacked.
func (z *sevenZip) unpack(i int, f *sevenzip.File, m member) error {
	r, err := z.reader(z.keys[f.Stream])
	if err != nil {
		return err
	}
	var c *checked
	m.open = func() (io.Reader, error) {
		in, err := r.File[i].Open()
		if err != nil {
			return nil, err
		}
		c = &checked{r: in, want: f.CRC32}
		return c, nil
	}
	err = z.member(m)
	switch {
	case c == nil || c.broken:
		// What follows in the folder cannot be reached: each file would be read up to the same place.
		z.shut[f.Stream] = closed{Unscannable, "stands behind damaged data"}
	case z.last[f.Stream] != i:
		// The library keeps what is closed for the next file. An error is one of reading, and was told then.
		_ = c.r.Close()
	}
	return err
}

// checked reads a file and compares its checksum.
type checked struct {
	r      io.ReadCloser
	sum    uint32
	want   uint32 // 0 if it is not known.
	broken bool
	idle   int // Reads in a row that gave nothing.
}

// maxIdle is how many reads in a row may give nothing.
const maxIdle = 100

var errChecksum = errors.New("checksum is wrong")

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum = crc32.Update(c.sum, crc32.IEEETable, p[:n])
	switch {
	case errors.Is(err, io.EOF) && c.want != 0 && c.sum != c.want:
		return n, errChecksum
	case err != nil && !errors.Is(err, io.EOF):
		c.broken = true
	case n > 0:
		c.idle = 0
	case err == nil:
		if c.idle++; c.idle == maxIdle {
			c.broken = true
			return 0, io.ErrNoProgress
		}
	}
	return n, err
}
