// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"testing"
)

// A long text behind a short one is cut, not left out.
func TestJoin(t *testing.T) {
	for _, c := range []struct{ a, b string }{{"a", strings.Repeat("b", maxText)}, {"a", strings.Repeat("ü", maxText)}, {strings.Repeat("a", maxText), "b"}, {"", "b"}} {
		got := join(c.a, c.b)
		if len(got) > maxText || len(got) < min(len(c.a)+len(c.b), maxText-2) || !strings.HasPrefix(got, c.a) {
			t.Errorf("%d and %d octets: got %d", len(c.a), len(c.b), len(got))
		}
	}
}
