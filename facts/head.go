// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// Limits of what is looked at in a header section.
const (
	maxValue     = 2 << 10 // Octets of one field body.
	maxMailboxes = 100     // Addresses of one field.
	maxFields    = 500     // Fields that are counted.
)

// head is the header section of the message, read once.
type head struct {
	from, to, cc, replyTo []mailbox
	author                mailbox // The first of From.
	mailFrom              mailbox // Reverse-path.
	subject               string  // Decoded.
	rawSubject            string
	id                    string          // Message-ID, as it stands.
	date                  time.Time       // Of Date; zero if it cannot be read.
	hops                  []mail.Received // From the top.
	border                *mail.Received  // By which the message came to us; nil if none tells.
	count                 map[string]int
	redacted              bool // Whoever gathered the message has taken the author out.
	list                  bool // It says that it comes from a mailing list.
	bulk                  bool // It says that it goes to many.
}

func (s *session) readHead() {
	h, in := &s.h, s.msg.Header()
	h.count = make(map[string]int, len(in))
	for i := range in[:min(len(in), maxFields)] {
		h.count[strings.ToLower(in[i].Name)]++
	}
	h.from, h.to, h.cc, h.replyTo = s.mailboxes("From"), s.mailboxes("To"), s.mailboxes("Cc"), s.mailboxes("Reply-To")
	h.author = authorOf(h.from)
	h.redacted = strings.Contains(s.value("From"), redaction)
	h.rawSubject = PlainSubject(s.value("Subject"))
	h.subject = strings.TrimSpace(PlainSubject(mail.DecodeWords(h.rawSubject)))
	h.id = s.value("Message-ID")
	h.date, _ = mail.ParseDate(s.value("Date"))
	path := s.value("Return-Path")
	if s.env != nil {
		path = "<" + s.env.MailFrom.Address + ">"
	}
	if all := readMailboxes(path); len(all) > 0 {
		h.mailFrom = all[0]
	}
	h.list = h.count["list-id"] > 0 || h.count["list-post"] > 0 || h.count["x-mailman-version"] > 0
	precedence := strings.ToLower(s.value("Precedence"))
	h.bulk = h.list || h.count["list-unsubscribe"] > 0 || precedence == "bulk" || precedence == "list" || precedence == "junk"
	s.readHops()
}

// redaction is what stands in the place of addresses in public collections of mail. What is not known is no fact.
const redaction = "[removed]"

// authorOf is the first address of From; the name is what stands before it, also where it has a comma that is not quoted.
func authorOf(from []mailbox) mailbox {
	var names []string
	for _, m := range from {
		if m.name != "" {
			names = append(names, m.name)
		}
		if m.address != "" {
			m.name = strings.Join(names, ", ")
			return m
		}
	}
	return mailbox{name: strings.Join(names, ", ")}
}

// value is the body of a field as it stands, cut.
func (s *session) value(name string) string { return cut(s.msg.Header().Get(name), maxValue) }

func (s *session) mailboxes(name string) []mailbox {
	if s.h.count[strings.ToLower(name)] == 0 {
		return nil
	}
	return readMailboxes(s.msg.Header().Get(name))
}

// cut is the first n octets of s.
func cut(s string, n int) string { return s[:min(len(s), n)] }
