// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn/authntest"
)

func TestDestinations(t *testing.T) {
	z := &authntest.Zone{
		TXT: map[string][]string{
			"example.org._report._dmarc.reports.test": {"x", "v=DMARC1"},
			"example.org._report._dmarc.moved.test":   {"v=DMARC1; rua=mailto:other@moved.test"},
			"example.org._report._dmarc.away.test":    {"v=DMARC1; rua=mailto:victim@elsewhere.test"},
			"example.org._report._dmarc.other.test":   {"v=spf1 -all"},
		},
		Errs: map[string]error{"example.org._report._dmarc.dead.test": authntest.Temporary("dead")},
	}
	const foreign = "is of another organisation, "
	for uri, want := range map[string]Destination{
		"mailto:a@example.org":               {Address: "a@example.org"},
		"MAILTO:a@Sub.Example.ORG!10m":       {Address: "a@sub.example.org", MaxSize: 10 << 20},
		"mailto:a%2Bb@example.org?subject=x": {Address: "a+b@example.org"},
		"mailto:a@example.org!2G":            {Address: "a@example.org", MaxSize: 2 << 30},
		"mailto:a@example.org!":              {Address: "a@example.org", Reason: "has a malformed size"},
		"mailto:a@example.org!-1":            {Address: "a@example.org", Reason: "has a malformed size"},
		"mailto:a@example.org!99999999999t":  {Address: "a@example.org", Reason: "has a malformed size"},
		"mailto:a":                           {Reason: "is no mail address"},
		"mailto:%0d%0aRCPT@example.org":      {Reason: "is no mail address"},
		"mailto:a,b@example.org":             {Reason: "is no mail address"},
		"mailto:a@b@example.org":             {Reason: "is no mail address"},
		"mailto:%zz@example.org":             {Reason: "is no mail address"},
		"mailto:a@reports.test":              {Address: "a@reports.test", External: true},
		"mailto:a@moved.test":                {Address: "other@moved.test", External: true},
		"mailto:a@away.test":                 {Address: "a@away.test", External: true},
		"mailto:a@other.test":                {Address: "a@other.test", External: true, Reason: foreign + "which does not say that it takes reports"},
		"mailto:a@victim.test":               {Address: "a@victim.test", External: true, Reason: foreign + "which does not say that it takes reports"},
		"mailto:a@dead.test":                 {Address: "a@dead.test", External: true, Reason: foreign + "and the DNS gave no answer whether it takes reports"},
	} {
		want.URI = uri
		if d := cmp.Diff([]Destination{want}, Destinations(t.Context(), z, "example.org", []string{uri})); d != "" {
			t.Errorf("%s (-want +got):\n%s", uri, d)
		}
	}
	long := strings.Repeat("a.", 120) + "test"
	if d := Destinations(t.Context(), z, long, []string{"mailto:a@reports.test"}); !strings.HasSuffix(d[0].Reason, "the name is too long") {
		t.Errorf("got %+v", d)
	}
}

// FuzzDestination: whatever a record says, an address comes out that can stand in a command and a field, or none.
func FuzzDestination(f *testing.F) {
	for _, s := range []string{"mailto:a@example.org!10m", "mailto:a%40b@example.org", "mailto:%0d%0a@x.test", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		d := Destination{URI: uri}
		d.parse()
		if d.Reason == "" && (d.Address == "" || strings.ContainsFunc(d.Address, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>,;"`, r) })) {
			t.Errorf("%q: %+v", uri, d)
		}
		if d.MaxSize < 0 {
			t.Errorf("%q: %+v", uri, d)
		}
	})
}
