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
	names map[string]bool // True if the option names it; then neither are mail addresses at it.
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
			if !ig.names[name] {
				ig.names[name] = false
			}
		}
	}
	return ig
}

// has tells if a host or a domain above it is in the set.
func (ig *ignore) has(host string) bool {
	_, ok := ig.find(host)
	return ok
}

// named tells the same of those that the option names.
func (ig *ignore) named(host string) bool {
	named, _ := ig.find(host)
	return named
}

func (ig *ignore) find(host string) (named, ok bool) {
	for name := host; ; {
		n, there := ig.names[name]
		named, ok = named || n, ok || there
		_, rest, more := strings.Cut(name, ".")
		if !more {
			return named, ok
		}
		name = rest
	}
}
