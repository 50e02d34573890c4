// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// mailbox is an address of a field, with the name beside it.
type mailbox struct {
	name    string // Decoded; "" if there is none.
	raw     string // The name as it stands.
	address string // In lower case; "" if what stands there is none.
	local   string
	domain  string // In canonical form if it is a host name.
	org     string // Registrable name of the domain.
}

// maxAddresses is the number of octets of a field of addresses that are read.
const maxAddresses = 16 << 10

// readMailboxes reads addresses as leniently as mail clients do. An entry without an address is there with its name alone.
func readMailboxes(v string) []mailbox {
	var all []mailbox
	v = cut(v, maxAddresses)
	for v != "" && len(all) < maxMailboxes {
		var one string
		one, v = nextMailbox(v)
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, readMailbox(one))
		}
	}
	return all
}

// nextMailbox cuts at the first comma or semicolon that is neither quoted nor in angle brackets.
func nextMailbox(v string) (one, rest string) {
	quoted, angle := false, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case (c == ',' || c == ';') && !angle:
			return v[:i], v[i+1:]
		}
	}
	return v, ""
}

func readMailbox(v string) mailbox {
	var m mailbox
	address := v
	if open := strings.LastIndexByte(v, '<'); open >= 0 {
		m.raw = strings.TrimSpace(v[:open])
		address, _, _ = strings.Cut(v[open+1:], ">")
	} else if name, ok := comment(v); ok {
		m.raw = name
		address = strings.Replace(v, "("+name+")", "", 1)
	}
	m.setAddress(strings.TrimSpace(address))
	if m.address == "" && m.raw == "" {
		m.raw = v
	}
	m.name = strings.TrimSpace(strings.Trim(mail.DecodeWords(strings.Trim(m.raw, `"' `)), `"' `))
	return m
}

// comment is the text between the first pair of parentheses.
func comment(v string) (string, bool) {
	_, in, ok := strings.Cut(v, "(")
	in, _, closed := strings.Cut(in, ")")
	return in, ok && closed
}

func (m *mailbox) setAddress(a string) {
	at := strings.LastIndexByte(a, '@')
	if at < 0 || at == len(a)-1 {
		return
	}
	m.address = strings.ToLower(a)
	m.local, m.domain = strings.Trim(m.address[:at], `"`), strings.TrimRight(m.address[at+1:], ".> ")
	if host, ok := urls.Host(m.domain); ok {
		m.domain = host
	}
	m.org = urls.Registrable(m.domain)
}
