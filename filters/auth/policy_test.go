// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"maps"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// TestPolicy: what a DMARC failure leads to is the policy's business: points by default, and what it says about the code.
func TestPolicy(t *testing.T) {
	const junk = "DKIM-Signature: v=1; a=rsa-sha256; d=reject.test; s=dead; h=from; bh=eA==; b=eA==\r\n"
	action := func(name string) []policy.Action { return []policy.Action{{Name: name}} }
	for _, tc := range []struct {
		name, text string
		do         map[string][]policy.Action
		fate       policy.Fate
		score      float64
	}{
		{"built in", letter("a@reject.test"), nil, policy.Deliver, 4},
		{"reject", letter("a@reject.test"), map[string][]policy.Action{codeDMARCReject: action("reject")}, policy.Reject, 4},
		{"another code", letter("a@quarantine.test"), map[string][]policy.Action{codeDMARCReject: action("reject")}, policy.Deliver, 2.5},
		{"quarantine", letter("a@quarantine.test"), map[string][]policy.Action{codeDMARCQuarantine: action("quarantine")}, policy.Quarantine, 2.5},
		{"no answer", letter("a@dead.test"), map[string][]policy.Action{codeTempError: action("defer")}, policy.Defer, 0},
		{"asks for reject, and a key has no answer", junk + letter("a@reject.test"), nil, policy.Defer, 0},
		{"asks for quarantine", strings.ReplaceAll(junk, "reject.test", "quarantine.test") + letter("a@quarantine.test"), nil, policy.Defer, 0},
		{"asks for nothing", strings.ReplaceAll(junk, "reject.test", "none.test") + letter("a@none.test"), nil, policy.Deliver, 0},
		{"asks for nothing of this message", strings.ReplaceAll(junk, "reject.test", "rarely.test") + letter("a@rarely.test"), nil, policy.Deliver, 0},
		{"another's key", strings.ReplaceAll(junk, "reject.test", "none.test") + letter("a@reject.test"), nil, policy.Deliver, 4},
		{"only a parent has no answer", letter("a@child.dead.test"), map[string][]policy.Action{codeDMARCReject: action("reject")}, policy.Reject, 4},
		{"let in", junk + letter("a@reject.test"), map[string][]policy.Action{codeDMARCTempError: action("deliver")}, policy.Deliver, 0},
		{"a key has no answer, another vouches", junk + signed(t, "reject.test", letter("a@reject.test")), nil, policy.Deliver, 0},
		{"all is well", signed(t, "reject.test", letter("a@reject.test")), map[string][]policy.Action{"auth": action("reject")}, policy.Deliver, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := envelope("a@bare.test", ours)
			found, err := newTest(t, DefaultOptions()).Inspect(t.Context(), env, filtertest.Message(t, tc.text))
			if err != nil {
				t.Fatal(err)
			}
			p := policy.BuiltIn()
			maps.Copy(p.Do, tc.do)
			set, err := policy.New([]policy.Policy{p}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := set.Decide(env, mail.NewPath("b@example.net"), found); d.Fate != tc.fate || d.Score != tc.score {
				t.Errorf("got %s and %v: %+v", d.Fate, d.Score, found)
			}
		})
	}
}
