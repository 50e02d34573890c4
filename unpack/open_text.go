// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/mailweir/mailweir/unpack/binhex"
	"github.com/mailweir/mailweir/unpack/yenc"
)

// maxBlocks is how many encoded files are looked for in one text; the budget ends most walks before.
const maxBlocks = 10_000

// openYEnc takes out the files in yEnc that stand in text: each from a line "=ybegin" to a line "=yend" or the next "=ybegin".
func openYEnc(b *box) error {
	r, size := b.content()
	begins, err := b.findFrom(b.leaf.signs.lines[yencLine], yenc.Begin, maxBlocks)
	if err != nil {
		return err
	}
	for i, off := range begins {
		line := make([]byte, min(yenc.MaxLine, size-off))
		if n, err := r.ReadAt(line, off); n < len(line) {
			return orUnexpected(err)
		}
		h, length, ok := yenc.ParseBegin(line)
		if !ok || !b.atLineStart(off) {
			continue
		}
		end := size
		if i+1 < len(begins) {
			end = begins[i+1]
		}
		if h.Part {
			b.problem(Unscannable, "part of a file in yEnc, the others are not here: "+cleanName(h.Name))
		}
		start := off + int64(length)
		err := b.member(member{names: []string{h.Name}, size: h.Size, open: func() (io.Reader, error) {
			return yenc.NewReader(io.NewSectionReader(r, start, max(end-start, 0))), nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// atLineStart tells if a line begins at off.
func (b *box) atLineStart(off int64) bool {
	var before [1]byte
	if off == 0 {
		return true
	}
	r, _ := b.content()
	_, err := r.ReadAt(before[:], off-1)
	return err == nil && (before[0] == '\n' || before[0] == '\r')
}

// openBinHex takes out the files in BinHex that stand in text behind the line that tells of one, or are all of the text.
func openBinHex(b *box) error {
	_, size := b.content()
	begins := []int64{0}
	if first := b.leaf.signs.lines[binhexLine]; first >= 0 {
		var err error
		if begins, err = b.findFrom(first, binhex.Begin, maxBlocks); err != nil {
			return err
		}
	}
	for i, off := range begins {
		end := size
		if i+1 < len(begins) {
			end = begins[i+1]
		}
		if err := b.binHexFile(off, end); err != nil {
			return err
		}
	}
	return nil
}

// isBinHex tells of a line that says so, or of BinHex without the line: a colon and a line of its characters.
func isBinHex(h *head) bool {
	const line = 64
	if h.leaf.signs.lines[binhexLine] >= 0 {
		return true
	}
	if len(h.octet) < line || h.octet[0] != ':' {
		return false
	}
	for _, c := range h.octet[1:line] {
		if !binhex.IsCharacter(c) {
			return false
		}
	}
	return true
}

// binHexFile takes out both forks of a file.
func (b *box) binHexFile(from, to int64) error {
	r, _ := b.content()
	open := func() (*binhex.File, error) { return binhex.Open(io.NewSectionReader(r, from, to-from)) }
	f, err := open()
	if f == nil {
		if from > 0 || b.tap.fault != nil {
			return b.tap.fault // The line is quoted in text that is about it.
		}
		b.ended(err)
		return nil
	}
	if err != nil {
		b.ended(err)
	}
	if err := b.member(member{names: []string{f.Name}, size: f.Data, open: func() (io.Reader, error) { return f.Next(f.Data), nil }}); err != nil {
		return err
	}
	if f.Resource == 0 {
		return nil
	}
	return b.member(member{names: []string{f.Name + " (resource fork)", f.Name}, size: f.Resource, open: func() (io.Reader, error) {
		again, err := open()
		if again == nil {
			return nil, err
		}
		// Damage of the first fork was told.
		_, _ = io.Copy(io.Discard, again.Next(again.Data))
		return again.Next(again.Resource), nil
	}})
}
