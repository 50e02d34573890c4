// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	for _, c := range []struct{ arg, address, params, local, domain string }{
		{"<a@Example.ORG>", "a@Example.ORG", "", "a", "example.org"},
		{"<>", "", "", "", ""},
		{"<> SIZE=10", "", "SIZE=10", "", ""},
		{" <a@example.org> SIZE=1  BODY=8BITMIME ", "a@example.org", "SIZE=1  BODY=8BITMIME", "a", "example.org"},
		{"<a@example.org>SIZE=1", "a@example.org", "SIZE=1", "a", "example.org"},
		{`<"x@y"@example.org>`, `"x@y"@example.org`, "", `"x@y"`, "example.org"},
		{`<"a>b"@example.org> X=1`, `"a>b"@example.org`, "X=1", `"a>b"`, "example.org"},
		{`<"a\">b"@example.org> X=1`, `"a\">b"@example.org`, "X=1", `"a\">b"`, "example.org"},
		{"<postmaster>", "postmaster", "", "postmaster", ""},
		{"<@a.test,@b.test:c@example.org>", "c@example.org", "", "c", "example.org"},
		{"<@[IPv6:::1]:c@example.org>", "c@example.org", "", "c", "example.org"},
		{"<@a.test>", "@a.test", "", "", "a.test"},
		{"a@example.org SIZE=1", "a@example.org", "SIZE=1", "a", "example.org"},
		{"a@example.org\tSIZE=1", "a@example.org", "SIZE=1", "a", "example.org"},
		{"a@example.org", "a@example.org", "", "a", "example.org"},
		{"<a@example.org", "a@example.org", "", "a", "example.org"},
		{`<"unclosed@example.org> X=1`, `"unclosed@example.org`, "X=1", `"unclosed`, "example.org"},
		{"", "", "", "", ""},
	} {
		p := ParsePath(c.arg)
		if p.Raw != c.arg || p.Address != c.address || p.Params != c.params || p.Local() != c.local || p.Domain() != c.domain || p.IsNull() != (c.address == "") {
			t.Errorf("%q: got %+v, local %q, domain %q", c.arg, p, p.Local(), p.Domain())
		}
	}
}

func TestPathParam(t *testing.T) {
	p := ParsePath("<a@example.org> SIZE=10 Body=8BITMIME SMTPUTF8 ENVID=a=b")
	for _, c := range []struct {
		keyword, value string
		ok             bool
	}{{"size", "10", true}, {"BODY", "8BITMIME", true}, {"smtputf8", "", true}, {"ENVID", "a=b", true}, {"RET", "", false}, {"", "", false}} {
		if v, ok := p.Param(c.keyword); v != c.value || ok != c.ok {
			t.Errorf("%q: got %q %v, want %q %v", c.keyword, v, ok, c.value, c.ok)
		}
	}
	if p := NewPath("a@example.org"); p.Raw != "<a@example.org>" || p.String() != p.Raw || ParsePath(p.Raw) != p {
		t.Errorf("new path: %+v", p)
	}
}

func TestClientIP(t *testing.T) {
	for addr, want := range map[string]netip.Addr{
		"192.0.2.1":        netip.MustParseAddr("192.0.2.1"),
		"::ffff:192.0.2.1": netip.MustParseAddr("192.0.2.1"),
		"2001:db8::1":      netip.MustParseAddr("2001:db8::1"),
		"":                 {},
		"unknown":          {},
	} {
		if got := (Client{Addr: addr}).IP(); got != want {
			t.Errorf("%q: got %v, want %v", addr, got, want)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"<a@example.org> SIZE=1", "<>", `<"a>b"@c> X`, "<@a,@b:c@d>", "a@b c", `<"\`, "<@[:]:a>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		p := ParsePath(arg)
		if p.Raw != arg || !strings.Contains(arg, p.Address) || !strings.HasSuffix(strings.TrimRight(arg, " \t"), p.Params) {
			t.Errorf("%q: got %+v", arg, p)
		}
		if n := len(p.Address) + len(p.Params); n > len(arg) {
			t.Errorf("%q: %d octets", arg, n)
		}
		if strings.HasPrefix(strings.TrimLeft(arg, " \t"), "<") && !strings.HasPrefix(p.Address, "@") {
			if again := ParsePath(p.String()); again.Address != p.Address || again.Params != "" {
				t.Errorf("%q: %q becomes %q", arg, p.Address, again.Address)
			}
		}
		_ = p.Local()
		_ = p.Domain()
		p.Param("SIZE")
	})
}
