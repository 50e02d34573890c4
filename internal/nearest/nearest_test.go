// SPDX-License-Identifier: Apache-2.0

package nearest

import (
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	words := []string{"address", "protocol", "mode", "next_hop", "name"}
	tests := []struct{ name, in, want string }{
		{"octet left out", "prtocol", "protocol"},
		{"other case", "ADDRESS", "address"},
		{"two left out", "nexthop", "next_hop"},
		{"neighbours swapped", "moed", "mode"},
		{"like none", "xyz", ""},
		{"nothing", "", ""},
		{"very long", strings.Repeat("a", 100_000), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Word(tt.in, words); got != tt.want {
				t.Errorf("Word(%.20q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}
