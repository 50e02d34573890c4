// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmails(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"none", "text", nil},
		{"one", "a@example.org", []string{"a example.org"}},
		{"in brackets and commas", "<a@b.org>, (c.d+e@f.org); 'g@h.org'", []string{"a b.org", "c.d+e f.org", "g h.org"}},
		{"end of a sentence", "write to a@b.org. Or not.", []string{"a b.org"}},
		{"in quotes", `"a b"@c.org`, []string{" c.org"}},
		{"literal", "a@[192.0.2.1] b@[IPv6:2001:db8::1]", []string{"a [192.0.2.1]", "b [IPv6:2001:db8::1]"}},
		{"open literal", "a@[192.0.2.1", nil},
		{"two signs", "a@b@c.org", []string{"a b", "b c.org"}},
		{"signs alone", "@ @@ @", nil},
		{"other letters", "ü@bücher.example", []string{"ü bücher.example"}},
		{"long local-part", strings.Repeat("a", 65) + "@b.org", []string{" b.org"}},
		{"local-part just not too long", strings.Repeat("a", 64) + "@b.org", []string{strings.Repeat("a", 64) + " b.org"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			emails(c.text, func(local, domain string) bool {
				got = append(got, local+" "+domain)
				return true
			})
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// FuzzEmails: what is found stands in the text, in order, and is bounded.
func FuzzEmails(f *testing.F) {
	f.Add("<a@b.org>, \"c d\"@[192.0.2.1] @@ x@\xff")
	f.Add(strings.Repeat("@a", 50))
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		emails(s, func(local, domain string) bool {
			n++
			if domain == "" || len(local) > maxLocal || len(domain) > maxDomain || !strings.Contains(s, domain) || !strings.Contains(s, local) {
				t.Errorf("%q at %q out of %q", local, domain, s)
			}
			return true
		})
		if n > strings.Count(s, "@") {
			t.Errorf("%d out of %q", n, s)
		}
	})
}

func TestNormal(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"A.B+tag@Example.ORG", "a.b@example.org"}, {"a.b+x@gmail.com", "ab@gmail.com"}, {"a.b@googlemail.com", "ab@gmail.com"}, {"+x@example.org", "+x@example.org"},
	} {
		local, domain, ok := splitEmail(c.in)
		if got := normal(local, domain); !ok || got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
	for _, s := range []string{"", "@example.org", "a", "a@", `"a"@example.org`, strings.Repeat("a", 65) + "@example.org"} {
		if _, _, ok := splitEmail(s); ok {
			t.Errorf("%q is taken", s)
		}
	}
}

// TestHashed: as md5sum and its kin say.
func TestHashed(t *testing.T) {
	for how, want := range map[string]string{
		"": "36272788ea81ece14c86b6eda45adbe192be8be0", hashSHA1: "36272788ea81ece14c86b6eda45adbe192be8be0", hashMD5: "0c17bf66e649070167701d2d3cd71711",
		hashSHA256: "hcghgxxmqis4jll2kb4ujxiks5jjnoxkhayzrkuhc57stlzmn5uq",
	} {
		got := hashed(how, "test@example.org")
		if got != want {
			t.Errorf("%q: got %s, want %s", how, got, want)
		}
		if !isName(got) {
			t.Errorf("%q: %s cannot be asked about", how, got)
		}
	}
}
