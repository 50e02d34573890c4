// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"io"
	"slices"

	"github.com/mailweir/mailweir/mail"
)

// entity visits what is in an entity on its own, its body parts left out. o is the origin of its body.
func (w *walk) entity(o origin, p *mail.Part) error {
	if err := w.stopped(); err != nil {
		return err
	}
	o.aliases = p.Filenames()
	if !p.IsLeaf() {
		return w.around(o, p)
	}
	if p.MediaType == "message/partial" {
		w.problem(o.Place, Unscannable, "a piece of a message, the others are not here")
	}
	if err := w.readings(o, p); err != nil {
		return err
	}
	switch {
	case plain(p.Encoding):
		return w.sniffed(o, p)
	case p.Encoding == "quoted-printable":
		return nil // Delimiter lines are the same in it.
	}
	if err := w.tail(o, p); err != nil {
		return err
	}
	// A client that does not know the encoding may find body parts in the body as it is.
	return w.region(o, p.Raw())
}

// around visits what hides beside the body parts of an entity.
func (w *walk) around(o origin, p *mail.Part) error {
	if isMessage(p) {
		return w.decodings(o, p, p.OtherEncodings())
	}
	if err := w.region(o, p.Preamble()); err != nil {
		return err
	}
	return w.region(o, p.Epilogue())
}

// readings visits the body of a leaf, decoded in all ways that clients may have.
func (w *walk) readings(o origin, p *mail.Part) error {
	others, err := w.decoding(o, p, p.Encoding)
	if err != nil {
		return err
	}
	return w.decodings(o, p, append(others, p.OtherEncodings()...))
}

// decodings visits the body of p in some encodings, each with its own oddities.
func (w *walk) decodings(o origin, p *mail.Part, encodings []string) error {
	for i := 0; i < len(encodings); i++ {
		if err := w.again(o.Place, p.Raw().Size()); err != nil {
			return err
		}
		others, err := w.decoding(o.as(encodings[i]), p, encodings[i])
		if err != nil {
			return err
		}
		for _, e := range others {
			if !slices.Contains(encodings, e) {
				encodings = append(encodings, e)
			}
		}
	}
	return nil
}

func (w *walk) decoding(o origin, p *mail.Part, encoding string) (others []string, err error) {
	c, others, err := w.decode(p.OpenAs(encoding))
	if err != nil {
		return nil, err
	}
	if len(others) > 0 && isText(p) {
		others = nil // Oddities are usual there, and no program is run from there.
	}
	if isMessage(p) {
		return others, w.message(w.add(o, c))
	}
	return others, w.leaf(o, c)
}

// isText tells if the body is text to be read and not a file.
func isText(p *mail.Part) bool {
	return (p.MediaType == "text/plain" || p.MediaType == "text/html") && p.Filename() == ""
}

// plain tells if a body in that encoding is taken as it is.
func plain(encoding string) bool {
	switch encoding {
	case "base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue", "uue", "x-uu":
		return false
	}
	return true
}

// sniffed visits a body that looks like base64 although its header section does not say so.
func (w *walk) sniffed(o origin, p *mail.Part) error {
	raw := p.Raw()
	head := make([]byte, min(raw.Size(), lookAhead))
	if _, err := raw.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	start, ok := findBase64(head)
	if !ok {
		return nil
	}
	body := io.NewSectionReader(raw, start, raw.Size()-start)
	if err := w.again(o.Place, body.Size()); err != nil {
		return err
	}
	c, _, err := w.decode(mail.Decode(body, "base64"))
	if err != nil {
		return err
	}
	return w.leaf(o.as("base64"), c)
}

const (
	minBase64   = 64 // Characters in lines of nothing else that make a body look like base64.
	maxLeadLine = 8  // Lines before them.
)

// findBase64 tells if base64 begins in text, and where.
func findBase64(text []byte) (start int64, ok bool) {
	off, run, lead := 0, 0, 0
	for off < len(text) && run < minBase64 {
		line := text[off:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		off += len(line)
		switch n, all := base64Line(bytes.TrimRight(line, "= \t\r\n")); {
		case all:
			run += n
			continue
		case lead == maxLeadLine:
			return 0, false
		}
		lead++
		run, start = 0, int64(off)
	}
	return start, run >= minBase64
}

// base64Line counts the characters of a line, if all are of base64.
func base64Line(line []byte) (n int, all bool) {
	for _, c := range line {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '+' && c != '/' {
			return 0, false
		}
	}
	return len(line), true
}
