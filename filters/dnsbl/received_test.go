// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"strings"
	"testing"
)

func TestFromAddr(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"Postfix", "from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net (Postfix) with ESMTP id 1", "192.0.2.1"},
		{"Postfix, no name", "from mail.example.org (unknown [192.0.2.1])\tby mx", "192.0.2.1"},
		{"Postfix, a client whose address is not known, an address as HELO", "from [198.51.100.1] (unknown [unknown]) by mx", ""},
		{"Exim, HELO is the address", "from [192.0.2.1] by mx with esmtp", "192.0.2.1"},
		{"CommuniGate", "from [192.0.2.1] (account a@example.org HELO b) by mx", "192.0.2.1"},
		{"Postfix, an address as HELO", "from [198.51.100.1] (unknown [192.0.2.1]) by mx", "192.0.2.1"},
		{"Postfix, HELO that looks like the rest", "from x[198.51.100.1] (unknown [192.0.2.1]) by mx", "192.0.2.1"},
		{"Postfix, IPv6", "from a (b [IPv6:2001:db8::1]) by mx", "2001:db8::1"},
		{"Sendmail", "from a (b [192.0.2.1] (may be forged)) by mx", "192.0.2.1"},
		{"Exim", "from b ([192.0.2.1] helo=a) by mx with esmtp (Exim 4.9)", "192.0.2.1"},
		{"Exim, an address as HELO", "from b ([192.0.2.1] helo=[198.51.100.1]) by mx", "192.0.2.1"},
		{"Exim, HELO first", "from b (helo=[198.51.100.1] [192.0.2.1]) by mx", "192.0.2.1"},
		{"Exim, an address in HELO", "from [192.0.2.1] (helo=x[198.51.100.1]) by mx", "192.0.2.1"},
		{"HELO with an address in it", "from a (HELO x[198.51.100.1] [192.0.2.1]) by mx", "192.0.2.1"},
		{"a name that ends like HELO", "from a (mx.helo [192.0.2.1]) by mx", "192.0.2.1"},
		{"Exim, no name", "from [192.0.2.1] (helo=[198.51.100.1]) by mx", "192.0.2.1"},
		{"qmail", "from unknown (HELO a) (192.0.2.1) by mx with SMTP", "192.0.2.1"},
		{"qmail, an address as HELO", "from unknown (HELO 198.51.100.1) (192.0.2.1) by mx", "192.0.2.1"},
		{"qmail, a literal as HELO", "from unknown (HELO [198.51.100.1]) (user@192.0.2.1) by mx", ""},
		{"Exchange", "from a.example.org (192.0.2.1) by b.example.org (198.51.100.1) with Microsoft SMTP Server", "192.0.2.1"},
		{"the receiver's address does not count", "from a.example.org by b.example.org ([198.51.100.1])", ""},
		{"by in a comment", "from a (b by c [192.0.2.1]) by mx", "192.0.2.1"},
		{"local", "by mx.example.net (Postfix, from userid 0) id 1", ""},
		{"upper case", "FROM a (b [192.0.2.1]) BY mx", "192.0.2.1"},
		{"IPv4 in IPv6 form", "from a (b [::ffff:192.0.2.1]) by mx", "192.0.2.1"},
		{"open comment", "from a (b [192.0.2.1] by mx", ""},
		{"closed too often", "from a) (b [192.0.2.1]) by mx", "192.0.2.1"},
		{"no address in brackets", "from a (b [x]) by mx", ""},
		{"empty", "", ""},
		{"from alone", "from", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if a := fromAddr(c.value); a.IsValid() {
				got = a.String()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzFromAddr: an address that is found stands in the field, in front of "by".
func FuzzFromAddr(f *testing.F) {
	f.Add("from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net (Postfix) with ESMTP id 1")
	f.Add("from b ([192.0.2.1] helo=[198.51.100.1]) by mx")
	f.Add("from unknown (HELO [198.51.100.1]) (192.0.2.1) by mx")
	f.Add("from [IPv6:2001:db8::1%25eth0] ((()) by")
	f.Fuzz(func(t *testing.T, s string) {
		a := fromAddr(s)
		if !a.IsValid() {
			return
		}
		if a.Zone() != "" || a.Is4In6() {
			t.Errorf("%v out of %q", a, s)
		}
		if !strings.HasPrefix(strings.ToLower(strings.TrimLeft(s, " \t")), "from") {
			t.Errorf("%v out of %q", a, s)
		}
	})
}

func TestZoneNames(t *testing.T) {
	for _, s := range []string{"zen.example.org", "k3y_x.zen.example.org"} {
		if !isZone(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"", "org", "Zen.example.org", ".example.org", "example.org.", "a..b", "a b.c", strings.Repeat("a", 64) + ".org", strings.Repeat("a.", 100) + "org"} {
		if isZone(s) {
			t.Errorf("%q is taken", s)
		}
	}
}
