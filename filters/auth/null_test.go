// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters/filtertest"
)

// TestNullSender: the null reverse-path stands for the HELO name, which has to be the author's as any other, and to be the client's.
func TestNullSender(t *testing.T) {
	for _, tc := range []struct {
		name, helo, client, from string
		want                     []string
	}{
		{"aligned", "reject.test", ours, "a@reject.test", nil},
		{"aligned, below", "reject.test", ours, "a@mail.reject.test", nil},
		{"another's, which passes", "none.test", ours, "a@reject.test", []string{"auth.dmarc_reject"}},
		{"aligned, from elsewhere", "reject.test", stranger, "a@reject.test", []string{"auth.dmarc_reject", "auth.spf_fail"}},
		{"no name", "[192.0.2.1]", ours, "a@reject.test", []string{"auth.dmarc_reject"}},
		{"no answer", "unsure.test", ours, "a@unsure.test", []string{"auth.dmarc_temperror", "auth.temperror"}},
	} {
		env := envelope("", tc.client)
		env.Client.HELO = tc.helo
		found, err := newTest(t, DefaultOptions()).Inspect(t.Context(), env, filtertest.Message(t, letter(tc.from)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Code)
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s: (-want +got):\n%s", tc.name, d)
		}
	}
	env := envelope("a@none.test", ours) // With another reverse-path the HELO name vouches for nobody.
	env.Client.HELO = "reject.test"
	if found, err := newTest(t, DefaultOptions()).Inspect(t.Context(), env, filtertest.Message(t, letter("a@reject.test"))); err != nil || len(found) != 1 || found[0].Code != codeDMARCReject {
		t.Errorf("got %+v, %v", found, err)
	}
}
