// SPDX-License-Identifier: Apache-2.0

package known

import (
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/author"
	"github.com/mailweir/mailweir/mail"
)

// Limits of what is read.
const (
	maxIDs     = 20   // Message-IDs that a message answers; of References the last ones.
	maxID      = 998  // Octets of one.
	maxField   = 8000 // Octets of References, from its end.
	maxAddress = 512  // Octets of an address.
)

// letter is a message as this filter sees it.
type letter struct {
	author string   // In the form that is compared; "" if there is not exactly one.
	domain string   // Of the author.
	shared bool     // The domain belongs to many.
	ids    []string // Message-IDs that it answers.
}

func (f *filter) letterOf(msg *mail.Message) *letter {
	l := &letter{}
	h := msg.Header()
	if a := author.Read(h.Bodies("From")); a.Fields == 1 && len(a.Addresses) == 1 {
		if whole, domain, ok := normal(a.Addresses[0]); ok {
			l.author, l.domain, l.shared = whole, domain, f.isShared(domain)
		}
	}
	for _, name := range []string{"References", "In-Reply-To"} {
		for _, body := range h.Bodies(name) {
			l.ids = append(l.ids, messageIDs(body)...)
		}
	}
	l.ids = l.ids[max(0, len(l.ids)-maxIDs):]
	return l
}

// messageID is what others will name the message by; "" if it has no name yet.
func messageID(h mail.Header) string {
	for _, body := range h.Bodies("Message-ID") {
		for _, id := range messageIDs(body) {
			return id
		}
	}
	return ""
}

// messageIDs are what stands in angle brackets (RFC 5322 section 3.6.4), without the blanks and line ends of folding; the last ones if there are many.
func messageIDs(body string) []string {
	body = body[max(0, len(body)-maxField):]
	var ids []string
	for {
		_, rest, ok := strings.Cut(body, "<")
		if !ok {
			break
		}
		id, after, ok := strings.Cut(rest, ">")
		if !ok {
			break
		}
		body = after
		if id = strings.Join(strings.Fields(id), ""); id != "" && len(id) <= maxID {
			ids = append(ids, id)
		}
	}
	return ids[max(0, len(ids)-maxIDs):]
}

// normal is an address in the form that is compared: in small letters, without quotes and without the tag behind a plus. ok is false if it has no
// local-part or no domain name.
func normal(address string) (whole, domain string, ok bool) {
	if len(address) > maxAddress {
		return "", "", false
	}
	local, domain, ok := authn.SplitAddress(address)
	if !ok {
		return "", "", false
	}
	local = strings.ToLower(strings.Trim(local, `"`))
	if before, _, tagged := strings.Cut(local, "+"); tagged && before != "" {
		local = before
	}
	return local + "@" + domain, domain, local != ""
}
