// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
)

// good looks for the few things that speak against spam and that nobody forges without the keys of another: all of them rest on what a check of
// authentication has found before.
func (s *session) good() {
	r, ok := check.Known(s.msg)
	if !ok || s.h.author.domain == "" {
		return
	}
	for _, o := range r.DMARC {
		if o.Result == authn.Fail {
			s.note("author_not_authenticated", string(o.Wanted))
		}
	}
	if !r.Authenticated(s.h.author.domain) {
		return
	}
	org := s.h.author.org
	s.when(s.t.judge.WellKnown(org) && !freemail(org) && !tenant(s.h.author.domain), "authenticated_well_known")
	s.when(s.h.list, "authenticated_list")
}
