// SPDX-License-Identifier: Apache-2.0

package html

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// TestPolicy: the remedies go together, whichever of the findings a policy asks to disarm.
func TestPolicy(t *testing.T) {
	const unreadable = "seen<svg><style><a title='</style><img src=x onerror=y>'><script>a</script><iframe src=javascript:b></iframe>"
	const several = "seen<form action=javascript:a><iframe src='javascript:a' onload=b></iframe><embed src=data:text/html,x onclick=a></form>"
	action := func(name string) []policy.Action { return []policy.Action{{Name: name}} }
	for _, tc := range []struct {
		name, body string
		do         map[string][]policy.Action
		want, not  []string
	}{
		{"unreadable", unreadable, nil, []string{"Content-Type: text/plain", "seen"}, []string{"text/html", "<script", "<iframe"}},
		{"unreadable, one code", unreadable, map[string][]policy.Action{"html": action("deliver"), "html.script": action("disarm")}, []string{"Content-Type: text/plain", "seen"}, []string{"text/html", "<script"}},
		{"unreadable, by its own code", unreadable, map[string][]policy.Action{"html": action("deliver"), "html.unreadable": action("disarm")}, []string{"Content-Type: text/plain", "seen"}, []string{"text/html", "<script"}},
		{
			"several kinds at one place", several, nil,
			[]string{`<form method="dialog" x-action=javascript:a><iframe x-src='javascript:a' x-onload=b></iframe><embed src="about:blank" x-src=data:text/html,x x-onclick=a></form>`},
			[]string{"text/plain"},
		},
		{
			"one kind of several", several,
			map[string][]policy.Action{"html": action("deliver"), "html.scheme": action("disarm")},
			[]string{`<form x-action=javascript:a><iframe x-src='javascript:a' onload=b></iframe><embed x-src=data:text/html,x onclick=a></form>`},
			nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := decided(t, letter(tc.body), tc.do)
			for _, w := range tc.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is not in\n%s", w, got)
				}
			}
			for _, w := range tc.not {
				if strings.Contains(got, w) {
					t.Errorf("%q is in\n%s", w, got)
				}
			}
		})
	}
}

// decided is what a message becomes under the policy that is built in, or that does what is told.
func decided(t *testing.T, text string, do map[string][]policy.Action) string {
	t.Helper()
	msg := filtertest.Message(t, text)
	found, err := newFilter(t, DefaultOptions()).Inspect(t.Context(), filtertest.Envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	p := policy.BuiltIn()
	if do != nil {
		p.Do = do
	}
	set, err := policy.New([]policy.Policy{p}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := set.Decide(filtertest.Envelope(), mail.NewPath("b@example.net"), found)
	var b strings.Builder
	if err := msg.Write(&b, d.Edits); err != nil {
		t.Fatalf("%v: %v", d.Edits, err)
	}
	return b.String()
}
