// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"

	"github.com/mailweir/mailweir/unpack/doc"
	"github.com/mailweir/mailweir/unpack/officecrypt"
	"github.com/mailweir/mailweir/unpack/ole"
)

const (
	maxLockInfo  = 1 << 20  // Octets of the description of an encryption.
	maxEncrypted = 64 << 20 // Octets of a stream that is decrypted in memory.
)

// decryptedName is what a document is called whose encryption was taken away.
const decryptedName = "decrypted"

// unlock tries the passwords that there are, and in any case those that programs try by themselves.
func (b *box) unlock(l officecrypt.Lock) bool {
	defaults := officecrypt.Defaults()
	others := slices.DeleteFunc(b.passwords(), func(p string) bool { return slices.Contains(defaults, p) })
	for _, p := range append(defaults, others...) {
		if !b.affords(int64(l.Rounds())) || b.stopped() != nil {
			return false
		}
		if l.Unlock(p) {
			b.opened(p)
			return true
		}
	}
	return false
}

// encrypted opens an encrypted package of Office 2007 and later. One under the management of rights (MS-OFFCRYPTO section 2.2) has no password.
func (c *compound) encrypted() error {
	info, data := c.file.Find("EncryptionInfo"), c.file.Find("EncryptedPackage")
	if rights := c.file.Find("\x09DRMContent"); rights != nil && rights.Kind == ole.Stream {
		c.problem(Encrypted, "can be opened by those only to whom its author gave the right")
		return nil
	}
	if data == nil || data.Kind != ole.Stream {
		return nil
	}
	c.taken[data] = true
	if info == nil || info.Kind != ole.Stream {
		c.problem(Encrypted, "can be opened by those only to whom its author gave the right")
		return nil
	}
	text, err := c.file.Read(info, maxLockInfo)
	if err != nil {
		c.ended(err)
		return nil
	}
	lock, err := officecrypt.NewPackage(text)
	if err != nil {
		c.problem(Encrypted, needsPassword+"; the "+err.Error())
		return nil //nolint:nilerr // it is a finding
	}
	if !c.unlock(lock) {
		c.problem(Encrypted, needsPassword)
		return c.stopped()
	}
	return c.member(member{names: []string{decryptedName}, size: data.Size - 8, open: func() (io.Reader, error) {
		r, err := c.file.Open(data)
		if err != nil {
			return nil, err
		}
		return lock.Reader(r)
	}})
}

// legacy opens the lock of an old document; nil if no password does, which is a Problem.
func (c *compound) legacy(description []byte) *officecrypt.Legacy {
	lock, err := officecrypt.NewLegacy(description)
	switch {
	case err != nil:
		c.problem(Encrypted, needsPassword+"; the "+err.Error())
		return nil
	case !c.unlock(lock):
		c.problem(Encrypted, needsPassword)
		return nil
	}
	return lock
}

// encryptedBook decrypts a workbook and looks at the file with it.
func (c *compound) encryptedBook(e *ole.Entry) error {
	if e.Size > maxEncrypted {
		c.problem(Unscannable, "too large to be decrypted")
		return nil
	}
	b, err := c.file.Read(e, maxEncrypted)
	if err != nil {
		c.ended(err)
		return nil
	}
	const rc4, kindSize = 1, 2
	description := filePass(b)
	if len(description) < kindSize || binary.LittleEndian.Uint16(description) != rc4 {
		c.problem(Encrypted, needsPassword+"; the "+officecrypt.ErrUnknown.Error())
		return nil
	}
	lock := c.legacy(description[kindSize:])
	if lock == nil {
		return c.stopped()
	}
	lock.Excel(b)
	return c.patched(map[*ole.Entry][]byte{e: b})
}

// filePass is the record of a workbook that says how it is encrypted; nil if there is none.
func filePass(b []byte) []byte {
	const filePass = 0x002F
	for len(b) >= 4 {
		id, size := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		end := min(4+size, len(b))
		if id == filePass {
			return b[4:end]
		}
		b = b[end:]
	}
	return nil
}

// encryptedWord decrypts the streams of a Word document and looks at the file with them.
func (c *compound) encryptedWord(text *ole.Entry, d *doc.Document) error {
	if d.Obfuscated || d.Table == nil || d.Table.Kind != ole.Stream {
		c.problem(Encrypted, needsPassword+"; the "+officecrypt.ErrUnknown.Error())
		return nil
	}
	description, err := c.file.Read(d.Table, min(d.Lock, maxLockInfo))
	if err != nil {
		c.ended(err)
		return nil
	}
	lock := c.legacy(description)
	if lock == nil {
		return c.stopped()
	}
	const clear, flagsAt, encryptedBits = 68, 0x0B, 0x81
	streams := map[*ole.Entry][]byte{}
	for e, keep := range map[*ole.Entry]int{text: clear, d.Table: int(min(d.Lock, maxLockInfo)), text.Parent.Child("Data"): 0} {
		if e == nil || e.Kind != ole.Stream {
			continue
		}
		if e.Size > maxEncrypted {
			c.problem(Unscannable, "too large to be decrypted")
			return nil
		}
		b, err := c.file.Read(e, maxEncrypted)
		if err != nil {
			c.ended(err)
			return nil
		}
		lock.Word(b, keep)
		if e == text && len(b) > flagsAt {
			b[flagsAt] &^= encryptedBits
		}
		streams[e] = b
	}
	return c.patched(streams)
}

// patched looks at the file with other octets in some streams.
func (c *compound) patched(streams map[*ole.Entry][]byte) error {
	type piece struct {
		off int64
		b   []byte
	}
	var pieces []piece
	for e, b := range streams {
		runs, err := c.file.Runs(e)
		if err != nil {
			c.ended(err)
			return nil
		}
		for _, r := range runs {
			n := min(r.Length, int64(len(b)))
			pieces = append(pieces, piece{r.Offset, b[:n]})
			b = b[n:]
		}
	}
	slices.SortFunc(pieces, func(a, b piece) int { return int(a.off - b.off) })
	content, size := c.content()
	var all []io.Reader
	off := int64(0)
	for _, p := range pieces {
		if p.off < off {
			c.problem(Damaged, "streams share octets")
			return nil
		}
		all = append(all, io.NewSectionReader(content, off, p.off-off), bytes.NewReader(p.b))
		off = p.off + int64(len(p.b))
	}
	all = append(all, io.NewSectionReader(content, off, size-off))
	return c.member(member{names: []string{decryptedName}, size: size, open: func() (io.Reader, error) { return io.MultiReader(all...), nil }})
}
