// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestParseReceived(t *testing.T) {
	const date = " Mon, 5 Feb 2024 10:00:05 +0000"
	ip := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct {
		name, value string
		want        Received
	}{
		{"Postfix", "from a.example.org (b.example.org [192.0.2.1])\t(using TLSv1.3)\tby mx.example.net (Postfix) with ESMTPS id 1\tfor <c@example.net>;" + date, Received{HELO: "a.example.org", Name: "b.example.org", Addr: ip, By: "mx.example.net", Date: date}},
		{"Postfix, no name", "from a.example.org (unknown [192.0.2.1])\tby mx", Received{HELO: "a.example.org", Unnamed: true, Addr: ip, By: "mx"}},
		{"Postfix, no name, with TLS", "from a.example.org (unknown [192.0.2.1])\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\tby mx", Received{HELO: "a.example.org", Unnamed: true, Addr: ip, By: "mx"}},
		{"Postfix, a name without a domain, with TLS", "from a.example.org (b [192.0.2.1])\t(using TLSv1.3)\tby mx", Received{HELO: "a.example.org", Addr: ip, By: "mx"}},
		{"Postfix, no name, logged in", "from a (unknown [192.0.2.1])\t(Authenticated sender: c@example.org)\tby mx with ESMTPSA", Received{HELO: "a", Unnamed: true, Addr: ip, By: "mx", Auth: true}},
		{"Postfix, a certificate", "from a (b.example.org [192.0.2.1])\t(Client CN \"x helo c.example.org\", Issuer \"x\" (not verified))\tby mx", Received{HELO: "a", Name: "b.example.org", Addr: ip, By: "mx"}},
		{"Postfix, a client that calls itself unknown", "from unknown (b.example.org [192.0.2.1])\tby mx", Received{HELO: "unknown", Name: "b.example.org", Addr: ip, By: "mx"}},
		{"Postfix, logged in", "from a (a.example.org [192.0.2.1])\t(Authenticated sender: c)\tby mx (Postfix) with ESMTPSA id 1", Received{HELO: "a", Name: "a.example.org", Addr: ip, By: "mx", Auth: true}},
		{"Postfix, a client that calls itself by", "from by (b.example.org [192.0.2.1])\tby mx", Received{HELO: "by", Name: "b.example.org", Addr: ip, By: "mx"}},
		{"nothing of the client", "from  by mx with HTTP", Received{By: "mx"}},
		{"Postfix, by itself", "by mx (Postfix, from userid 0) id 1;" + date, Received{By: "mx", Date: date}},
		{"folded before the host", "from\ta (b.example.org [192.0.2.1]) by\tmx", Received{HELO: "a", Name: "b.example.org", Addr: ip, By: "mx"}},
		{"Sendmail", "from a.example.org (a.example.org. [IPv6:2001:db8::5]) by mx (8.18.1/8.18.1) with ESMTP id 1", Received{HELO: "a.example.org", Name: "a.example.org", Addr: netip.MustParseAddr("2001:db8::5"), By: "mx"}},
		{"Sendmail, forged", "from a (b.example.org [192.0.2.1] (may be forged)) by mx", Received{HELO: "a", Name: "b.example.org", Addr: ip, By: "mx"}},
		{"Exim", "from b.example.org ([192.0.2.1] helo=a.example.org) by mx.example.net with esmtp (Exim 4.96)", Received{HELO: "a.example.org", Name: "b.example.org", Addr: ip, By: "mx.example.net"}},
		{"Exim, logged in", "from [192.0.2.1] (port=1 helo=a) by mx with esmtpsa (TLS1.3)", Received{HELO: "a", Name: "192.0.2.1", Addr: ip, By: "mx", Auth: true}},
		{"qmail", "from b.example.org (HELO a.example.org) (192.0.2.1) by mx with SMTP;" + date, Received{HELO: "a.example.org", Name: "b.example.org", Addr: ip, By: "mx", Date: date}},
		{"qmail, no name", "from unknown (HELO a.example.org) (192.0.2.1) by mx with SMTP", Received{HELO: "a.example.org", Unnamed: true, Addr: ip, By: "mx"}},
		{"qmail, whom the message is from", "from b.example.org ([192.0.2.1]) (envelope-sender <c@example.com>) by mx with SMTP", Received{HELO: "b.example.org", Addr: ip, By: "mx"}},
		{"smap", "from unknown(192.0.2.1) by mx via smap (V2.0)", Received{HELO: "unknown", Unnamed: true, Addr: ip, By: "mx"}},
		{"Exchange", "from A.example.org (192.0.2.1) by B.example.org (198.51.100.1) with Microsoft SMTP Server (version=TLS1_2) id 15.20;" + date, Received{HELO: "a.example.org", Addr: ip, By: "b.example.org", Date: date}},
		{"Gmail", "from a.example.org (a.example.org. [192.0.2.1])        by mx.google.com with ESMTPS id 1        for <c@example.net>;" + date, Received{HELO: "a.example.org", Name: "a.example.org", Addr: ip, By: "mx.google.com", Date: date}},
		{"Gmail, within", "by 2002:a05:6358:1 with SMTP id 1;" + date, Received{By: "2002:a05:6358:1", Date: date}},
		{"GMX", "from b.example.org (EHLO [198.51.100.1]) [192.0.2.1] by mail.gmx.net (mp050) with SMTP", Received{HELO: "b.example.org", Addr: ip, By: "mail.gmx.net"}},
		{"from and by alone", "from by", Received{HELO: "by"}},
		{"from alone", "from", Received{}},
		{"empty", "", Received{}},
		{"long", "from a (b.example.org [192.0.2.1]) by mx " + strings.Repeat("x", 4*maxReceived) + ";" + date, Received{HELO: "a", Name: "b.example.org", Addr: ip, By: "mx", Date: date}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, ParseReceived(c.value), cmpopts.EquateComparable(netip.Addr{})); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// TestReceivedAddr: which of the addresses in a field is the one that the server saw.
func TestReceivedAddr(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"Postfix", "from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net (Postfix) with ESMTP id 1", "192.0.2.1"},
		{"Postfix, no name", "from mail.example.org (unknown [192.0.2.1])\tby mx", "192.0.2.1"},
		{"Postfix, a client whose address is not known, an address as HELO", "from [198.51.100.1] (unknown [unknown]) by mx", ""},
		{"Exim, HELO is the address", "from [192.0.2.1] by mx with esmtp", "192.0.2.1"},
		{"GMX", "from unknown (EHLO [198.51.100.1]) [192.0.2.1] by mx", "192.0.2.1"},
		{"GMX, no address", "from mail.example.org (EHLO [198.51.100.1]) by mx", ""},
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
			if a := ParseReceived(c.value).Addr; a.IsValid() {
				got = a.String()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestReceivedClaims: whatever a client calls itself, Postfix, Exim and qmail have its address, and it gets no other name. They take blanks and parentheses out of it.
func TestReceivedClaims(t *testing.T) {
	word := rapid.SampledFrom([]string{"x", "by", "from", "[198.51.100.1]", "198.51.100.1", "x[198.51.100.1]", "helo=", "HELO", "unknown", "]", "[", "id", ",c.example.org", "[c.example.org]", ",helo=,c.example.org"})
	rapid.Check(t, func(t *rapid.T) {
		helo := strings.Join(rapid.SliceOfN(word, 0, 5).Draw(t, "words"), "?")
		for v, name := range map[string]string{
			"from " + helo + " (unknown [192.0.2.1])\tby mx.example.net (Postfix) with ESMTP id 1":       "",
			"from " + helo + " (b.example.org [192.0.2.1])\tby mx.example.net (Postfix) with ESMTP id 1": "b.example.org",
			"from unknown (HELO " + helo + ") (192.0.2.1) by mx.example.net with SMTP":                   "",
			"from b.example.org (HELO " + helo + ") (192.0.2.1) by mx.example.net with SMTP":             "b.example.org",
			"from b.example.org ([192.0.2.1] helo=" + helo + ") by mx.example.net with esmtp":            "b.example.org",
		} {
			r := ParseReceived(v)
			if r.Addr.String() != "192.0.2.1" || r.By != "mx.example.net" || r.Name != name && r.Name != "" {
				t.Errorf("%q: got %+v", v, r)
			}
		}
	})
}

// FuzzReceived: what is found stands in the field, in the form that is promised.
func FuzzReceived(f *testing.F) {
	f.Add("from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net (Postfix) with ESMTP id 1; Mon, 5 Feb 2024 10:00:05 +0000")
	f.Add("from b ([192.0.2.1] helo=[198.51.100.1]) by mx")
	f.Add("from unknown (HELO [198.51.100.1]) (192.0.2.1) by mx")
	f.Add("from [IPv6:2001:db8::1%25eth0] ((()) by")
	f.Fuzz(func(t *testing.T, s string) {
		r := ParseReceived(s)
		if r.Addr.IsValid() && (r.Addr.Zone() != "" || r.Addr.Is4In6() || !strings.Contains(lower(s), "from")) {
			t.Errorf("%v out of %q", r.Addr, s)
		}
		for _, name := range []string{r.HELO, r.Name, r.By} {
			if len(name) > maxHost || !strings.Contains(lower(s), name) || strings.ContainsAny(name, " \t") {
				t.Errorf("%q out of %q", name, s)
			}
		}
		if !strings.HasSuffix(s, r.Date) {
			t.Errorf("date %q out of %q", r.Date, s)
		}
		if r.Unnamed && r.Name != "" {
			t.Errorf("with a name and without: %+v out of %q", r, s)
		}
	})
}
