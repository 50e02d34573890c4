// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/unpack/smime"
)

// isCMS tells if the leaf may be an S/MIME wrapper.
func isCMS(h *head) bool { return smime.Is(h.octet) }

// openCMS takes the content out of an S/MIME wrapper. It is an entity, which clients show as if the wrapper were not there (RFC 8551
// section 3.5).
func openCMS(b *box) error {
	r, size := b.content()
	w, err := smime.Open(r, size)
	switch {
	case b.tap.fault != nil:
		return b.tap.fault
	case w.Kind == "":
		return nil
	case w.Kind.Sealed():
		b.problem(Encrypted, fmt.Sprintf("S/MIME: needs a key (%s)", w.Kind))
		return nil
	case err != nil:
		kind := Unscannable
		if errors.Is(err, smime.ErrFormat) {
			kind = Damaged
		}
		b.problem(kind, "S/MIME: "+cleanName(err.Error()))
	}
	if w.Detached || w.Size() == 0 {
		return nil
	}
	content, err := w.Reader()
	if err != nil {
		b.problem(Damaged, "S/MIME: "+cleanName(err.Error()))
		return nil
	}
	return b.message("content", content)
}

// Marks of text armour (RFC 7468 and RFC 9580 section 6.2).
const (
	pemBegin   = "-----BEGIN "
	pgpMessage = "-----BEGIN PGP MESSAGE"
)

// pemLabels are those of armour around S/MIME wrappers.
func pemLabels() []string {
	return []string{pemBegin + "PKCS7-----", pemBegin + "PKCS #7 SIGNED DATA-----", pemBegin + "CMS-----"}
}

// isArmoured tells if there may be armour in the text, or the text is a wrapper in base64.
func isArmoured(h *head) bool {
	return h.leaf.signs.lines[armourLine] >= 0 || isBase64CMS(h.octet)
}

// isBase64CMS tells if text begins with a wrapper in base64, and nothing else.
func isBase64CMS(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	const most = 44 // Characters of which Is is told.
	if len(text) < most || text[0] != 'M' {
		return false
	}
	b := make([]byte, most)
	n, err := base64.StdEncoding.Decode(b, text[:most])
	return err == nil && smime.Is(b[:n])
}

// openArmour decodes armour around S/MIME wrappers, and tells of encrypted messages in armour.
func openArmour(b *box) error {
	begins, pgp, err := b.armour()
	if err != nil {
		return err
	}
	if pgp {
		b.problem(Encrypted, needsKey)
	}
	r, size := b.content()
	for _, off := range begins {
		body := &untilDash{r: io.NewSectionReader(r, off, size-off)}
		err := b.member(member{names: []string{"armour"}, size: unknown, open: func() (io.Reader, error) {
			return base64.NewDecoder(base64.StdEncoding, body), nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// armour gives where the base64 of wrappers begins, and tells if there is a message of PGP.
func (b *box) armour() (begins []int64, pgp bool, err error) {
	s := &scanner{walk: b.walk, leaf: b.leaf}
	defer s.close()
	for off := max(b.leaf.signs.lines[armourLine], 0); len(begins) < maxEmbedded; off++ {
		if off, err = s.lineStart(off, pemBegin); err != nil {
			break
		}
		const longest = 40
		line, err := s.peek(off, min(longest, b.leaf.Size-off))
		if err != nil {
			return nil, false, ignoreEOF(err)
		}
		pgp = pgp || bytes.HasPrefix(line, []byte(pgpMessage))
		for _, label := range pemLabels() {
			if bytes.HasPrefix(line, []byte(label)) {
				begins = append(begins, off+int64(len(label)))
			}
		}
	}
	if ignoreEOF(err) != nil || len(begins) > 0 {
		return begins, pgp, ignoreEOF(err)
	}
	text, err := s.peek(0, 1)
	if err == nil && isBase64CMS(text[:min(len(text), headSize)]) {
		begins = append(begins, 0)
	}
	return begins, pgp, ignoreEOF(err)
}

// untilDash reads up to the first "-", which is in no base64 and begins the last line of armour. Blanks are left out.
type untilDash struct {
	r    io.Reader
	done bool
}

func (u *untilDash) Read(p []byte) (int, error) {
	for !u.done {
		n, err := u.r.Read(p)
		if i := bytes.IndexByte(p[:n], '-'); i >= 0 {
			n, u.done = i, true
		}
		kept := p[:0]
		for _, c := range p[:n] {
			if c > ' ' {
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 || err != nil {
			return len(kept), err
		}
	}
	return 0, io.EOF
}
