// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"

	"github.com/mailweir/mailweir/urls"
)

// bulk notes how the message says that it goes to many, and if there is a signature of the author's domain, verified or not.
func (s *session) bulk() {
	n, h := s.h.count, &s.h
	precedence := strings.ToLower(s.value("Precedence"))
	s.when(h.list, "list_mail")
	s.when(precedence == "bulk" || precedence == "junk", "precedence_bulk")
	s.when(n["list-unsubscribe"] > 0 && !h.list, "list_unsubscribe")
	s.when(n["list-unsubscribe-post"] > 0, "list_unsubscribe_post")
	s.when(n["feedback-id"] > 0, "feedback_id")
	s.when(n["auto-submitted"] > 0 || n["x-auto-response-suppress"] > 0, "auto_submitted")
	if s.h.date.Year() < newTimes || len(h.hops) == 0 {
		return
	}
	aligned, signed := s.signers()
	s.when(!signed, "unsigned")
	s.when(signed && !aligned && !h.list && h.author.org != "", "signed_by_other")
	s.when(!aligned && freemail(h.author.org) && !h.list, "freemail_unsigned")
}

// maxSignatures is the number of signatures that are looked at.
const maxSignatures = 20

// signers tells if there is a DKIM signature, and one in the name of the author's domain. Nobody has verified it: it is the lack of it that says
// something.
func (s *session) signers() (aligned, signed bool) {
	n := 0
	for f := range s.msg.Header().All("DKIM-Signature") {
		if n++; n > maxSignatures {
			break
		}
		signed = true
		for tag := range strings.SplitSeq(cut(f.Value(), maxValue), ";") {
			if d, ok := strings.CutPrefix(strings.TrimSpace(tag), "d="); ok && urls.Registrable(host(d)) == s.h.author.org {
				return true, true
			}
		}
	}
	return false, signed
}
