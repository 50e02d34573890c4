// SPDX-License-Identifier: Apache-2.0

package salearn

import "testing"

func TestAddressTokens(t *testing.T) {
	for in, want := range map[string]string{
		`"Smith, John" <john@mail.example.org>, jane@example.net (Jane)`: "N*Smith, N*John U*john D*mail.example.org D*example.org D*org U*jane D*example.net D*net",
		"undisclosed-recipients:;":                                       "",
		"<>":                                                             "",
		"a@b":                                                            "U*a D*b",
		"@":                                                              "",
		"":                                                               "",
	} {
		if got := addressTokens(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestChewed(t *testing.T) {
	c := newPatterns()
	for _, tt := range []struct{ got, want string }{
		{c.id("<000a01c2f3a4$1234abcd$9876fedc@host>"), " OEA000a OEB1234 OEC9876fedc host "},
		{c.id("<20240102030405.ABCDEF0123@mail.example.org>"), "mail example org "},
		{c.id("<11qAbCd-0001Ef-0G@mail.example.org>"), "mail example org "},
		{
			c.received("from a (b [192.0.2.7]) by c with ESMTP id 0123456789A for <d@example.org>; Mon, 1 Jan 2024 10:00:00 +0100 (CET)"),
			"  a (b [192.0.2 ip*192.0.2.7 ]) by c   <d@example.org>; ",
		},
		{c.contentType(`multipart/mixed; boundary="--=_NextPart_000_12ab"`), "multipart/mixed;   --=_ NHxtPHrt _ HHH _ HHHH"},
		{c.contentType(`text/plain; charset=us-ascii`), " /plain;  =us-ascii"},
		{unfolded("X-A: one\r\n\t two;\r\n three\r\n"), "one two; three"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestRelay(t *testing.T) {
	for in, want := range map[string]relay{
		"from helo.example.org (rdns.example.org [192.0.2.1])\r\n\tby mx.example.net (Postfix) with ESMTP id 4F3A": {"192.0.2.1 rdns.example.org helo.example.org mx.example.net  4F3A", false},
		"from localhost (root@localhost [127.0.0.1]) by mx with SMTP id X1234":                                     {"127.0.0.1 localhost localhost mx root X1234", true},
		"from rdns.example.org (HELO there) (192.0.2.9) by mx with SMTP; 1 Jan 2024 00:00:00 -0000":                {"192.0.2.9 rdns.example.org there mx ", false},
		"from client (unknown [IPv6:2001:db8::1]) by mx (Postfix) with ESMTPSA id ABC":                             {"2001:db8::1  client mx  ABC ESMTPSA", true},
		"from mail.example.org ([192.0.2.3] helo=me) by mx with esmtp (Exim 4.96) id 1qAbCd-0001Ef-0G":             {"192.0.2.3 mail.example.org me mx  1qAbCd-0001Ef-0G", false},
	} {
		c := newPatterns()
		if got, ok := c.relay(in); !ok || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "by mx with SMTP", "from x by y", "from a (b [999.1.1.1]) by c", "(qmail 1 invoked by uid 0)"} {
		c := newPatterns()
		if got, ok := c.relay(in); ok {
			t.Errorf("%q: got %+v", in, got)
		}
	}
}
