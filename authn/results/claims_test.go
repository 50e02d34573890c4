// SPDX-License-Identifier: Apache-2.0

package results

import "testing"

func TestClaims(t *testing.T) {
	for _, tc := range []struct {
		body string
		want bool
	}{
		{"mw.example.org; dkim=pass header.d=bank.example", true},
		{"MW.Example.ORG 1; none", true},
		{"mw.example.org\t1; none", true},
		{"mw.example.org/1; none", true},
		{"mw.example.org.; none", true},
		{`"mw.example.org"; dkim=pass`, true},
		{`"mw.example\.org"; dkim=pass`, true},
		{"\r\n mw.example.org; dkim=pass", true},
		{"(x;y) mw.example.org; dkim=pass", true},
		{"(mw.example.org) other.example; dkim=pass", true},
		{"mw.example.org(x); dkim=pass", true},
		{"mw.example.org", true},
		{"mw.example.org dkim=pass", true},
		{"mw.example.org; dkim=pass (a;b", true},
		{`mw.example.org "; dkim=pass`, true},
		{"mw.example.org.example.net; dkim=pass", false},
		{"xmw.example.org; dkim=pass", false},
		{"other.example.org; dkim=pass header.d=mw.example.org", false},
		{"other.example.org; dkim=pass (mw.example.org)", false},
		{"", false},
	} {
		if got := Claims(tc.body, "mw.example.org"); got != tc.want {
			t.Errorf("%q: got %v", tc.body, got)
		}
	}
}
