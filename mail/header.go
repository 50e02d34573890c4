// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"iter"
	"strings"
)

// Header is the header section of an entity: all its fields in order.
type Header []Field

// Field is one header field. Raw holds its octets: name, colon, body with its folding, line end.
type Field struct {
	Name   string // As given, without blanks before the colon; "" if the line is no field.
	Raw    string
	Offset int64 // Of the first octet of the name in the message.
}

// Get is the Value of the first field of that name, "" if there is none. Names are not case-sensitive.
func (h Header) Get(name string) string {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return h[i].Value()
		}
	}
	return ""
}

// Values are the Values of all fields of that name in order.
func (h Header) Values(name string) []string {
	var v []string
	for f := range h.All(name) {
		v = append(v, f.Value())
	}
	return v
}

// All goes through the fields of that name in order.
func (h Header) All(name string) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for i := range h {
			if strings.EqualFold(h[i].Name, name) && !yield(h[i]) {
				return
			}
		}
	}
}

// Value is the field body unfolded (RFC 5322 section 2.2.3), without blanks around it. Encoded words stay as they are, see
// DecodeWords. It holds no CR and no LF; other controls and octets above 127 may be in it.
func (f Field) Value() string {
	return strings.Trim(unfold(f.body()), " \t")
}

// body is what follows the colon, with folding and line end.
func (f Field) body() string { return f.Raw[f.bodyStart():] }

func (f Field) bodyStart() int {
	if f.Name == "" {
		return 0
	}
	return len(f.Name) + strings.IndexByte(f.Raw[len(f.Name):], ':') + 1
}

// end is the offset behind the field.
func (f Field) end() int64 { return f.Offset + int64(len(f.Raw)) }

// lower is s with A to Z in lower case. Other letters stay: in field bodies they may be no UTF-8, and some have a lower case that is
// US-ASCII.
func lower(s string) string {
	i := 0
	for i < len(s) && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		if b[i] >= 'A' && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// unfold takes all CR and LF out of s.
func unfold(s string) string {
	s = strings.TrimRight(s, "\r\n")
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexAny(s, "\r\n")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+1:]
	}
}
