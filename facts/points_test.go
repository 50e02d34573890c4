// SPDX-License-Identifier: Apache-2.0

package facts

import "testing"

// TestPoints: points are of facts, have their signs, keep to their bounds, and none alone makes spam of a message.
func TestPoints(t *testing.T) {
	about := map[string]About{}
	for _, a := range All() {
		about[a.Name] = a
	}
	for name, p := range points {
		a, ok := about[name]
		switch {
		case !ok:
			t.Errorf("%s: there is no such fact", name)
		case p*float64(a.Sign) <= 0 || p > a.Most || p < -a.Most:
			t.Errorf("%s: %v points, sign %d, at most %v", name, p, a.Sign, a.Most)
		case p >= 5 && name != "gtube":
			t.Errorf("%s: %v points", name, p)
		}
	}
}
