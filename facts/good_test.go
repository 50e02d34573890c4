// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"testing"

	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// TestGood: what speaks against spam rests on a check that was made before, and nothing is asked for it.
func TestGood(t *testing.T) {
	zone := &authntest.Zone{TXT: map[string][]string{
		"paypal.com": {"v=spf1 ip4:203.0.113.5 -all"}, "example.org": {"v=spf1 ip4:203.0.113.5 -all"}, "gmail.com": {"v=spf1 ip4:203.0.113.5 -all"},
		"_dmarc.example.com": {"v=DMARC1; p=reject"},
	}}
	for _, c := range []struct {
		name, domain, addr string
		edits              []string
		asked              bool
		fact               string
		want               bool
	}{
		{"a well-known name", "paypal.com", "203.0.113.5", []string{"From: a@paypal.com"}, true, "authenticated_well_known", true},
		{"nobody has checked", "paypal.com", "203.0.113.5", []string{"From: a@paypal.com"}, false, "authenticated_well_known", false},
		{"from another client", "paypal.com", "198.51.100.1", []string{"From: a@paypal.com"}, true, "authenticated_well_known", false},
		{"of another domain", "example.org", "203.0.113.5", []string{"From: a@paypal.com"}, true, "authenticated_well_known", false},
		{"a name that nobody knows", "example.org", "203.0.113.5", nil, true, "authenticated_well_known", false},
		{"a mailbox for everybody", "gmail.com", "203.0.113.5", []string{"From: a@gmail.com"}, true, "authenticated_well_known", false},
		{"a list", "example.org", "203.0.113.5", []string{"List-Id: <x.example.org>"}, true, "authenticated_list", true},
		{"a forged list", "example.org", "198.51.100.1", []string{"List-Id: <x.example.org>"}, true, "authenticated_list", false},
		{"no list", "example.org", "203.0.113.5", nil, true, "authenticated_list", false},
		{"DMARC fails", "example.org", "198.51.100.1", []string{"From: a@example.com"}, true, "author_not_authenticated", true},
		{"DMARC is none", "example.org", "198.51.100.1", nil, true, "author_not_authenticated", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			msg := parse(t, built(c.edits...))
			env := &mail.Envelope{ID: "test", Client: mail.Client{Addr: c.addr, HELO: "mail.example.org"}, MailFrom: mail.NewPath("a@" + c.domain)}
			if c.asked {
				if _, err := (&check.Checker{Resolver: zone}).Shared(t.Context(), env, msg); err != nil {
					t.Fatal(err)
				}
			}
			before := len(zone.Asked())
			f, err := facts.Shared(t.Context(), env, msg)
			if err != nil {
				t.Fatal(err)
			}
			if f.Has(c.fact) != c.want || len(zone.Asked()) != before {
				t.Errorf("%s: got %t, %d questions: %v", c.fact, f.Has(c.fact), len(zone.Asked())-before, f.List)
			}
		})
	}
}
