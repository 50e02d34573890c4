// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, want string // Canonical form, "" if it is none.
		odd      Odd
	}{
		{"http://example.org/", "http://example.org/", 0},
		{"HTTP://Example.ORG:80/A?b#c", "http://example.org/A?b#c", 0},
		{"https://example.org:8443", "https://example.org:8443", 0},
		{"https://example.org:0443/", "https://example.org/", 0},
		{"https://example.org:99999999/", "https:/", BadHost},
		{"  \x01http://example.org ", "http://example.org", 0},
		{`http:\\example.org\x`, `http://example.org\x`, Backslash},
		{"https:///example.org", "https://example.org", Slashes},
		{"https:example.org", "https://example.org", Slashes},
		{"ht\ntp://exa\tmple.org", "http://example.org", Controls},
		{"http://example.org/a\r\nb", "http://example.org/ab", 0},
		{"http://user:pw@example.org", "http://example.org", UserInfo},
		{"http://bank.example@192.0.2.1@example.org/", "http://example.org/", UserInfo},
		{`http://bank.example\@example.org/`, `http://bank.example\@example.org/`, Backslash},
		{"http://bank.example/@example.org/", "http://bank.example/@example.org/", 0},
		{"http://3221225985/", "http://192.0.2.1/", Numeric | OddNumber},
		{"http://0xC0.0.2.1/", "http://192.0.2.1/", Numeric | OddNumber},
		{"http://0xc0000201/", "http://192.0.2.1/", Numeric | OddNumber},
		{"http://0300.0.0002.01/", "http://192.0.2.1/", Numeric | OddNumber},
		{"http://192.513/", "http://192.0.2.1/", Numeric | OddNumber},
		{"http://192.0.2.1./", "http://192.0.2.1/", Numeric | FinalDot},
		{"http://192.0.2.1/", "http://192.0.2.1/", Numeric},
		{"http://192.0.2.256/", "http:/", BadHost},
		{"http://1.2.3.4.5/", "http:/", BadHost},
		{"http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/", Numeric},
		{"http://[::ffff:192.0.2.1]/", "http://192.0.2.1/", Numeric | OddNumber},
		{"http://[::1", "http:", BadHost},
		{"http://example.org./", "http://example.org/", FinalDot},
		{"http://ex%61mple.org/", "http://example.org/", Encoded},
		{"http://example%2eorg%2f.example.net/", "http:/", Encoded | BadHost},
		{"http://ｅｘａｍｐｌｅ．ｏｒｇ/", "http://example.org/", Mapped},
		{"http://example。org/", "http://example.org/", Mapped},
		{"http://exam\u00adple.org/", "http://example.org/", Mapped},
		{"http://bücher.example/", "http://xn--bcher-kva.example/", IDN},
		{"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/", IDN},
		{"http://exa mple.org/", "http:/", BadHost},
		{"http:///", "http:", BadHost | Slashes},
		{"//example.org/x", "https://example.org/x", Relative},
		{`/\example.org/x`, "https://example.org/x", Relative | Backslash},
		{`\\192.0.2.1\share\x`, "file://192.0.2.1/share/x", UNC | Numeric},
		{`\\example.org@SSL@8080\x`, "file://example.org/x", UNC},
		{`\\(.*\.x`, "", 0},
		{"file://192.0.2.1/x", "file://192.0.2.1/x", Numeric},
		{"file:////192.0.2.1/x", "file://192.0.2.1/x", Numeric},
		{"file:///C:/x", "file:///C:/x", 0},
		{"file://C:/x", "file:/C:/x", 0},
		{"file://localhost/x", "file:/x", 0},
		{"mailto:a@example.org?subject=x", "mailto:a@example.org?subject=x", 0},
		{"search-ms:query=x&crumb=location:\\\\192.0.2.1", `search-ms:query=x&crumb=location:\\192.0.2.1`, 0},
		{"smb://192.0.2.1/x", "smb://192.0.2.1/x", Numeric},
		{"javascript:alert(1)", "javascript:alert(1)", 0},
		{"x.html", "", 0},
		{"#a", "", 0},
		{"", "", 0},
		{"/x", "", 0},
		{"?a:b", "", 0},
		{":", "", 0},
		{"1http://x", "", 0},
	}
	for _, tt := range tests {
		u, ok := Parse(tt.in)
		got := ""
		if ok {
			got = u.String()
		}
		if got != tt.want || ok && u.Odd != tt.odd {
			t.Errorf("%q: got %q, odd %b, want %q, %b", tt.in, got, u.Odd, tt.want, tt.odd)
		}
	}
}

func TestHost(t *testing.T) {
	for in, want := range map[string]string{
		"Example.ORG.": "example.org", "bücher.example": "xn--bcher-kva.example", "": "", "a b": "", "0x7f.1": "127.0.0.1",
		strings.Repeat("a", maxHost+1): "",
	} {
		got, ok := Host(in)
		if got != want || ok != (want != "") {
			t.Errorf("%.40q: got %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestUnicode(t *testing.T) {
	for in, want := range map[string]string{
		"xn--bcher-kva.example": "bücher.example", "example.org": "example.org", "xn--\x00.example": "xn--\x00.example",
	} {
		if got := Unicode(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestDomainOf(t *testing.T) {
	tests := []struct {
		host string
		want Domain
	}{
		{"a.b.example.org", Domain{"example.org", "org", "example.org", true}},
		{"a.example.co.uk", Domain{"example.co.uk", "co.uk", "example.co.uk", true}},
		{"x.user.github.io", Domain{"user.github.io", "github.io", "github.io", true}},
		{"b.s3.eu-west-1.amazonaws.com", Domain{"b.s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "amazonaws.com", true}},
		{"co.uk", Domain{"co.uk", "co.uk", "co.uk", true}},
		{"host.internal1x", Domain{"host.internal1x", "internal1x", "host.internal1x", false}},
		{"localhost", Domain{"localhost", "localhost", "localhost", false}},
		{"192.0.2.1", Domain{Registrable: "192.0.2.1", Operator: "192.0.2.1"}},
		{"2001:db8::1", Domain{Registrable: "2001:db8::1", Operator: "2001:db8::1"}},
	}
	for _, tt := range tests {
		got := DomainOf(tt.host)
		if got != tt.want || Registrable(tt.host) != tt.want.Registrable {
			t.Errorf("%s: got %+v, want %+v", tt.host, got, tt.want)
		}
	}
}

// A canonical address is read as what it is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"http://a.b@c/d?e#f", `\\a\b`, "//a", "http:\\\\[::1]:8/", "file:////a", "http://%41.0x7f", "ht\ttp:a", "http://xn--a", "http://。", "http://ａ．ｂ:1", "mailto:a@b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := Parse(s)
		if !ok || u.Host == "" {
			return
		}
		if len(u.Host) > 2*maxHost+64 || !isASCII(u.Host) || strings.ContainsAny(u.Host, "/@\\ ") || u.Host != strings.ToLower(u.Host) {
			t.Fatalf("%q: host %q", s, u.Host)
		}
		v, ok := Parse(u.Scheme + "://" + u.Authority() + "/")
		if !ok || v.Host != u.Host || v.Port != u.Port {
			t.Fatalf("%q: host %q, port %q, of the canonical form %q, %q", s, u.Host, u.Port, v.Host, v.Port)
		}
		DomainOf(u.Host)
		Unwrap(u)
	})
}

func BenchmarkParse(b *testing.B) {
	for name, s := range map[string]string{
		"plain": "https://www.example.org/a/b/c?d=e&f=g#h",
		"idn":   "https://www.bücher.example/a/b/c?d=e&f=g#h",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(s)
			}
		})
	}
}
