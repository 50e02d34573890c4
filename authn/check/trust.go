// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/results"
)

// Vouched tells if sealers that are trusted say that the message was from the author's domain when it came to them, and who says so. The chain has to hold,
// and every seal from that one to the newest has to be of a trusted domain: whoever came after could have written anything.
func (r *Report) Vouched(sealers []string) (by string, ok bool) {
	if r.ARC.Result != authn.Pass || r.Shifted || !r.Authors.One() || r.Spoofed {
		return "", false
	}
	for _, s := range slices.Backward(r.ARC.Sets) {
		if !slices.Contains(sealers, s.Domain) {
			return "", false
		}
		_, methods, err := results.Parse(s.Results)
		if err != nil {
			continue
		}
		for _, m := range methods {
			from, ok := authn.Domain(m.Property("header", "from"))
			if m.Name == "dmarc" && m.Result == authn.Pass && ok && from == r.Authors.Domains[0] {
				return s.Domain, true
			}
		}
	}
	return "", false
}
