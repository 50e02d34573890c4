// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	_ "embed"
	"strings"

	"github.com/mailweir/mailweir/urls"
)

//go:embed ignore.txt
var shippedIgnore string

// ignore is a set of domains that no list is asked about.
type ignore struct {
	names map[string]bool
}

func newIgnore(names []string, shipped bool) *ignore {
	ig := &ignore{names: map[string]bool{}}
	for _, s := range names {
		if h, ok := urls.Host(s); ok {
			ig.names[h] = true
		}
	}
	if !shipped {
		return ig
	}
	for line := range strings.Lines(shippedIgnore) {
		line, _, _ = strings.Cut(line, "#")
		for name := range strings.FieldsSeq(line) {
			ig.names[name] = true
		}
	}
	return ig
}

// has tells if a host or a domain above it is in the set.
func (ig *ignore) has(host string) bool {
	for name := host; ; {
		if ig.names[name] {
			return true
		}
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			return false
		}
		name = rest
	}
}
