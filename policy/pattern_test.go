// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

func TestPatternMatch(t *testing.T) {
	tests := []struct {
		pattern Pattern
		address string
		want    bool
	}{
		{"user@example.org", "user@example.org", true},
		{"User@Example.ORG", "uSER@eXAMPLE.org", true},
		{"user@example.org", "other@example.org", false},
		{"user@example.org", "user@sub.example.org", false},
		{"user@example.org", `"user"@example.org`, true},
		{"user@example.org", `"us\er"@example.org`, true},
		{`"user"@example.org`, "user@example.org", true},
		{"user@example.org", "user@example.org.", true},
		{"user@example.org", "", false},
		{`"a b"@example.org`, `"a b"@example.org`, true},
		{"*@example.org", "user@example.org", true},
		{"*@example.org", `"a@b"@example.org`, true},
		{"*@example.org", `"x@example.org"@example.net`, false},
		{"*@example.org", "user@sub.example.org", false},
		{"@example.org", "user@EXAMPLE.org", true},
		{"example.org", "user@example.org", true},
		{"example.org", "user@notexample.org", false},
		{"example.org", "example.org", false}, // An address without a domain.
		{".example.org", "user@sub.example.org", true},
		{".example.org", "user@a.b.example.org", true},
		{".example.org", "user@example.org", false},
		{".example.org", "user@notexample.org", false},
		{"*@.example.org", "user@sub.example.org", true},
		{"@.example.org", "user@sub.example.org", true},
		{"adm*@example.org", "ADMIN@example.org", true},
		{"adm*@example.org", "adm@example.org", true},
		{"adm*@example.org", "user@example.org", false},
		{"adm*@example.org", "admin@example.net", false},
		{"a*b*c@example.org", "a1b2c@example.org", true},
		{"a*b*c@example.org", "ac@example.org", false},
		{"ab*ba@example.org", "aba@example.org", false},
		{"user@*.example.org", "user@a.b.example.org", true},
		{"user@*.example.org", "user@example.org", false},
		{"user@*", "user@example.org", true},
		{"user@*", "xuser@example.org", false},
		{"example.*", "user@example.net", true},
		{"example.*", "user@an.example.net", false},
		{"*@*", "postmaster", true},
		{"*@*", "", false},
		{"postmaster@", "Postmaster", true},
		{"postmaster@", "postmaster@example.org", false},
		{"post*@", "postmaster", true},
		{"<>", "", true},
		{"<>", "user@example.org", false},
		{"*", "", true},
		{"*", "user@example.org", true},
		{"*", "postmaster", true},
		{"user@[192.0.2.1]", "user@[192.0.2.1]", true},
		{"müller@example.org", "MÜLLER@example.org", true},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s", tt.pattern, tt.address), func(t *testing.T) {
			if err := tt.pattern.Check(); err != nil {
				t.Fatalf("Check: %v", err)
			}
			if got := tt.pattern.Match(mail.NewPath(tt.address)); got != tt.want {
				t.Errorf("Match = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPatternCheck(t *testing.T) {
	tests := []struct {
		pattern Pattern
		want    string
	}{
		{"", "is empty"},
		{Pattern(strings.Repeat("x", MaxPattern+1)), "is too long"},
		{"<user@example.org>", "write the address without angle brackets"},
		{"user @example.org", "has a blank or control character in it"},
		{"user@example.org\n", "has a blank or control character in it"},
		{"@", "names no domain"},
		{".", "names no domain"},
		{"@.", "names no domain"},
		{"*@", "names no domain"},
		{"*@.", "names no domain"},
		{"user@example..org", "has an empty label in its domain"},
		{"example..org", "has an empty label in its domain"},
		{"user@.example.org", "for subdomains with more than a name write user@*.domain"},
		{".*.org", "for subdomains with more than a name write user@*.domain"},
	}
	for _, tt := range tests {
		t.Run(string(tt.pattern[:min(len(tt.pattern), 20)]), func(t *testing.T) {
			err := tt.pattern.Check()
			if err == nil || err.Error() != tt.want {
				t.Errorf("Check = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestPatternsCover(t *testing.T) {
	tests := []struct {
		a, b []Pattern
		want bool
	}{
		{[]Pattern{"*"}, []Pattern{"<>", "a@example.org", ".org"}, true},
		{[]Pattern{"*@*"}, []Pattern{"*"}, false},
		{[]Pattern{"example.org"}, []Pattern{"*"}, false},
		{[]Pattern{"example.org"}, []Pattern{"a@example.org", "b*@example.org", "@example.org"}, true},
		{[]Pattern{"example.org"}, []Pattern{"a@example.net"}, false},
		{[]Pattern{"example.org"}, []Pattern{"<>"}, false},
		{[]Pattern{"<>"}, []Pattern{"<>"}, true},
		{[]Pattern{"example.org"}, []Pattern{".example.org"}, false},
		{[]Pattern{".example.org"}, []Pattern{"example.org"}, false},
		{[]Pattern{".example.org"}, []Pattern{".a.example.org", "b.example.org", "x@c.example.org", "y*@d.example.org"}, true},
		{[]Pattern{".a.example.org"}, []Pattern{".example.org"}, false},
		{[]Pattern{"a*@example.org"}, []Pattern{"a*@example.org", "ab@example.org"}, true},
		{[]Pattern{"a*@example.org"}, []Pattern{"b*@example.org"}, false},
		{[]Pattern{"a@*.org"}, []Pattern{"a@*.org"}, true},
		{[]Pattern{`"\"x\""@example.org`}, []Pattern{`"\"x\""@example.org`}, true},
		{[]Pattern{"a@example.org"}, []Pattern{"example.org"}, false},
	}
	for _, tt := range tests {
		if got := compile(tt.a).covers(compile(tt.b)); got != tt.want {
			t.Errorf("%q covers %q = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestLongLists: in a list of 100,000 of each kind nothing has to be searched one by one.
func TestLongLists(t *testing.T) {
	var list []Pattern
	for i := range 100_000 {
		list = append(list, Pattern(fmt.Sprintf("user%d@example.org", i)), Pattern(fmt.Sprintf("*@d%d.example.net", i)),
			Pattern(fmt.Sprintf(".s%d.example.net", i)), Pattern(fmt.Sprintf("a*@g%d.example.net", i)))
	}
	c := compile(list)
	for domain, globs := range c.globs {
		if domain == "" || len(globs) > 1 {
			t.Fatalf("%d wildcards to try for domain %q", len(globs), domain)
		}
	}
	for _, a := range []string{"user99999@example.org", "x@d99999.example.net", "x@y.s99999.example.net", "ax@g99999.example.net"} {
		if !c.match(newAddress(mail.NewPath(a))) {
			t.Errorf("%s is not matched", a)
		}
	}
	if c.match(newAddress(mail.NewPath("nobody@a.b.c.example.org"))) {
		t.Error("nobody is matched")
	}
}

// naive is a glob matcher that tries everything.
func naive(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	if pattern[0] == '*' {
		return naive(pattern[1:], s) || s != "" && naive(pattern, s[1:])
	}
	return s != "" && s[0] == pattern[0] && naive(pattern[1:], s[1:])
}

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{{"*", ""}, {"a*b", "ab"}, {"*a*", "bab"}, {"a*a", "a"}, {"", ""}, {"**", "x"}, {"ab*ab", "ab"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 20 {
			t.Skip("too long for the naive matcher, which is exponential")
		}
		if got, want := newGlob(pattern).match(s), naive(pattern, s); got != want {
			t.Errorf("glob %q match %q = %v, want %v", pattern, s, got, want)
		}
	})
}

// FuzzPattern: an address that is a pattern matches itself in any case, and what matches one is covered by "*".
func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"user@example.org", `"a b"@example.org`, "*@*.org", ".example.org", "<>", "postmaster@", "a@b@c", `"\"@`} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, pattern, addr string) {
		p := Pattern(pattern)
		if p.Check() != nil {
			return
		}
		path := mail.ParsePath("<" + addr + ">")
		c := compile([]Pattern{p})
		if got, again := c.match(newAddress(path)), p.Match(path); got != again {
			t.Errorf("%q matches %q: %v, and then %v", pattern, addr, got, again)
		}
		if !c.covers(c) {
			t.Errorf("%q does not cover itself", pattern)
		}
		if strings.Contains(pattern, "@") && !strings.ContainsAny(pattern, `*<>`) && !strings.HasPrefix(pattern, "@") {
			if self := mail.NewPath(pattern); !p.Match(self) {
				t.Errorf("%q does not match itself", pattern)
			}
		}
	})
}
