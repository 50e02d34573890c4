// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"strings"
	"testing"
)

func TestCandidates(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"a.png":                             "a.png",
		"a.png 1x, b.png 2x":                "a.png|b.png",
		"a.png, b.png,c.png 2x":             "a.png|b.png,c.png",
		" ,, a.png 1x":                      "a.png",
		"data:image/png;base64,AAAA 1x, b ": "data:image/png;base64,AAAA|b",
		"a (x, http://b.test/ 1x) 2x":       "a|http://b.test/",
	} {
		var got []string
		for c := range candidates([]byte(in)) {
			got = append(got, string(c))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}
