// SPDX-License-Identifier: Apache-2.0

// Package sig is what signatures over mail are made of, DKIM's (RFC 6376) and ARC's (RFC 8617) alike: the message as octets, canonicalisation, tag lists,
// hashes and keys. It decides nothing about what a signature is worth.
package sig

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// Limits of a header section that signatures are looked for in. Each field costs memory of its own, however short it is.
const (
	MaxHeader = 1 << 20 // Octets.
	MaxFields = 10_000
)

// ErrHeaderTooLarge is returned for a header section of more than MaxHeader octets, or MaxFields fields.
var ErrHeaderTooLarge = errors.New("header section of more than 1 MiB or 10,000 fields")

// Field is one header field.
type Field struct {
	Name string // In lower case, without blanks before the colon; "" if the line is no field.
	Raw  string // All octets; each line ends in CRLF.
}

// Body is what follows the colon, with its folding, without the last CRLF.
func (f Field) Body() string {
	_, body, _ := strings.Cut(f.Raw, ":")
	return strings.TrimSuffix(body, "\r\n")
}

// Message is the header section of a message, and where its body is. It never changes; safe for many goroutines.
type Message struct {
	Fields    []Field // From the top.
	BodyStart int64   // Offset of the first octet behind the empty line; the size of the message if there is no body.

	byName map[string][]int // Indexes into Fields.
	r      io.ReaderAt
	size   int64
}

// Read reads the header section of the size octets of r, up to the first empty line. A line that ends in LF alone counts as a line.
// The error is that of r, or ErrHeaderTooLarge.
func Read(r io.ReaderAt, size int64) (*Message, error) {
	m := &Message{r: r, size: size}
	in := bufio.NewReader(io.NewSectionReader(r, 0, min(size, MaxHeader+1)))
	h := headerReader{}
	for !h.done {
		line, err := in.ReadSlice('\n')
		h.add(line)
		if len(h.fields) > MaxFields {
			return nil, ErrHeaderTooLarge
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
	if h.read > MaxHeader {
		return nil, ErrHeaderTooLarge
	}
	m.BodyStart = h.read
	m.setFields(h.finish())
	return m, nil
}

// New makes a message of fields that are already apart; it has no body to read.
func New(fields []Field) *Message {
	m := &Message{}
	m.setFields(fields)
	return m
}

// ParseField makes a Field of its octets, with or without its line end.
func ParseField(raw string) Field {
	h := headerReader{}
	h.add([]byte(strings.TrimRight(raw, "\r\n") + "\r\n"))
	if f := h.finish(); len(f) > 0 {
		return f[0]
	}
	return Field{Raw: "\r\n"}
}

func (m *Message) setFields(f []Field) {
	m.Fields = f
	m.byName = make(map[string][]int, len(f))
	for i := range f {
		m.byName[f[i].Name] = append(m.byName[f[i].Name], i)
	}
}

// Body reads the body as it is.
func (m *Message) Body() io.Reader {
	if m.r == nil {
		return strings.NewReader("")
	}
	return io.NewSectionReader(m.r, m.BodyStart, m.size-m.BodyStart)
}

// All are the indexes of the fields of that name, which is in lower case, from the top.
func (m *Message) All(name string) []int { return m.byName[name] }
