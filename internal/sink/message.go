// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"strings"
	"time"
)

// Message is one message that the sink took. Its paths are strings and not mail.Path: what judges the proxy does not stand on its code.
type Message struct {
	Session  int       // Which connection it came by, from 1.
	HELO     string    // Argument of EHLO, HELO or LHLO.
	XForward []string  // Arguments of the XFORWARD commands before its MAIL, as they came.
	MailFrom string    // All that followed "FROM:", octet for octet.
	RcptTo   []string  // All that followed "TO:", for each recipient taken.
	Data     []byte    // Dot-unstuffed; without the final dot.
	MailAt   time.Time // When MAIL came.
	DotAt    time.Time // When the final dot came.
}

// Attribute is the decoded value of an XFORWARD attribute, "" if it was not sent or is [UNAVAILABLE].
func (m *Message) Attribute(name string) string {
	value := ""
	for _, line := range m.XForward {
		for f := range strings.FieldsSeq(line) {
			k, v, _ := strings.Cut(f, "=")
			if strings.EqualFold(k, name) {
				value = decodeXtext(v)
			}
		}
	}
	if value == "[UNAVAILABLE]" {
		return ""
	}
	return value
}

// Address is what stands between the angle brackets of a path with parameters, as MailFrom and RcptTo are.
func Address(path string) string {
	quoted := false
	for i := 1; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '>':
			if !quoted {
				return path[1:i]
			}
		}
	}
	return path
}

// Param is the value of an ESMTP parameter of a path, "" if it has none of that keyword.
func Param(path, keyword string) string {
	_, params, _ := strings.Cut(path, Address(path)+">")
	for f := range strings.FieldsSeq(params) {
		if k, v, _ := strings.Cut(f, "="); strings.EqualFold(k, keyword) {
			return v
		}
	}
	return ""
}

// Field is the unfolded body of the first header field of that name, "" if there is none.
func (m *Message) Field(name string) string {
	fields := m.Fields(name)
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// Fields are the unfolded bodies of all header fields of that name, from the top.
func (m *Message) Fields(name string) []string {
	var found []string
	in := false
	for line := range strings.SplitSeq(string(m.Data), "\r\n") {
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if in {
				found[len(found)-1] += line
			}
			continue
		}
		k, v, ok := strings.Cut(line, ":")
		in = ok && strings.EqualFold(strings.TrimRight(k, " \t"), name)
		if in {
			found = append(found, strings.TrimLeft(v, " \t"))
		}
	}
	return found
}

// decodeXtext undoes the xtext of RFC 3461 section 4. What is no xtext stays as it is.
func decodeXtext(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '+' && i+2 < len(s) {
			hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
