// SPDX-License-Identifier: Apache-2.0

package results

import (
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/authres"
	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn"
)

func TestFormat(t *testing.T) {
	for _, tc := range []struct {
		name string
		id   string
		in   []Method
		want string
	}{
		{"nothing", "mx.example.org", nil, "mx.example.org; none"},
		{
			"several", "mx.example.org",
			[]Method{
				{Name: "spf", Result: authn.Pass, Properties: []Property{{"smtp", "mailfrom", "a.b+c@example.org"}}},
				{Name: "dkim", Result: authn.Fail, Comment: "2048-bit key", Reason: "body was changed", Properties: []Property{{"header", "d", "example.org"}, {"header", "b", "aB/c=="}, {"header", "i", "@example.org"}}},
			},
			`mx.example.org; spf=pass smtp.mailfrom=a.b+c@example.org; dkim=fail (2048-bit key) reason="body was changed" header.d=example.org header.b="aB/c==" header.i=@example.org`,
		},
		{
			"parenthesis in a domain", "mx.example.org",
			[]Method{{Name: "dkim", Result: authn.Pass, Properties: []Property{{"header", "d", "legit.example(.attack.example"}}}},
			`mx.example.org; dkim=pass header.d="legit.example(.attack.example"`,
		},
		{
			"quote and backslash", "mx.example.org",
			[]Method{{Name: "spf", Result: authn.None, Properties: []Property{{"smtp", "mailfrom", `"a\" ; dkim=pass"@x.example`}}}},
			`mx.example.org; spf=none smtp.mailfrom="\"a\\\" ; dkim=pass\"@x.example"`,
		},
		{
			"line end, NUL and 8 bit", "mx.example.org",
			[]Method{{Name: "spf", Result: authn.None, Comment: "a)(b\r\n\x00", Properties: []Property{{"smtp", "helo", "a\r\nX: y\x00ü"}}}},
			`mx.example.org; spf=none (a\)\(b???) smtp.helo="a??X: y??"`,
		},
		{"empty property", "mx.example.org", []Method{{Name: "spf", Result: authn.None, Properties: []Property{{"smtp", "helo", ""}}}}, "mx.example.org; spf=none"},
		{"odd authserv-id", "a b;c", nil, `"a b;c"; none`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, Format(tc.id, tc.in)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, in, id string
		want         []Method
		bad          bool
	}{
		{name: "none", in: "mx.example.org 1; none", id: "mx.example.org"},
		{name: "alone", in: "mx.example.org", id: "mx.example.org"},
		{
			name: "comments", in: `(a;b) mx.example.org (c); spf = pass (x;y) smtp.mailfrom = a@b.test (d) ; dkim/1=fail reason="a;b" header.d=c.test;`, id: "mx.example.org",
			want: []Method{
				{Name: "spf", Result: "pass", Properties: []Property{{"smtp", "mailfrom", "a@b.test"}}},
				{Name: "dkim", Result: "fail", Reason: "a;b", Properties: []Property{{"header", "d", "c.test"}}},
			},
		},
		{name: "quoted id", in: `"mx.example.org"; dmarc=pass header.from="c.test"`, id: "mx.example.org", want: []Method{{Name: "dmarc", Result: "pass", Properties: []Property{{"header", "from", "c.test"}}}}},
		{name: "quoted local-part", in: `x.test; spf=pass smtp.mailfrom="a b"@c.test`, id: "x.test", want: []Method{{Name: "spf", Result: "pass", Properties: []Property{{"smtp", "mailfrom", "a b@c.test"}}}}},
		{
			name: "as others write it", in: `mx.example.org 1; dmarc=pass action=none header.from=c.test; dkim=pass (2048-bit key) header.b=a/b+c= x-bits=2048`, id: "mx.example.org",
			want: []Method{
				{Name: "dmarc", Result: "pass", Properties: []Property{{"", "action", "none"}, {"header", "from", "c.test"}}},
				{Name: "dkim", Result: "pass", Properties: []Property{{"header", "b", "a/b+c="}, {"", "x-bits", "2048"}}},
			},
		},
		{name: "quote open", in: `mx.example.org; spf=pass smtp.mailfrom="a`, bad: true},
		{name: "comment open", in: `mx.example.org; spf=pass (`, bad: true},
		{name: "no method", in: `mx.example.org; pass`, bad: true},
		{name: "empty", in: ``, bad: true},
		{name: "as many as are read", in: `x.test` + strings.Repeat("; none", maxResults), id: "x.test"},
		{name: "too many", in: `x.test` + strings.Repeat("; none", maxResults+1), bad: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id, got, err := Parse(tc.in)
			if (err != nil) != tc.bad || id != tc.id {
				t.Fatalf("got %q, %v", id, err)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// FuzzFormat: whatever the values, one field comes out, on one line, that is read back as the same results.
func FuzzFormat(f *testing.F) {
	f.Add("mx.example.org", "a@b.example", "reason", "comment")
	f.Add("a", `"(\`, "\r\n", ")")
	f.Fuzz(func(t *testing.T, id, v, reason, comment string) {
		in := []Method{
			{Name: "spf", Result: authn.Fail, Comment: comment, Reason: reason, Properties: []Property{{"smtp", "mailfrom", v}}},
			{Name: "dmarc", Result: authn.Fail, Properties: []Property{{"header", "from", v}}},
		}
		text := Format(id, in)
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			t.Fatalf("%q", text)
		}
		gotID, got, err := Parse(text)
		if id == "" {
			return
		}
		if err != nil || len(got) != 2 || got[0].Name != "spf" || got[0].Result != authn.Fail || got[1].Name != "dmarc" || got[1].Result != authn.Fail {
			t.Fatalf("%q: %q %v %v", text, gotID, got, err)
		}
		if p := got[0].Property("smtp", "mailfrom"); p != printable(v) {
			t.Fatalf("%q: got %q, want %q", text, p, printable(v))
		}
		if _, theirs, err := authres.Parse(text); err == nil && len(theirs) != 2 && !strings.ContainsAny(text, "();") {
			t.Fatalf("%q: go-msgauth reads %d results", text, len(theirs))
		}
	})
}

// FuzzParse: no text takes it down, and what it reads can be written.
func FuzzParse(f *testing.F) {
	f.Add(`mx.example.org; spf=pass (a(b)c) smtp.mailfrom="a\"b"`)
	f.Add(`;;;(`)
	f.Fuzz(func(t *testing.T, in string) {
		id, methods, err := Parse(in)
		if err != nil {
			return
		}
		if len(methods) > len(in) {
			t.Fatal("more results than octets")
		}
		_ = Format(id, methods)
	})
}
