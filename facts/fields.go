// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"strings"
)

// once are the fields that a message has one of (RFC 5322 section 3.6).
var once = [...]string{"from", "to", "subject", "date", "message-id", "reply-to", "cc", "mime-version", "content-type"}

// fields looks for what is missing, doubled or ill-formed in the header section.
func (s *session) fields() {
	n := s.h.count
	for _, name := range once {
		s.when(n[name] > 1, "field_twice")
	}
	s.when(n["to"] == 0 && n["cc"] == 0, "no_recipient_field")
	s.when(n["bcc"] > 0, "bcc_shown")
	s.when(n["received"] == 0, "no_received")
	mime := n["content-type"] > 0 && len(s.msg.Root().Children) > 0 || n["content-transfer-encoding"] > 0
	s.when(mime && n["mime-version"] == 0, "no_mime_version")
	s.when(n["x-php-originating-script"] > 0 || n["x-php-script"] > 0 || n["x-php-filename"] > 0, "php_script")
	eight, blank := false, false
	for _, f := range s.msg.Header()[:min(len(s.msg.Header()), maxFields)] {
		name := strings.ToLower(f.Name)
		if !eight && slices.Contains(once[:], name) {
			eight = !isASCII(f.Raw) // Of the fields that the author's program writes: others write into the rest.
		}
		switch name {
		case "cc", "to", "reply-to", "sender", "references", "x-mailer", "in-reply-to", "user-agent":
			blank = blank || f.Value() == ""
		}
	}
	s.when(eight, "header_eight_bit")
	s.when(blank, "field_empty")
	urgent := strings.HasPrefix(s.value("X-Priority"), "1") || strings.HasPrefix(s.value("X-Priority"), "2") ||
		strings.EqualFold(s.value("Importance"), "high") || strings.EqualFold(s.value("X-MSMail-Priority"), "high")
	s.when(urgent, "marked_urgent")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// needless tells if a field hides plain US-ASCII in encoded words.
func needless(raw, decoded string) bool {
	return strings.Contains(raw, "=?") && decoded != raw && isASCII(decoded) && !strings.ContainsAny(decoded, "\r\n\x1b") && len(raw) < maxValue
}

// messageID looks at the form of Message-ID and at whose it is.
func (s *session) messageID() {
	id := s.h.id
	if id == "" {
		s.note("no_message_id", "")
		return
	}
	id = strings.TrimSpace(id)
	inner := strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	local, domain := cutLast(inner, '@')
	if strings.Contains(id, redaction) {
		return
	}
	if len(id)-len(inner) != 2 || domain == "" || local == "" || strings.ContainsAny(inner, " \t<>") {
		s.note("message_id_odd", "")
	}
	if domain == "" {
		return
	}
	domain = host(domain)
	s.when(!strings.Contains(domain, "."), "message_id_no_domain")
	s.when(isNumeric(domain), "message_id_address")
	org := operatorOf(domain)
	if a := s.h.author.org; a != "" && strings.Contains(domain, ".") && !s.h.list {
		s.when(org != operator(a), "message_id_other_domain")
	}
	// A server that takes a message without an identifier gives it one of its own.
	for i := range s.h.hops {
		if by := s.h.hops[i].By; by != "" && by == domain && sameSide(by, s.h.hops[0].By) && operator(s.h.author.org) != org {
			s.note("message_id_by_receiver", "")
			break
		}
	}
	s.when(local != "" && strings.EqualFold(domain, s.h.author.domain) && strings.EqualFold(local, s.h.author.local), "message_id_is_author")
}

func isNumeric(domain string) bool {
	return strings.Trim(domain, "0123456789.") == "" && strings.Count(domain, ".") == 3
}

// recipients looks at To and Cc.
func (s *session) recipients() {
	h := &s.h
	all := len(h.to) + len(h.cc)
	s.counted(all > 10, "many_recipients", all)
	if h.count["to"] > 0 {
		v := strings.ToLower(s.value("To"))
		undisclosed := strings.Contains(v, "undisclosed") || strings.Contains(v, "unlisted-recipients") || strings.Contains(v, "recipient list not shown") ||
			strings.TrimSpace(v) == ""
		s.when(undisclosed, "to_undisclosed")
		s.when(!undisclosed && len(h.to) > 0 && h.to[0].address == "" && !strings.Contains(v, redaction), "to_no_address")
	}
	same := 0
	for _, m := range h.to {
		if m.address != "" && m.address == h.author.address {
			same++
		}
	}
	s.when(same > 0 && same == len(h.to), "to_author_only")
	if s.env == nil || len(s.env.RcptTo) == 0 || h.list {
		return
	}
	for _, to := range slices.Concat(h.to, h.cc) {
		for _, r := range s.env.RcptTo {
			if strings.EqualFold(r.Address, to.address) {
				return
			}
		}
	}
	s.note("recipient_not_named", "")
}
