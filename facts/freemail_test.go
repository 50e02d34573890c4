// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"slices"
	"testing"

	"github.com/mailweir/mailweir/urls"
)

// TestFreemail: the list that others go by has each domain once, in canonical form.
func TestFreemail(t *testing.T) {
	all := Freemail()
	if len(all) < 50 || !slices.Contains(all, "gmail.com") {
		t.Errorf("%d domains", len(all))
	}
	for i, name := range all {
		if host, ok := urls.Host(name); !ok || host != name || slices.Contains(all[:i], name) {
			t.Errorf("%q is no domain, or there already", name)
		}
	}
}
