// SPDX-License-Identifier: Apache-2.0

// Package smime takes the content out of an S/MIME wrapper: CMS (RFC 5652) in DER or BER, as application/pkcs7-mime and .p7m files hold it
// (RFC 8551). It checks no signature and decrypts nothing. Package unpack calls it.
package smime

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// Kind is what a wrapper does with its content.
type Kind string

// The kinds (RFC 5652 section 4, RFC 5083, RFC 3274).
const (
	Data          Kind = "data"
	Signed        Kind = "signedData"
	Enveloped     Kind = "envelopedData"
	Digested      Kind = "digestedData"
	Encrypted     Kind = "encryptedData"
	Authenticated Kind = "authenticatedData"
	AuthEnveloped Kind = "authEnvelopedData"
	Compressed    Kind = "compressedData"
)

// Sealed tells if the content cannot be read without a key.
func (k Kind) Sealed() bool { return k == Enveloped || k == Encrypted || k == AuthEnveloped }

// kinds are the content types by their object identifiers, 1.2.840.113549.1 and more, in DER.
var kinds = [...]struct {
	oid  string
	kind Kind
}{
	{"\x07\x01", Data},
	{"\x07\x02", Signed},
	{"\x07\x03", Enveloped},
	{"\x07\x05", Digested},
	{"\x07\x06", Encrypted},
	{"\x09\x10\x01\x02", Authenticated},
	{"\x09\x10\x01\x09", Compressed},
	{"\x09\x10\x01\x17", AuthEnveloped},
}

const oidPrefix = "\x2a\x86\x48\x86\xf7\x0d\x01"

func kindOf(oid []byte) (Kind, bool) {
	rest, ok := bytes.CutPrefix(oid, []byte(oidPrefix))
	for _, k := range kinds {
		if ok && string(rest) == k.oid {
			return k.kind, true
		}
	}
	return "", false
}

// Is tells if content that begins with head may be CMS. 32 octets are enough.
func Is(head []byte) bool {
	r := reader{r: bytes.NewReader(head), size: int64(len(head))}
	if len(head) < 4 || head[0] != tagSequence {
		return false
	}
	off := 2 // Behind the length, whatever it is.
	if n := int(head[1]); n > 0x80 {
		off += n & 0x7f
	}
	e, err := r.at(int64(off), r.size)
	if err != nil || e.tag != tagOID {
		return false
	}
	oid, err := r.bytes(e)
	_, ok := kindOf(oid)
	return err == nil && ok
}

// Wrapper is what was found.
type Wrapper struct {
	Kind     Kind
	Detached bool // There is no content in it: what is signed stands elsewhere.
	Content  []Span

	r io.ReaderAt
}

// Open reads as much of r as tells where the content is. The error wraps ErrFormat if it is no CMS or breaks off; then the
// Wrapper has what was found before, and its Kind is "" if that is nothing.
func Open(r io.ReaderAt, size int64) (*Wrapper, error) {
	b := &reader{r: r, size: size}
	w, err := open(b)
	if err == nil && b.short && !w.Kind.Sealed() {
		err = fmt.Errorf("an element ends behind what it is in: %w", ErrFormat)
	}
	return w, err
}

func open(b *reader) (*Wrapper, error) {
	r, size := b.r, b.size
	w := &Wrapper{r: r}
	info, err := b.need(element{end: size}, 0, tagSequence)
	if err != nil {
		return w, err
	}
	content, found, err := w.contentInfo(b, info)
	if err != nil || w.Kind.Sealed() || w.Kind == "" {
		return w, err
	}
	if !found {
		return w, ErrFormat
	}
	if w.Kind == Data {
		w.Content, _, err = b.octets(content, nil, 0)
		return w, err
	}
	if content.tag != tagSequence {
		return w, fmt.Errorf("element %#02x: %w", content.tag, ErrFormat)
	}
	return w, w.encapsulated(b, content)
}

// contentInfo reads the type and finds the content (RFC 5652 section 3).
func (w *Wrapper) contentInfo(b *reader, info element) (content element, found bool, err error) {
	id, err := b.need(info, info.start, tagOID)
	if err != nil {
		return element{}, false, err
	}
	oid, err := b.bytes(id)
	if err != nil {
		return element{}, false, err
	}
	kind, ok := kindOf(oid)
	if !ok {
		return element{}, false, ErrFormat
	}
	w.Kind = kind
	explicit, ok, err := b.child(info, id.end)
	if err != nil || !ok {
		return element{}, false, err
	}
	if explicit.tag != tagExplicit0 {
		return element{}, false, fmt.Errorf("element %#02x: %w", explicit.tag, ErrFormat)
	}
	return b.child(explicit, explicit.start)
}

// encapsulated finds the EncapsulatedContentInfo in what all other kinds are: a sequence with it behind the version and some other elements. It
// is the first that is a sequence beginning with the identifier of a type and no algorithm.
func (w *Wrapper) encapsulated(b *reader, outer element) error {
	off := outer.start
	for {
		e, ok, err := b.child(outer, off)
		if err != nil {
			return err
		}
		if !ok {
			return ErrFormat
		}
		if e.tag == tagSequence {
			if done, err := w.eContent(b, e); done || err != nil {
				return err
			}
		}
		if off, err = b.skip(e); err != nil {
			return err
		}
	}
}

// eContent reads an EncapsulatedContentInfo; done is false if e is another sequence.
func (w *Wrapper) eContent(b *reader, e element) (done bool, err error) {
	id, ok, err := b.child(e, e.start)
	if err != nil || !ok || id.tag != tagOID {
		return false, err
	}
	explicit, ok, err := b.child(e, id.end)
	if err != nil {
		return false, err
	}
	if !ok {
		// Nothing behind the identifier: an algorithm without parameters looks the same, but for what it names.
		oid, err := b.bytes(id)
		_, known := kindOf(oid)
		w.Detached = err == nil && known
		return w.Detached, err
	}
	if explicit.tag != tagExplicit0 {
		return false, nil
	}
	content, ok, err := b.child(explicit, explicit.start)
	if err != nil {
		return false, err
	}
	if !ok {
		w.Detached = true
		return true, nil
	}
	if content.tag&^tagConstructed != tagOctets {
		// PKCS #7 version 1.5 allows any element here, as in signed programs.
		end, err := b.skip(content)
		if err == nil {
			w.Content = []Span{{explicit.start, end}}
		}
		return true, err
	}
	w.Content, _, err = b.octets(content, nil, 0)
	return true, err
}

// Size is the length of the content in octets, before it is inflated.
func (w *Wrapper) Size() int64 {
	var n int64
	for _, s := range w.Content {
		n += s.End - s.Start
	}
	return n
}

// Reader reads the content; of a Compressed one, inflated (RFC 3274 section 1.1.2).
func (w *Wrapper) Reader() (io.Reader, error) {
	var r io.Reader = &spans{r: w.r, left: w.Content}
	if w.Kind != Compressed {
		return r, nil
	}
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("inflate: %w", err)
	}
	return z, nil
}

// spans reads one run of octets after another.
type spans struct {
	r    io.ReaderAt
	left []Span
	read int64 // Octets of the first of them.
}

func (s *spans) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	at := s.left[0].Start + s.read
	n, err := s.r.ReadAt(p[:min(int64(len(p)), s.left[0].End-at)], at)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	} else if n == 0 && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if s.read += int64(n); at+int64(n) == s.left[0].End {
		s.left, s.read = s.left[1:], 0
	}
	return n, err
}
