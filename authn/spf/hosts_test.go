// SPDX-License-Identifier: Apache-2.0

package spf

import "testing"

// TestHosts: the names of a, mx and ptr are known from those of exists, however they are written.
func TestHosts(t *testing.T) {
	for _, tc := range []struct {
		record string
		want   map[string]bool
	}{
		{"v=spf1 -all", map[string]bool{"d.test": false, "mx.test": true, "ptr.test": true}},
		{"v=spf1 a", map[string]bool{"d.test": true, "D.Test.": true, "x.test": false}},
		{"v=spf1 -A:X.test//64 ~a:y.test./24//64 ?a/24", map[string]bool{"d.test": true, "x.test": true, "Y.test": true}},
		{"v=spf1 a exists:d.test exists:x.test", map[string]bool{"d.test": true, "x.test": false}},
		{"v=spf1 mx exists:%{i}.x.test a=b all", map[string]bool{"mx.test": true, "1.x.test": false, "d.test": false}},
		{"v=spf1 a:%{d} exists:x.test", map[string]bool{"d.test": true, "x.test": true}},
	} {
		var h hosts
		h.add("mx.test.")
		h.add("PTR.test.")
		h.read("d.test", tc.record)
		for name, want := range tc.want {
			if got := h.compared(name); got != want {
				t.Errorf("%s: %s: got %t", tc.record, name, got)
			}
		}
	}
}
