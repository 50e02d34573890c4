// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// flat writes parameters in one line.
func flat(list []param) string {
	var l []string
	for _, p := range list {
		mark := ""
		if p.extended {
			mark = "*"
		}
		l = append(l, p.name+mark+"="+p.value)
	}
	return strings.Join(l, "|")
}

func TestParseParams(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		flags          params
	}{
		{"plain", `charset=utf-8; name="a b"`, "charset=utf-8|name=a b", params{}},
		{"blanks everywhere", ` ; charset = utf-8 ;; NAME = "a" ; `, "charset=utf-8|name=a", params{}},
		{"semicolon in quotes", `a="x;y"; b=z`, "a=x;y|b=z", params{}},
		{"quoted pair", `a="x\"y\\z"`, `a=x"y\z`, params{}},
		{"backslash of a path", `a="C:\temp\x"`, `a=C:\temp\x`, params{}},
		{"unclosed quote", `a="x; b=y`, "a=x; b=y", params{unclosed: true}},
		{"backslash at the end", `a="x\`, `a=x\`, params{unclosed: true}},
		{"bare with blanks", "name=my file.txt; b=1", "name=my file.txt|b=1", params{}},
		{"missing semicolon", "a=1 b=2", "a=1|b=2", params{junk: true}},
		{"missing semicolon behind quotes", `a="1" b=2`, "a=1|b=2", params{}},
		{"equals sign in a boundary", "boundary=----=_Part_1=2", "boundary=----=_Part_1=2", params{}},
		{"comments", "a=1 (one; two) ; (c) b=2 (x)", "a=1|b=2", params{}},
		{"comment without end", "a=1 (one; b=2", "a=1 (one|b=2", params{}},
		{"parentheses in a name", "name=x (1).txt", "name=x (1).txt", params{}},
		{"parentheses without blanks", "name=x(1)", "name=x(1)", params{}},
		{"no equals sign", "junk; a=1", "a=1", params{junk: true}},
		{"no name", "=x; a=1", "a=1", params{junk: true}},
		{"empty value", "a=; b=\"\"", "a=|b=", params{}},
		{"nothing", " ; ; ", "", params{}},
		{"8-bit", "a=\xe9", "a=\xe9", params{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := parseParams(c.in, 100)
			if flat(got.list) != c.want {
				t.Errorf("%q: got %s, want %s", c.in, flat(got.list), c.want)
			}
			got.list = nil
			if diff := cmp.Diff(c.flags, got, cmp.AllowUnexported(params{})); diff != "" {
				t.Errorf("%q: %s", c.in, diff)
			}
		})
	}
}

func TestParseParamsLimit(t *testing.T) {
	if p := parseParams("a=1; b=2; c=3", 2); !p.over || flat(p.list) != "a=1|b=2" {
		t.Errorf("got %s, over %v", flat(p.list), p.over)
	}
	if p := parseParams("a=1; b=2; ", 2); p.over {
		t.Error("as many as allowed are too many")
	}
}

func TestDecodeParams(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		gap            bool
	}{
		{"none", "a=1; b=2", "a=1|b=2", false},
		{"extended", "title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title*=This is ***fun***", false},
		{"sections", `url*0="ftp://"; url*1="cs.utk.edu/"`, "url*=ftp://cs.utk.edu/", false},
		{
			"RFC 2231 section 4.1", `title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2="isn't it!"`,
			"title*=This is even more ***fun*** isn't it!", false,
		},
		{"out of order", "a*1=y; b=0; a*0=x", "a*=xy|b=0", false},
		{"gap", "a*0=x; a*2=z", "a*=xz", true},
		{"starts late", "a*1=x", "a*=x", true},
		{"twice the same", "a*0=x; a*0=y; a*1=z", "a*=xz", true},
		{"charset", "a*=iso-8859-1''caf%E9", "a*=café", false},
		{"unknown charset", "a*=x-none''a%E9", "a*=aé", false},
		{"character over two sections", "a*0*=utf-8''%C3; a*1*=%A9", "a*=é", false},
		{"no charset", "a*=x%20y", "a*=x y", false},
		{"one quote", "a*=utf-8'x", "a*=x", false},
		{"bad percent", "a*=utf-8''%zz%4", "a*=%zz%4", false},
		{"both forms", "a=x; a*=utf-8''y", "a=x|a*=y", false},
		{"both extended forms", "a*0=x; a*=utf-8''y", "a*=x|a*=y", false},
		{"no number", "a*x=1", "a*x=1", false},
		{"huge number", "a*99999999999=1", "a*99999999999=1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, gap := decodeParams(parseParams(c.in, 100).list)
			if flat(got) != c.want || gap != c.gap {
				t.Errorf("%q: got %s %v, want %s %v", c.in, flat(got), gap, c.want, c.gap)
			}
		})
	}
}

func TestCutMediaType(t *testing.T) {
	for _, c := range []struct {
		in, mediaType, rest string
		ok                  bool
	}{
		{"text/plain", "text/plain", "", true},
		{"TEXT/Html; charset=x", "text/html", " charset=x", true},
		{"text / html ;a=b", "text/html", "a=b", true},
		{"text/html charset=x; a=b", "text/html", "charset=x; a=b", true},
		{"text/html (comment); a=b", "text/html", "(comment); a=b", true},
		{"text/plain, multipart/mixed; boundary=b", "text/plain", ", multipart/mixed; boundary=b", true},
		{"text", "", "", false},
		{"text/", "", "", false},
		{"/html", "", "", false},
		{"", "", "", false},
		{"te xt/html", "", "", false},
		{"text/ht\"ml", "", "", false},
		{"; boundary=b", "", " boundary=b", false},
	} {
		mediaType, rest, ok := cutMediaType(c.in)
		if mediaType != c.mediaType || rest != c.rest || ok != c.ok {
			t.Errorf("%q: got %q %q %v, want %q %q %v", c.in, mediaType, rest, ok, c.mediaType, c.rest, c.ok)
		}
	}
}

func FuzzParams(f *testing.F) {
	for _, s := range []string{`a=1; b="x\"y"`, "a*0*=utf-8''%C3; a*1*=%A9", "a=b (c) d=e", "((((", `a="`, "a=b c=d e=f", "*=x; *0=y; a**=z", "a*=x'y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const limit = 20
		s = unfold(s)
		p := parseParams(s, limit)
		if len(p.list) > limit {
			t.Errorf("%d parameters", len(p.list))
		}
		size := 0
		for _, v := range p.list {
			size += len(v.name) + len(v.value)
			if v.name == "" || strings.ContainsAny(v.name, " \t=;") {
				t.Errorf("name %q", v.name)
			}
		}
		if size > len(s) {
			t.Errorf("%d octets of parameters out of %d", size, len(s))
		}
		decoded, _ := decodeParams(p.list)
		if len(decoded) > len(p.list) {
			t.Errorf("%d decoded parameters out of %d", len(decoded), len(p.list))
		}
		cutMediaType(s)
	})
}
