// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// shortNames are names of fields as they stand in tokens; others stand there as they are. Upper and lower case count.
func shortNames() map[string]string {
	return map[string]string{
		"Message-Id": "*m", "Message-ID": "*M", "Received": "*r", "User-Agent": "*u", "References": "*f", "In-Reply-To": "*i", "From": "*F",
		"Reply-To": "*R", "Return-Path": "*p", "Return-path": "*rp", "X-Mailer": "*x", "X-Authentication-Warning": "*a", "Organization": "*o",
		"Organisation": "*o", "Content-Type": "*ct", "Content-Disposition": "*cd", "Content-Transfer-Encoding": "*ce",
		"x-spam-relays-trusted": "*RT", "x-spam-relays-untrusted": "*RU",
	}
}

// header takes the fields of a header section. Of Received fields the two added first count.
func (t *Tokenizer) header(h mail.Header, add func(string)) {
	var received []string
	size := 0
	for i := range h {
		f := &h[i]
		if size += len(f.Raw); size > maxHeader {
			break
		}
		v := unfolded(f.Raw)
		switch {
		case f.Name == "":
		case strings.EqualFold(f.Name, "Received"):
			received = append(received, v)
		case !t.patterns.ignored.MatchString(f.Name):
			t.field(f.Name, mail.DecodeWords(v), add)
		}
	}
	for _, v := range received[max(len(received)-2, 0):] {
		t.field("Received", v, add)
	}
	t.relays(received, add)
}

// unfolded is a field body in one line, with one blank for each fold.
func unfolded(raw string) string {
	_, body, _ := strings.Cut(raw, ":")
	var b strings.Builder
	for l := range strings.Lines(body) {
		if b.Len() > 0 {
			l = " " + strings.TrimLeft(l, " \t")
		}
		b.WriteString(strings.TrimRight(l, "\r\n"))
	}
	return strings.TrimSpace(b.String())
}

// field takes one field.
func (t *Tokenizer) field(name, value string, add func(string)) {
	lower := strings.ToLower(name)
	switch {
	case t.patterns.messageID.MatchString(name):
		value = t.patterns.id(value)
	case t.patterns.addressField.MatchString(name):
		value = addressTokens(value)
	case name == "Received":
		value = t.patterns.received(value)
	case name == "Content-Type":
		value = t.patterns.contentType(value)
	case name == "MIME-Version":
		value = strings.Replace(value, "1.0", "", 1)
	case t.patterns.presence.MatchString(name):
		value = "1"
	}
	also := ""
	switch lower {
	case "in-reply-to", "references", "message-id":
		also = "*MI"
	case "from", "to", "cc":
		also = "*Ad"
	case "x-mailer", "user-agent":
		also = "*UA"
	}
	if also != "" {
		t.line(value, "H"+also+":", inHeader, add)
	}
	if short, ok := t.short[name]; ok {
		name = short
	}
	t.line(value, "H"+name+":", inHeader, add)
}

// addressTokens are the display names and addresses of a field, as words of a line.
func addressTokens(value string) string {
	var out []string
	for _, one := range splitList(value) {
		phrase, addr := nameAndAddress(one)
		for w := range strings.FieldsSeq(phrase) {
			out = append(out, "N*"+w)
		}
		if len(addr) > 2 && strings.IndexByte(addr[1:len(addr)-1], '@') >= 0 {
			address(addr, func(token string) { out = append(out, token) })
		}
	}
	return strings.Join(out, " ")
}

// splitList splits a list of addresses at commas that are not within quotation marks, brackets or comments.
func splitList(s string) []string {
	var list []string
	start, quoted, depth := 0, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '<':
			depth++
		case c == ')' || c == '>':
			depth = max(depth-1, 0)
		case c == ',' && depth == 0:
			list = append(list, s[start:i])
			start = i + 1
		}
	}
	return append(list, s[start:])
}

// nameAndAddress takes one address apart.
func nameAndAddress(s string) (name, addr string) {
	s = strings.TrimSpace(s)
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		addr, _, _ = strings.Cut(s[open+1:], ">")
		name = strings.TrimSpace(s[:open])
	} else {
		addr, _, _ = strings.Cut(s, " ") // What is behind it is a comment.
	}
	name = strings.ReplaceAll(strings.ReplaceAll(name, `"`, ""), `\`, "")
	return name, strings.TrimSpace(addr)
}
