// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"strings"
)

// writtenWith is the program that the message says it was written with, in lower case.
func (s *session) writtenWith() string {
	return strings.ToLower(cmp.Or(s.value("X-Mailer"), s.value("User-Agent")))
}

// mailer compares the program that the message says it was written with, and what that program writes.
func (s *session) mailer() {
	n := s.h.count
	low := s.writtenWith()
	s.when(n["x-mailer"] > 0 && strings.TrimSpace(low) != "" && !strings.ContainsAny(low, "aeiou"), "mailer_nonsense")
	switch {
	case low == "":
		return
	case startsWithOne(low, "microsoft outlook express", "microsoft windows mail"):
		// Outlook Express writes X-MimeOLE and dollars in Message-ID.
		s.when(n["x-mimeole"] == 0 || !strings.Contains(s.h.id, "$") && !s.h.list, "mailer_forged_outlook")
	case strings.HasPrefix(low, "microsoft outlook"):
		genuine := n["thread-index"] > 0 || n["x-mimeole"] > 0 || n["x-ms-tnef-correlator"] > 0 || n["x-ms-has-attach"] > 0 || n["content-language"] > 0 ||
			strings.Contains(s.h.id, "$")
		s.when(!genuine, "mailer_forged_outlook")
	case strings.Contains(low, "thunderbird"):
		s.when(n["mime-version"] == 0 || !thunderbirdID(s.h.id), "mailer_forged_thunderbird")
	case startsWithOne(low, "apple mail", "iphone mail", "ipad mail"):
		mime := strings.ToLower(s.value("MIME-Version"))
		s.when(!strings.Contains(mime, "(") && !strings.Contains(mime, "1.0") || !strings.Contains(s.h.id, "-"), "mailer_forged_apple")
	}
	if s.h.date.Year() >= newTimes {
		for _, w := range [...]string{"outlook express", "the bat! (v1", "eudora", "foxmail 4"} {
			s.when(strings.Contains(low, w), "mailer_extinct")
		}
	}
	for _, w := range [...]string{
		"phpmailer", "php/", "swiftmailer", "leaf php", "leafmail", "mass", "bulk", "gammadyne", "sendblaster", "atomic", "turbo-mailer", "advanced mail sender",
		"king mailer", "python", "nodemailer", "perl", "smtp", "blat", "chilkat", "dmailer", "powermta", "mailbomb", "aspmail", "jmail", "cdo",
	} {
		s.when(strings.Contains(low, w), "mailer_library")
	}
}

// newTimes is the year since which mail is signed by whoever sends much of it, and old programs have died out.
const newTimes = 2016

// thunderbirdID tells if a Message-ID has a form that Mozilla's programs have given it.
func thunderbirdID(id string) bool {
	local, _ := cutLast(strings.Trim(strings.TrimSpace(id), "<>"), '@')
	parts := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' })
	if len(parts) < 2 {
		return false
	}
	for _, p := range parts {
		if strings.Trim(strings.ToLower(p), "0123456789abcdef") != "" {
			return false
		}
	}
	return true
}
