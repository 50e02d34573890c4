// SPDX-License-Identifier: Apache-2.0

package author

import (
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn"
)

func TestRead(t *testing.T) {
	for _, tc := range []struct {
		name, in  string
		addresses []string
		domains   []string
		odd       string
	}{
		{"plain", "a@example.org", []string{"a@example.org"}, []string{"example.org"}, ""},
		{"name", `"Doe, Jane" <jane@Example.ORG>`, []string{"jane@Example.ORG"}, []string{"example.org"}, ""},
		{"encoded name", "=?utf-8?q?J=C3=A4ne?= <jane@example.org>", []string{"jane@example.org"}, []string{"example.org"}, ""},
		{"comments", "(a) jane (b (c\\)) <d@e.test>) <jane(x)@example.org> (y)", []string{"jane@example.org"}, []string{"example.org"}, ""},
		{"comment beside a bare address", "jane@example.org (Jane)", []string{"jane@example.org"}, []string{"example.org"}, ""},
		{"blanks around dots", "jane . doe @ example . org", []string{"jane.doe@example.org"}, []string{"example.org"}, ""},
		{"address as a name", `"ceo@corp.test" <x@evil.test>`, []string{"x@evil.test"}, []string{"evil.test"}, ""},
		{"quoted local-part", `"jane doe"@example.org`, []string{`"jane doe"@example.org`}, []string{"example.org"}, ""},
		{"at in the local-part", `"a@legit.test"@evil.test`, []string{`"a@legit.test"@evil.test`}, []string{"evil.test"}, "From has a quoted character in an address"},
		{"quoted pair", `<"a\"@legit.test"@evil.test>`, []string{`"a\"@legit.test"@evil.test`}, []string{"evil.test"}, "From has a quoted character in an address"},
		{"several", "a@one.test, B <b@two.test>,c@one.test", []string{"a@one.test", "b@two.test", "c@one.test"}, []string{"one.test", "two.test"}, ""},
		{"group", "people: a@one.test, B <b@two.test>; , c@three.test", []string{"a@one.test", "b@two.test", "c@three.test"}, []string{"one.test", "two.test", "three.test"}, "From has a group"},
		{"empty group", "undisclosed:;", nil, nil, "From has a group; From has no address"},
		{"route", "<@a.test,@b.test:user@c.test>", []string{"user@c.test"}, []string{"c.test"}, "From has a route"},
		{"two in brackets", "<a@legit.test> <b@evil.test>", []string{"a@legit.test", "b@evil.test"}, []string{"legit.test", "evil.test"}, "From has two addresses in one mailbox"},
		{"behind the brackets", "<a@legit.test> b@evil.test", []string{"a@legit.test", "b@evil.test"}, []string{"legit.test", "evil.test"}, "From has two addresses in one mailbox"},
		{"words behind the brackets", "<a@legit.test> for b@evil.test and me", []string{"a@legit.test", "b@evil.test"}, []string{"legit.test", "evil.test"}, "From has two addresses in one mailbox"},
		{"a name behind the brackets", "<a@legit.test> Jane", []string{"a@legit.test"}, []string{"legit.test"}, ""},
		{"a stray parenthesis", "a@legit.test), b@evil.test", []string{"a@legit.test)", "b@evil.test"}, []string{"evil.test"}, "From has an address without a domain name"},
		{"words beside", "a@legit.test b@evil.test", []string{"a@legit.test", "b@evil.test"}, []string{"legit.test", "evil.test"}, "From has words beside an address without brackets"},
		{"encoded address", "<=?utf-8?q?a=40legit.test=3E=00?=@evil.test>", []string{"=?utf-8?q?a=40legit.test=3E=00?=@evil.test"}, []string{"evil.test"}, "From has an encoded word in an address"},
		{"NUL", "<a@legit.test\x00@evil.test>", []string{"a@legit.test\x00@evil.test", "a@legit.test"}, []string{"evil.test", "legit.test"}, "From has a control character in an address; From has a quoted character in an address"},
		{"NUL and more", "<a@legit.test\x00x@evil.test>", []string{"a@legit.test\x00x@evil.test", "a@legit.test\x00x", "a@legit.test"}, []string{"evil.test", "legit.test"}, "From has a control character in an address; From has a quoted character in an address; From has an address without a domain name"},
		{"NUL at the end", "<a@legit.test\x00>", []string{"a@legit.test\x00", "a@legit.test"}, []string{"legit.test"}, "From has a control character in an address; From has an address without a domain name"},
		{"two at, the last of no domain", "ceo@legit.test@localhost", []string{"ceo@legit.test@localhost", "ceo@legit.test"}, []string{"legit.test"}, "From has a quoted character in an address; From has an address without a domain name"},
		{"two at", "ceo@legit.test@evil.test", []string{"ceo@legit.test@evil.test", "ceo@legit.test"}, []string{"evil.test", "legit.test"}, "From has a quoted character in an address"},
		{"no domain", "<root>", []string{"root"}, nil, "From has an address without a domain name"},
		{"literal", "<a@[192.0.2.1]>", []string{"a@[192.0.2.1]"}, nil, "From has an address without a domain name"},
		{"IDN", "<a@bücher.example>", []string{"a@bücher.example"}, []string{"xn--bcher-kva.example"}, ""},
		{"open bracket", "x <a@legit.test", []string{"a@legit.test"}, []string{"legit.test"}, "From has an open angle bracket"},
		{"open quote", `"x <a@legit.test>`, []string{"a@legit.test"}, []string{"legit.test"}, "From has an open quote"},
		{"comment around an address", "(x <a@legit.test>", []string{"a@legit.test"}, []string{"legit.test"}, "From has an open comment"},
		{"open comment", "a@legit.test (x", []string{"a@legit.test"}, []string{"legit.test"}, "From has an open comment; From has words beside an address without brackets"},
		{"stray CR", "a@legit.test\rSubject: x", []string{"a@legit.test"}, []string{"legit.test"}, "From has a stray CR; From has words beside an address without brackets; From has a group"},
		{"folded", "A\r\n <a@legit\r\n .test>\r\n", []string{"a@legit.test"}, []string{"legit.test"}, ""},
		{"empty", "", nil, nil, "From has no address"},
		{"null", "<>", nil, nil, "From has no address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Read([]string{tc.in})
			want := Authors{Fields: 1, Addresses: tc.addresses, Domains: tc.domains, Nameless: strings.Contains(tc.odd, "without a domain name")}
			if tc.odd != "" {
				want.Odd = strings.Split(tc.odd, "; ")
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if got := Read(nil); got.Fields != 0 || !slices.Equal(got.Odd, []string{"there is no From"}) {
		t.Errorf("none: %+v", got)
	}
	if got := Read([]string{"a@one.test", "b@two.test"}); got.Fields != 2 || !slices.Equal(got.Domains, []string{"one.test", "two.test"}) || !slices.Equal(got.Odd, []string{"there are several From fields"}) {
		t.Errorf("two: %+v", got)
	}
}

// TestLong: all of a field that Postfix lets in is read; what is said of a longer one is that.
func TestLong(t *testing.T) {
	for n, cut := range map[int]bool{100 << 10: false, maxField: true} {
		got := Read([]string{"(" + strings.Repeat("x", n) + ") a@legit.test"})
		if got.Cut != cut || (len(got.Domains) == 0) != cut {
			t.Errorf("%d octets: got %+v", n, got)
		}
	}
}

// FuzzRead: whatever it is, the domains are domains; and what Go's own parser reads is among the addresses, or something is odd.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"a@example.org", `"x" <a@b.c>, d: <@e:f@g.h>;`, "(((", `"\`, "<<>>", "a b@c (d) . e", "=?utf-8?q?x?= <a@b.test>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a := Read([]string{in})
		if len(a.Addresses) > MaxAddresses || len(a.Domains) > len(a.Addresses) {
			t.Fatalf("%+v", a)
		}
		for _, d := range a.Domains {
			if clean, ok := authn.Domain(d); !ok || clean != d {
				t.Errorf("%q", d)
			}
		}
		list, err := netmail.ParseAddressList(in)
		if err != nil || len(a.Odd) > 0 {
			return
		}
		for _, m := range list {
			if _, d, ok := authn.SplitAddress(m.Address); ok && !slices.Contains(a.Domains, d) {
				t.Errorf("%q: %q is not among %q", in, m.Address, a.Domains)
			}
		}
	})
}

// TestLinear: a long field is read in one go.
func TestLinear(t *testing.T) {
	for _, s := range []string{"(", "<", `"`, "a ", ":", "a:", "\\", ",a@b.c", "a@b "} {
		if got := Read([]string{strings.Repeat(s, 1<<20/len(s))}); len(got.Addresses) > MaxAddresses || !slices.Contains(got.Odd, "From is too long") {
			t.Errorf("%q: %d addresses, %q", s, len(got.Addresses), got.Odd)
		}
	}
}
