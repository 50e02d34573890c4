// SPDX-License-Identifier: Apache-2.0

package known

import (
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/facts"
)

// sharedDomains are the domains where many have mailboxes who do not know each other: those of well-known providers, and more.
func sharedDomains(more []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range facts.Freemail() {
		set[name] = true
	}
	for _, name := range more {
		if d, ok := authn.Domain(name); ok {
			set[d] = true
		}
	}
	return set
}

// isShared tells if a domain or one above it belongs to many.
func (f *filter) isShared(domain string) bool {
	for ok := true; ok; _, domain, ok = strings.Cut(domain, ".") {
		if f.shared[domain] {
			return true
		}
	}
	return false
}
