// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// Limits of XFORWARD, as Postfix has them.
const (
	maxXforwardValue = 255 // Octets of a decoded value (XFORWARD_README).
	maxXforwardLine  = 498 // Octets of a command line that we send, where more than one attribute is in it; Postfix splits at the same length.
)

const unavailable = "[UNAVAILABLE]"

// xforwardAttributes are the names of Postfix's XFORWARD_README in the order that Postfix sends them.
func xforwardAttributes() []string {
	return []string{"NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"}
}

// xforwardField points to the field of c that the attribute name is kept in, nil if there is no such attribute.
func xforwardField(c *mail.Client, name string) *string {
	switch strings.ToUpper(name) {
	case "NAME":
		return &c.Name
	case "ADDR":
		return &c.Addr
	case "PORT":
		return &c.Port
	case "PROTO":
		return &c.Proto
	case "HELO":
		return &c.HELO
	case "IDENT":
		return &c.Ident
	case "SOURCE":
		return &c.Source
	}
	return nil
}

// parseXforward adds the attributes of one XFORWARD command, name=value pairs, to c. On an error c is as it was.
func parseXforward(args string, c *mail.Client) error {
	next := *c
	n := 0
	for pair := range strings.FieldsSeq(args) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("attribute without a value: %.40q", name)
		}
		field := xforwardField(&next, name)
		if field == nil {
			return fmt.Errorf("unknown attribute: %.40q", name)
		}
		v, err := DecodeXtext(value)
		if err != nil {
			return fmt.Errorf("attribute %s: %w", strings.ToUpper(name), err)
		}
		*field = cleanXforward(name, v)
		n++
	}
	if n == 0 {
		return errors.New("no attribute")
	}
	*c = next
	return nil
}

func cleanXforward(name, v string) string {
	if strings.EqualFold(v, unavailable) {
		return ""
	}
	if strings.EqualFold(name, "ADDR") && len(v) > 5 && strings.EqualFold(v[:5], "IPV6:") {
		v = v[5:]
	}
	return v[:min(len(v), maxXforwardValue)] // Better a part of a name than no queue ID with it.
}

// formatXforward makes the XFORWARD commands that tell the next hop of c, naming only attributes that it offers. An attribute
// that is not known is sent as [UNAVAILABLE], or else the next hop would take that of our own connection.
func formatXforward(c mail.Client, offered []string) []string {
	var lines []string
	line := "XFORWARD"
	for _, name := range xforwardAttributes() {
		if !containsFold(offered, name) {
			continue
		}
		pair := " " + name + "=" + xforwardValue(&c, name)
		if len(line)+len(pair) > maxXforwardLine && line != "XFORWARD" {
			lines = append(lines, line)
			line = "XFORWARD"
		}
		line += pair
	}
	if line == "XFORWARD" {
		return lines
	}
	return append(lines, line)
}

func xforwardValue(c *mail.Client, name string) string {
	v := *xforwardField(c, name)
	switch {
	case v == "" && name == "SOURCE":
		return "REMOTE" // Postfix knows LOCAL and REMOTE only.
	case v == "":
		return unavailable
	case name == "ADDR" && strings.Contains(v, ":"):
		v = "IPV6:" + v
	}
	return encodeXtext(v)
}

func containsFold(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}

// encodeXtext encodes a value by RFC 3461 section 4.
func encodeXtext(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c > ' ' && c < 0x7f && c != '+' && c != '=' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('+')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// DecodeXtext decodes a value by RFC 3461 section 4, in either case of hexadecimal. A value that would hold a control
// character is refused: it ends in logs, replies and header fields.
func DecodeXtext(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return "", errors.New("bad xtext")
			}
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
		}
		if c < ' ' || c == 0x7f {
			return "", errors.New("control character in value")
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
