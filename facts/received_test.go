// SPDX-License-Identifier: Apache-2.0

package facts

import "testing"

func TestReceived(t *testing.T) {
	for _, c := range []struct{ text, helo, name, addr, by string }{
		{"from a.example.org (b.example.org [203.0.113.5]) by mx.example.net (Postfix) with ESMTPS id 1; Mon, 5 Feb 2024 10:00:05 +0000", "a.example.org", "b.example.org", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (a.example.org [203.0.113.5]) by mx.example.net", "a.example.org", "a.example.org", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (unknown [203.0.113.5]) by mx.example.net", "a.example.org", "", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (HELO b.example.org) (203.0.113.5) by mx.example.net with SMTP", "b.example.org", "a.example.org", "203.0.113.5", "mx.example.net"},
		{"from unknown (HELO b.example.org) (203.0.113.5) by mx.example.net", "b.example.org", "", "203.0.113.5", "mx.example.net"},
		{"from b.example.org ([203.0.113.5] helo=a.example.org) by mx.example.net with esmtp", "a.example.org", "b.example.org", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (203.0.113.5) by MX.example.net (10.0.0.1) with Microsoft SMTP Server", "a.example.org", "", "203.0.113.5", "mx.example.net"},
		{"from a.example.org (a.example.org. [IPv6:2001:db8::5]) by mx.example.net", "a.example.org", "a.example.org", "2001:db8::5", "mx.example.net"},
		{"by mx.example.net with SMTP id 1; Mon, 5 Feb 2024 10:00:05 +0000", "", "", "invalid IP", "mx.example.net"},
		{"", "", "", "invalid IP", ""}, {"from", "", "", "invalid IP", ""}, {"from by", "by", "", "invalid IP", ""},
	} {
		h := readHop(c.text)
		if h.helo != c.helo || h.name != c.name || h.addr.String() != c.addr || h.by != c.by {
			t.Errorf("%q: got %+v", c.text, h)
		}
	}
}
