// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// isCalendar tells if the leaf is a calendar (RFC 5545) or a card (RFC 6350), which may hold files in base64.
func isCalendar(h *head) bool {
	text := bytes.ToUpper(h.octet[:min(len(h.octet), 512)])
	return bytes.Contains(text, []byte("BEGIN:VCALENDAR")) || bytes.Contains(text, []byte("BEGIN:VCARD"))
}

// openCalendar takes out the values that are in base64: ATTACH, PHOTO, KEY and the like.
func openCalendar(b *box) error {
	r, size := b.content()
	in := bufio.NewReaderSize(io.NewSectionReader(r, 0, size), pageSize)
	var p property
	for off, begins := int64(0), true; ; {
		line, err := in.ReadSlice('\n')
		if begins && len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			// RFC 5545 section 3.1: a line that does not begin with a blank is the next property.
			if err := b.attached(&p, r, off); err != nil {
				return err
			}
			p = property{}
		}
		p.add(line, off, begins)
		begins, off = err == nil, off+int64(len(line))
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	return b.attached(&p, r, size)
}

// maxPropertyHead is how many octets of name and parameters of a property are looked at.
const maxPropertyHead = 4 << 10

// property is one property of a calendar, without its value.
type property struct {
	head  []byte // Name and parameters, unfolded.
	quote bool   // The head ends inside a quoted string.
	value int64  // Offset of the value; 0 while the head goes on.
}

// add takes one more line of the property, or a piece of one, which stands at off.
func (p *property) add(line []byte, off int64, begins bool) {
	if p.value > 0 || len(p.head) > maxPropertyHead {
		return
	}
	text := line
	if begins && len(p.head) > 0 {
		text = line[1:] // The blank of the folding.
	}
	skipped := len(line) - len(text)
	for i, c := range text {
		switch {
		case c == '"':
			p.quote = !p.quote
		case c == ':' && !p.quote:
			p.head = append(p.head, text[:i]...)
			p.value = off + int64(skipped+i) + 1
			return
		}
	}
	p.head = append(p.head, bytes.TrimRight(text, "\r\n")...)
}

// attached visits the value of a property that ends at end, if it is a file in base64.
func (b *box) attached(p *property, r io.ReaderAt, end int64) error {
	if p.value == 0 {
		return nil
	}
	names := []string{""}
	encoded := false
	quoted := false
	params := strings.FieldsFunc(string(p.head), func(r rune) bool {
		quoted = quoted != (r == '"')
		return r == ';' && !quoted
	})
	for i, param := range params {
		key, value, _ := strings.Cut(param, "=")
		value = strings.Trim(value, `"`)
		switch {
		case i == 0:
			names[0] = strings.ToLower(key)
		case strings.EqualFold(key, "ENCODING"):
			encoded = strings.EqualFold(value, "BASE64") || strings.EqualFold(value, "B")
		case strings.HasSuffix(strings.ToUpper(key), "FILENAME") || strings.EqualFold(key, "X-APPLE-FILENAME"):
			names = append([]string{value}, names...)
		}
	}
	if !encoded {
		return nil
	}
	value := io.NewSectionReader(r, p.value, end-p.value)
	return b.member(member{names: names, size: -1, open: func() (io.Reader, error) { return mail.Decode(value, "base64"), nil }})
}
