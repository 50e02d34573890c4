// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// mailer compares what the message says it was written with, with what that program writes.
func (s *session) mailer() {
	n := s.h.count
	v := s.value("X-Mailer")
	if v == "" {
		v = s.value("User-Agent")
	}
	low := strings.ToLower(v)
	s.when(n["x-mailer"] > 0 && strings.TrimSpace(v) != "" && !strings.ContainsAny(low, "aeiou"), "mailer_nonsense")
	switch {
	case low == "":
		return
	case strings.HasPrefix(low, "microsoft outlook express") || strings.HasPrefix(low, "microsoft windows mail"):
		// Outlook Express writes X-MimeOLE and dollars in Message-ID.
		s.when(n["x-mimeole"] == 0 || !strings.Contains(s.h.id, "$") && !s.h.list, "mailer_forged_outlook")
	case strings.HasPrefix(low, "microsoft outlook"):
		genuine := n["thread-index"] > 0 || n["x-mimeole"] > 0 || n["x-ms-tnef-correlator"] > 0 || n["x-ms-has-attach"] > 0 || n["content-language"] > 0 || strings.Contains(s.h.id, "$")
		s.when(!genuine, "mailer_forged_outlook")
	case strings.Contains(low, "thunderbird"):
		s.when(n["mime-version"] == 0 || !thunderbirdID(s.h.id), "mailer_forged_thunderbird")
	case strings.HasPrefix(low, "apple mail") || strings.HasPrefix(low, "iphone mail") || strings.HasPrefix(low, "ipad mail"):
		mime := strings.ToLower(s.value("MIME-Version"))
		s.when(!strings.Contains(mime, "(") && !strings.Contains(mime, "1.0") || !strings.Contains(s.h.id, "-"), "mailer_forged_apple")
	}
	if s.year() >= newTimes {
		s.when(strings.Contains(low, "outlook express") || strings.Contains(low, "the bat! (v1") || strings.Contains(low, "eudora") || strings.Contains(low, "foxmail 4"), "mailer_extinct")
	}
	for _, w := range [...]string{"phpmailer", "php/", "swiftmailer", "leaf php", "leafmail", "mass", "bulk", "gammadyne", "sendblaster", "atomic", "turbo-mailer", "advanced mail sender", "king mailer", "python", "nodemailer", "perl", "smtp", "blat", "chilkat", "dmailer", "powermta", "mailbomb", "aspmail", "jmail", "cdo"} {
		if strings.Contains(low, w) {
			s.note("mailer_library", "")
			break
		}
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

// bulk notes how the message says that it goes to many, and who vouches for it by a signature, right or wrong.
func (s *session) bulk() {
	n, h := s.h.count, &s.h
	precedence := strings.ToLower(s.value("Precedence"))
	s.when(h.list, "list_mail")
	s.when(precedence == "bulk" || precedence == "junk", "precedence_bulk")
	s.when(n["list-unsubscribe"] > 0 && !h.list, "list_unsubscribe")
	s.when(n["list-unsubscribe-post"] > 0, "list_unsubscribe_post")
	s.when(n["feedback-id"] > 0, "feedback_id")
	s.when(n["auto-submitted"] > 0 || n["x-auto-response-suppress"] > 0, "auto_submitted")
	if s.year() < newTimes || len(h.hops) == 0 {
		return
	}
	aligned, signed := s.signers()
	s.when(!signed, "unsigned")
	s.when(signed && !aligned && !h.list && h.author.org != "", "signed_by_other")
	s.when(!aligned && freemail(h.author.org) && !h.list, "freemail_unsigned")
}

// maxSignatures is the number of signatures that are looked at.
const maxSignatures = 20

// signers tells if there is a DKIM signature, and one in the name of the author. Nobody has verified it: the lack of it says something.
func (s *session) signers() (aligned, signed bool) {
	n := 0
	for f := range s.msg.Header().All("DKIM-Signature") {
		if n++; n > maxSignatures {
			break
		}
		signed = true
		for tag := range strings.SplitSeq(cut(f.Value(), maxValue), ";") {
			if d, ok := strings.CutPrefix(strings.TrimSpace(tag), "d="); ok && registrable(host(d)) == s.h.author.org {
				return true, true
			}
		}
	}
	return false, signed
}
