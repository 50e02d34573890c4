// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/learn/store"
)

// What a verdict rests on is told in the words of the message, and points the way that they were learned.
func TestExplain(t *testing.T) {
	o := options(t)
	teach(t, o.Database, store.Site, 25)
	f := newFilter(t, o, nil).(filters.Explainer)
	for _, c := range []struct {
		spam       bool
		word, sign string
	}{{true, "pills", "+"}, {false, "minutes", "-"}} {
		lines, err := f.Explain(t.Context(), filtertest.Envelope(), filtertest.Message(t, text(1000, c.spam)))
		if err != nil || len(lines) == 0 || len(lines) > strongest {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		all := strings.Join(lines, "\n")
		found := false
		for _, l := range lines {
			found = found || strings.Contains(l, c.word) && strings.HasPrefix(l, c.sign)
		}
		if !found {
			t.Errorf("no line with %s%s in\n%s", c.sign, c.word, all)
		}
	}
}
