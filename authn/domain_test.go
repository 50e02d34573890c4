// SPDX-License-Identifier: Apache-2.0

package authn

import (
	"strings"
	"testing"
)

func TestDomain(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tc := range []struct {
		in, want string
		ok       bool
	}{
		{"Example.ORG", "example.org", true},
		{"example.org.", "example.org", true},
		{"_dmarc.x-y.example", "_dmarc.x-y.example", true},
		{"bücher.example", "xn--bcher-kva.example", true},
		{"bank\u200d.exam\u200cple", "bank.example", true},
		{"نامه\u200cای.example", "xn--mgba3gch31f060k.example", true},
		{"\u200d.example", "", false},
		{"bank。example", "bank.example", true},
		{"bank.example。", "bank.example", true},
		{"bücher.example．", "xn--bcher-kva.example", true},
		{long + ".example", long + ".example", true},
		{long + "a.example", "", false},
		{"", "", false},
		{".", "", false},
		{"localhost", "", false},
		{"a..b", "", false},
		{".a.b", "", false},
		{"a.b..", "", false},
		{"a.b。。", "", false},
		{"[192.0.2.1]", "", false},
		{"192.0.2.1", "", false},
		{"a b.example", "", false},
		{"a\x00.example", "", false},
		{"legit.test(.evil.test", "", false},
		{"a\r\nb.example", "", false},
		{"a;b.example", "", false},
		{strings.Repeat("a.", 127) + "example", "", false},
		{strings.Repeat("ü.", 2000) + "example", "", false},
	} {
		if got, ok := Domain(tc.in); ok != tc.ok || ok && got != tc.want {
			t.Errorf("%q: got %q, %v", tc.in, got, ok)
		}
	}
}

func TestIsWithin(t *testing.T) {
	for _, tc := range []struct {
		name, domain string
		want         bool
	}{{"a.b", "a.b", true}, {"x.a.b", "a.b", true}, {"xa.b", "a.b", false}, {"b", "a.b", false}, {"a.b", "", false}} {
		if got := IsWithin(tc.name, tc.domain); got != tc.want {
			t.Errorf("%s, %s: got %v", tc.name, tc.domain, got)
		}
	}
}

// FuzzDomain: what comes out is a name of the plain kind, and its own form.
func FuzzDomain(f *testing.F) {
	f.Add("Bücher.Example.")
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := Domain(in)
		if !ok {
			return
		}
		if again, ok := Domain(got); !ok || again != got || len(got) > MaxDomain || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			t.Errorf("%q: %q, %q", in, got, again)
		}
	})
}

func TestTogether(t *testing.T) {
	n := make(chan int, 3)
	defer func() {
		if v := recover(); v != "x" || len(n) != 2 {
			t.Errorf("got %v after %d", v, len(n))
		}
	}()
	Together(func() { n <- 1 }, func() { panic("x") }, func() { n <- 2 })
	t.Error("the panic is gone")
}
