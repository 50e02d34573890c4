// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"testing"

	"github.com/mailweir/mailweir/filters"
	allfilters "github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// Filters about spam are left out only if nothing that they find could be treated worse: whatever class it is of.
func TestSettledKnowsWhatIsFoundAboutSpam(t *testing.T) {
	env := &mail.Envelope{RcptTo: []mail.Path{mail.NewPath("a@example.org")}}
	listed := []filters.Finding{{Code: "lists.blocked", Class: filters.Listed}}
	codes := 0
	for _, k := range allfilters.Kinds() {
		for _, c := range k.Codes {
			if !k.Spam || c.Class == filters.Listed {
				continue
			}
			codes++
			for _, key := range []string{c.Name, string(c.Class)} {
				do := map[string][]policy.Action{"listed": {{Name: "quarantine"}}, key: {{Name: "discard"}}}
				if c.Class == filters.Spam {
					do[policy.HighSpam] = do[key]
				}
				s, err := policy.New([]policy.Policy{{Name: policy.DefaultName, Do: do}}, nil)
				if err != nil {
					t.Fatalf("%s: %v", key, err)
				}
				if s.Settled(env, listed) {
					t.Errorf("%s: it could be discarded, by %s", k.Name, key)
				}
			}
		}
	}
	if codes == 0 {
		t.Error("no filter is about spam")
	}
}
