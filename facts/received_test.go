// SPDX-License-Identifier: Apache-2.0

package facts

import "testing"

// TestReadHop: an address in the place of a name counts if there is no other.
func TestReadHop(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"from 203.0.113.5 by mx.example.net with HTTP", "203.0.113.5"},
		{"from 203.0.113.5 (HELO a.example.org) by mx.example.net", "203.0.113.5"},
		{"from a.example.org (HELO 198.51.100.9) (203.0.113.5) by mx.example.net", "203.0.113.5"},
		{"from ::ffff:203.0.113.5 by mx.example.net", "203.0.113.5"},
		{"from a.example.org by mx.example.net", "invalid IP"},
		{"", "invalid IP"},
	} {
		if h := readHop(c.text); h.Addr.String() != c.want {
			t.Errorf("%q: got %+v", c.text, h)
		}
	}
}
