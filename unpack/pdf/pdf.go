// SPDX-License-Identifier: Apache-2.0

// Package pdf tells what a PDF file (ISO 32000) does and holds: scripts, actions that run on their own, embedded files, links, images. It
// looks at every object that stands anywhere in the file, in any revision and in object streams, and never trusts a cross-reference
// table, because programs repair what is broken, each in its own way. It does not render pages and reads no text of them. It makes
// dangerous entries inert too. Package unpack calls it; nothing of ours is imported.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Options say how a file is read.
type Options struct {
	Passwords []string          // Tried after the empty one, at most 100.
	Try       func(int64) bool  // Asked for leave to compute so many rounds of a hash for a password. Nil allows all.
	Spend     func(int64) error // Asked for leave to decode so many octets, often 0; its error ends the reading. Nil allows all.
}

// Report is what Read found.
type Report struct {
	Facts    []Fact
	Links    []string // As they stand there, each once.
	Files    []File   // Embedded, each once.
	Images   []Image  // At most 64, square ones first: a QR code is square.
	Password string   // That opened it, if not the empty one.
	Opaque   int      // Images of formats that are not read: JPEG 2000, JBIG2, CCITT fax.
	Problems []Problem
}

// Fact is something that the file does, beyond what pages on paper do.
type Fact struct {
	Code   string // One of the codes below.
	Detail string // In plain words, on one line.
}

// Codes of facts.
const (
	JavaScript = "macro.pdf_javascript" // It has a script.
	Action     = "macro.pdf_action"     // Something happens without a click, or a file elsewhere is opened.
	Launch     = "macro.pdf_launch"     // It starts a program or opens a file.
	Embedded   = "macro.pdf_embedded"   // It holds a file that is not plain text, XML or a picture.
	XFA        = "macro.pdf_xfa"        // It has a form of the XML Forms Architecture, which is a program.
	RichMedia  = "macro.pdf_richmedia"  // It holds Flash, 3D, film or sound.
	Submit     = "macro.pdf_submit"     // It sends what is filled in to somewhere, or reads it from a file.
)

// Problem is something that could not be looked at.
type Problem struct {
	Encrypted bool   // It needs a password. If not, a limit or damage was met.
	Damaged   bool   // By damage.
	Detail    string // One line.
}

// File is an embedded file.
type File struct {
	Names  []string // All names that it has, UF first; as they are, not fit for display.
	Sealed bool     // It is encrypted, and there is no password.
	Stream
}

// Stream is the content of a stream.
type Stream struct {
	Size   int64                     // Octets; -1 is not known.
	Stored bool                      // The content stands in the file as it is, at Offset.
	Offset int64                     // Of it in the file.
	Open   func() (io.Reader, error) // Decodes it from its start. A reader's error is damage, or that of Options.Spend or of the file.
}

// Found tells if there is a PDF header: in the first octets, or anywhere if the end looks like that of a PDF file. Programs take files
// that begin with something else, some by up to 1,024 octets, some by any number.
func Found(r io.ReaderAt, size int64, head []byte) bool {
	if hasHeader(head) {
		return true
	}
	tail := make([]byte, min(size, tailOctets))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return false
	}
	if !bytes.Contains(tail, []byte("startxref")) && !bytes.Contains(tail, []byte("%%EOF")) {
		return false
	}
	buf := make([]byte, scanPage)
	for at := int64(0); at < size; at += scanPage - int64(len(header)) {
		n, err := r.ReadAt(buf[:min(scanPage, size-at)], at)
		if bytes.Contains(buf[:n], []byte(header)) {
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}

// A hyphen follows in the standard, but some programs do without.
const header = "%PDF"

// tailOctets is how far from the end of a file programs look for its end mark.
const tailOctets = 1024

// hasHeader also knows the header of old and of form data files (section 12.7.8).
func hasHeader(head []byte) bool {
	has := func(s string) bool { return bytes.Contains(head, []byte(s)) }
	return has(header) || has("%FDF-") || has("%!PS-Adobe-") && has(" PDF-")
}

// Read reads a file. An error is that of reading it or of Options.Spend, and then there is no answer; all else is told in the report.
// Files and images are read from r, when they are.
func Read(r io.ReaderAt, size int64, opts Options) (*Report, error) {
	x, err := inspect(r, size, opts)
	if err != nil {
		return nil, err
	}
	return x.report, nil
}

// inspect reads a file and keeps what Neutralise needs.
func inspect(r io.ReaderAt, size int64, opts Options) (*inspection, error) {
	if opts.Spend == nil {
		opts.Spend = func(int64) error { return nil }
	}
	if opts.Try == nil {
		opts.Try = func(int64) bool { return true }
	}
	d := &document{r: r, size: size, spend: opts.Spend, lex: newLexer(r, size)}
	x := &inspection{document: d, report: &Report{}, files: map[int64]*file{}, links: map[string]bool{}}
	var err error
	// Looking through the file is no decoding.
	if d.index, err = scan(r, size, func(int64) error { return opts.Spend(0) }); err != nil {
		return nil, err
	}
	if err := x.prepare(opts); err != nil {
		return nil, err
	}
	if err := x.walk(); err != nil {
		return nil, err
	}
	x.finish()
	return x, errors.Join(d.lex.err, d.broke)
}

// prepare finds trailers and object streams and opens them.
func (x *inspection) prepare(opts Options) error {
	var dicts []object
	var packs []place
	plain := false
	lockable := func(o object) {
		switch {
		case o.kind != dict:
		case o.get("Encrypt").kind == null:
			plain = plain || o.get("Root").kind == ref
		case len(dicts) < maxLocks*maxLocks:
			dicts = append(dicts, o)
		}
	}
	for _, at := range slices.Backward(x.index.trailers) {
		lockable(x.load(trailer(at)))
	}
	for _, p := range x.index.objects {
		o := x.load(p)
		if o.stream && isPack(o) {
			packs = append(packs, p)
		}
		if o.stream {
			lockable(o)
		}
		if err := x.spend(0); err != nil {
			return err
		}
	}
	x.report.Password = x.unlock(dicts, opts)
	if plain && len(dicts) > 0 && !x.sealed {
		x.missed(errMixed)
	}
	if x.sealed {
		x.problem(Problem{Encrypted: true, Detail: "PDF needs a password"})
		return nil
	}
	return x.openPacks(packs)
}

// isPack tells if a stream is an object stream. Programs read it as one when a cross-reference stream says so, whatever its type.
func isPack(o object) bool {
	return o.is("Type", "ObjStm") || o.get("First").kind != null && o.get("N").kind != null
}

// trailer is where the dictionary of a trailer stands.
func trailer(at int64) place { return place{num: -1, in: -1, off: at, at: at} }

// walk looks at every object.
func (x *inspection) walk() error {
	for _, p := range x.index.objects {
		o := x.load(p)
		x.look(o, o.value)
		if o.stream {
			x.stream(o)
		}
		if err := x.spend(0); err != nil {
			return err
		}
	}
	for _, at := range x.index.trailers {
		o := x.load(trailer(at))
		x.look(o, o.value)
	}
	return x.broke
}

// finish puts the report in order.
func (x *inspection) finish() {
	x.gather()
	if x.index.cut {
		x.missed(errObjects)
	}
	for _, err := range x.cut {
		x.problem(Problem{Detail: fmt.Sprintf("PDF: %v", err)})
	}
}
