// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nwaples/rardecode/v2"

	"github.com/mailweir/mailweir/unpack/rar"
)

// rarOld begins a RAR archive from before version 1.5.
const rarOld = "RE\x7e\x5e"

func isRAR(h *head) bool { return len(h.leaf.signs.rar) > 0 || h.has(0, rarOld) }

// openRAR opens the RAR archives that the content is, or has somewhere in it.
func openRAR(b *box) error {
	at, err := b.embedded("rar", b.leaf.signs.rar)
	if err != nil {
		return err
	}
	r, size := b.content()
	for _, off := range at {
		z := &rarFile{box: b, formal: off == 0, r: io.NewSectionReader(r, off, size-off)}
		if err := z.whole(); err != nil {
			return err
		}
	}
	if (&head{leaf: b.leaf}).has(0, rarOld) {
		b.problem(Unscannable, "RAR archive from before version 1.5")
	}
	return nil
}

// whole opens an archive, and takes out the streams of NTFS: they are written by their names, which may lead anywhere.
func (z *rarFile) whole() error {
	err := z.open()
	z.giveBack(z.held)
	if err != nil || z.headers == nil {
		return err
	}
	for _, name := range z.headers.Quick {
		m := member{names: []string{name}, sealed: Unscannable, detail: "the quick open record has it, and the archive has not"}
		if err := z.member(m); err != nil {
			return err
		}
	}
	if z.headers.QuickCut {
		z.problem(Unscannable, fmt.Sprintf("limit quick open records (%d) exceeded; more are not listed", rar.MaxQuick))
	}
	streams := z.headers.Streams
	if len(streams) > maxStreams {
		z.problem(Unscannable, fmt.Sprintf("limit streams of NTFS (%d) exceeded: it has %d", maxStreams, len(streams)))
		streams = streams[:maxStreams]
	}
	if z.headers.Version4 && len(streams) > 0 {
		z.list = streams
		return z.oldFiles()
	}
	for i := range streams {
		r, size := streams[i].Alone()
		alone := &rarFile{box: z.box, formal: z.formal, r: io.NewSectionReader(r, 0, size), key: z.key}
		if err := alone.whole(); err != nil {
			return err
		}
	}
	return nil
}

// rarFile is a RAR archive being opened.
type rarFile struct {
	*box
	formal  bool // Programs open the content as a RAR archive. Else the archive is only somewhere in it, or is none.
	r       *io.SectionReader
	headers *rar.Archive
	list    []rar.File // As far as the headers can be read.
	fit     int        // How many of them may be unpacked within the limits of memory.
	key     *string    // The password that fits.

	held     int64 // Octets of memory that it takes.
	model    int64 // Those of them that are of PPMd.
	cleared  int64 // Octets of windows that were made zero for the next file.
	broke    bool  // Something was not unpacked, so what is solid cannot be.
	searches int   // For a password.
}

// Bounds of one archive.
const (
	maxSearches = 8        // How often passwords are tried on the files, as each may have its own.
	maxCleared  = 64 << 30 // Octets of windows made zero; about a second.
	maxStreams  = 500      // Streams of NTFS; each is opened as an archive.
)

func (z *rarFile) open() error {
	var ok bool
	z.headers, ok = rar.Open(z.r, z.r.Size())
	if z.tap.fault != nil {
		return z.tap.fault
	}
	if !ok {
		if z.formal {
			z.problem(Damaged, "RAR: there is no header")
		}
		return nil
	}
	if z.headers.Sealed {
		switch found, err := z.search(z.headers.Lock, func(p string) (bool, error) { return z.headers.Opens(p), nil }); {
		case err != nil:
			return err
		case !found:
			z.problem(Encrypted, needsPassword+", even for the names in it")
			return nil
		}
	}
	z.list = z.headers.Files(z.password())
	if z.headers.Volume {
		z.problem(Unscannable, "RAR: a volume of several, the others are not here")
	}
	if z.tap.fault != nil {
		return z.tap.fault
	}
	if z.old() {
		return z.oldFiles()
	}
	if err := z.room(); err != nil {
		return err
	}
	return z.files(0)
}

// refused makes a Problem of a refusal. Other errors are handed on.
func (z *rarFile) refused(err error) error {
	if no, ok := errors.AsType[*refusal](err); ok {
		z.problem(Unscannable, no.detail+"; nothing in it was looked at")
		return nil
	}
	return err
}

func (z *rarFile) password() string {
	if z.key == nil {
		return ""
	}
	return *z.key
}

// room asks for the memory to unpack the files, up to the first one that takes too much.
func (z *rarFile) room() error {
	var need int64
	for z.fit = 0; z.fit < len(z.list); z.fit++ {
		n := max(need, z.list[z.fit].Memory(nil))
		if n > min(MaxDictionary, maxWindows-z.windows.open) {
			break
		}
		need = n
	}
	z.held = need
	return z.lease(need)
}

// files takes out what is in the archive, from the file with the number first on.
func (z *rarFile) files(first int) error {
	in, err := z.reader(z.key)
	if err != nil {
		return z.broken(err)
	}
	for n := 0; n < z.fit || z.fit == len(z.list); n++ {
		if n < z.fit && !z.keyed(n) {
			z.problem(Encrypted, "limit of tries with passwords exceeded; what follows was not looked at")
			return nil
		}
		h, err := z.next(in)
		if err != nil {
			return z.broken(err)
		}
		if n == z.fit {
			z.problem(Unscannable, "RAR: its headers do not lead to all files")
			return nil
		}
		if n < first {
			continue
		}
		found, err := z.file(in, h, n)
		if err != nil {
			return err
		}
		if found {
			return z.files(n) // At most maxSearches times.
		}
	}
	for _, f := range z.list[z.fit:] {
		if err := z.member(member{names: []string{f.Name}, sealed: Unscannable, detail: tooMuchDictionary(f.Window).Error()}); err != nil {
			return err
		}
	}
	return nil
}

// keyed tells if the library may make the key of the file with the number n, as it does for each that is not that of the one before.
func (z *rarFile) keyed(n int) bool {
	f := &z.list[n]
	if !f.Encrypted || z.key == nil || n > 0 && f.Lock.Same(z.list[n-1].Lock) {
		return true
	}
	return z.affords(f.Lock.Rounds())
}

// file takes one file out. found tells that it was not, as a password was found that it and what follows is to be read with.
func (z *rarFile) file(in *rardecode.Reader, h *rardecode.FileHeader, n int) (found bool, err error) {
	if err := z.bomb(h.UnPackedSize); err != nil {
		return false, err
	}
	f := &z.list[n]
	m := member{names: []string{h.Name}, size: h.UnPackedSize}
	fault := z.modelled(f)
	page := bufio.NewReader(in)
	if fault == nil {
		// The first octet tells if it can be unpacked at all.
		_, fault = page.Peek(1)
	}
	if z.tap.fault != nil {
		return false, z.tap.fault
	}
	if h.Encrypted && !h.IsDir && (z.key == nil || errors.Is(fault, rardecode.ErrBadPassword)) && z.searches < maxSearches {
		z.searches++
		found, err := z.search(f.Lock, func(p string) (bool, error) { return z.proves(n, p) })
		if found || err != nil {
			return found, err
		}
		fault = rardecode.ErrBadPassword
	}
	if f.Unproved {
		z.problem(Damaged, "RAR: there is no checksum of "+cleanName(h.Name))
	}
	m.open = func() (io.Reader, error) { return page, nil }
	z.describe(&m, h, fault)
	z.broke = z.broke || m.sealed != ""
	return false, z.member(m)
}

// modelled asks for the memory of the model that the file is unpacked with. An error is a refusal, or a limit that will be told of.
func (z *rarFile) modelled(f *rar.File) error {
	if f.Solid && z.broke {
		return &refusal{"needs what was not unpacked before it"}
	}
	if f.Encrypted && z.key == nil {
		return rardecode.ErrBadPassword
	}
	n := f.Memory(f.Head(z.password(), rar.HeadLen))
	if n <= z.held {
		return nil
	}
	if err := z.lease(n); err != nil {
		return err
	}
	z.giveBack(z.model)
	z.held += n - z.model
	z.model = n
	return nil
}

// describe tells what there is of a file.
func (z *rarFile) describe(m *member, h *rardecode.FileHeader, fault error) {
	var no *refusal
	switch {
	case h.LinkType != rardecode.LinkTypeNone:
		// It may be written wherever its target is: both are names of it.
		m.names = append(m.names, h.LinkTarget)
		m.open = func() (io.Reader, error) { return strings.NewReader(h.LinkTarget), nil }
	case h.IsDir:
		m.open = func() (io.Reader, error) { return strings.NewReader(""), nil }
	case errors.Is(fault, rardecode.ErrBadPassword), h.Encrypted && z.key == nil:
		m.sealed, m.detail = Encrypted, needsPassword
	case errors.As(fault, &no):
		m.sealed, m.detail = Unscannable, no.detail
	case errors.Is(fault, rardecode.ErrMultiVolume):
		m.sealed, m.detail = Unscannable, "goes on in another volume"
	case errors.Is(fault, io.EOF) && h.UnPackedSize > 0, errors.Is(fault, io.ErrUnexpectedEOF):
		m.sealed, m.detail = Unscannable, "breaks off"
	case fault != nil && !errors.Is(fault, io.EOF):
		m.sealed, m.detail = Unscannable, "RAR: "+cleanName(fault.Error())
	}
}
