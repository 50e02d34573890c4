// SPDX-License-Identifier: Apache-2.0

package dmarc

import (
	"testing"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
)

// TestAbove: where only a name above the author's gives no answer, the author's own record holds. What it does not settle is not known, and what it does is.
func TestAbove(t *testing.T) {
	const reject = "v=DMARC1; p=reject"
	pass := func(d string) []Identifier { return []Identifier{{d, authn.Pass}} }
	for _, tc := range []struct {
		name, author, at, record, dead string
		m                              Message
		want                           authn.Result
		found                          string
		applies                        Policy
	}{
		{"nothing passes", "a.example.com", "a.example.com", reject, "example.com", Message{}, authn.Fail, "a.example.com", "reject"},
		{"the author's", "a.example.com", "a.example.com", reject, "example.com", Message{DKIM: pass("a.example.com")}, authn.Pass, "a.example.com", ""},
		{"perhaps of the same organisation", "a.example.com", "a.example.com", reject, "example.com", Message{DKIM: pass("b.example.com")}, authn.TempError, "a.example.com", "reject"},
		{"the name without an answer", "a.example.com", "a.example.com", reject, "example.com", Message{SPF: pass("example.com")}, authn.TempError, "a.example.com", "reject"},
		{"strict", "a.example.com", "a.example.com", reject + "; adkim=s", "example.com", Message{DKIM: pass("b.example.com")}, authn.Fail, "a.example.com", "reject"},
		{"a stranger", "a.example.com", "a.example.com", reject, "example.com", Message{DKIM: pass("example.net")}, authn.Fail, "a.example.com", "reject"},
		{"the author's key", "a.example.com", "a.example.com", reject, "example.com", Message{DKIM: []Identifier{{"a.example.com", authn.TempError}}}, authn.TempError, "a.example.com", "reject"},
		{"not in the list", "a.b.internal", "a.b.internal", reject, "b.internal", Message{DKIM: pass("b.internal")}, authn.TempError, "a.b.internal", "reject"},
		{"that of the organisation is not known", "a.b.example.com", "b.example.com", reject, "example.com", Message{}, authn.TempError, "", ""},
		{"a suffix, own record", "example.com", "example.com", reject, "com", Message{}, authn.Fail, "example.com", "reject"},
		{"a suffix, record of the organisation", "a.example.com", "example.com", reject, "com", Message{}, authn.Fail, "example.com", "reject"},
		{"a suffix, beside", "a.example.com", "example.com", reject, "com", Message{DKIM: pass("b.example.com")}, authn.Pass, "example.com", ""},
		{"a suffix, beside, and no record but the author's", "a.example.com", "a.example.com", reject, "com", Message{DKIM: pass("b.example.com")}, authn.Pass, "a.example.com", ""},
		{"a suffix, which may have one for all", "a.example.com", "other.test", reject, "com", Message{}, authn.TempError, "", ""},
		{"beside, without an answer", "example.com", "example.com", reject, "b.example.com", Message{DKIM: pass("b.example.com")}, authn.TempError, "example.com", "reject"},
		{"for half of the messages", "example.com", "example.com", reject + "; pct=0", "b.example.com", Message{DKIM: pass("b.example.com")}, authn.TempError, "example.com", "quarantine"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			z := records(tc.at, tc.record)
			z.Errs["_dmarc."+tc.dead] = authntest.Temporary(tc.dead)
			o := judge(t, z, tc.author, tc.m)
			if o.Result != tc.want || o.Found != tc.found || o.Applies != tc.applies {
				t.Errorf("got %s %q %q: %+v", o.Result, o.Found, o.Applies, o)
			}
		})
	}
}
