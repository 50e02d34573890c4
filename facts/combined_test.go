// SPDX-License-Identifier: Apache-2.0

package facts

import "testing"

// TestPairs: each pair is so if one of each side is, and its sides are names of facts.
func TestPairs(t *testing.T) {
	names := map[string]bool{}
	for _, a := range All() {
		names[a.Name] = true
	}
	for _, p := range pairs {
		for _, n := range append(append([]string{p.name}, p.a...), p.b...) {
			if !names[n] {
				t.Errorf("%s: there is no fact %s", p.name, n)
			}
		}
		for i, list := range [][]string{{p.a[0], p.b[len(p.b)-1]}, {p.a[0]}, {p.b[0]}} {
			s := &session{t: shipped()}
			for _, n := range list {
				s.note(n, "")
			}
			s.combined()
			if s.has(p.name) != (i == 0) {
				t.Errorf("%s: of %v got %t", p.name, list, s.has(p.name))
			}
		}
	}
}
