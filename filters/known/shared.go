// SPDX-License-Identifier: Apache-2.0

package known

import (
	_ "embed"
	"strings"

	"github.com/mailweir/mailweir/authn"
)

//go:embed shared.txt
var shippedShared string

// sharedDomains are the domains where many have mailboxes who do not know each other.
func sharedDomains(more []string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(shippedShared) {
		line, _, _ = strings.Cut(line, "#")
		for name := range strings.FieldsSeq(line) {
			set[name] = true
		}
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
