// SPDX-License-Identifier: Apache-2.0

package html

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// everything looks for every kind.
func everything() *Options {
	o := &Options{}
	for _, k := range markup.Kinds() {
		o.Kinds = append(o.Kinds, string(k))
	}
	return o
}

func newFilter(t testing.TB, o *Options) filters.Filter {
	t.Helper()
	f, err := New(o, filters.Deps{Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// letter is a message with one HTML body.
func letter(body string) string {
	return "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body + "\r\n"
}

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter { return newFilter(t, everything()) },
		Messages: []string{
			letter("<p onclick=a>x<script>alert(1)</script><img src=https://x.test/a width=1 height=1>"),
			letter("<svg><style><a title='</style><img src=x onerror=y>'>"),
			letter("<form action=https://x.test/><input type=password></form><iframe src=x></iframe>"),
		},
	})
}

// inspect gives the findings' codes and the message with all remedies.
func inspect(t *testing.T, o *Options, text string) (codes []string, details string, after string) {
	t.Helper()
	msg := filtertest.Message(t, text)
	found, err := newFilter(t, o).Inspect(t.Context(), filtertest.Envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	var edits []mail.Edit
	for _, f := range found {
		codes = append(codes, f.Code)
		details += f.Detail + "\n"
		if f.Remedy != nil && !slices.ContainsFunc(edits, func(e mail.Edit) bool { return cmp.Equal(e, f.Remedy) }) {
			edits = append(edits, f.Remedy)
		}
	}
	var b strings.Builder
	if err := msg.Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	return codes, details, b.String()
}

func TestInspect(t *testing.T) {
	head := "Subject: x\r\nMIME-Version: 1.0\r\n"
	encode := base64.StdEncoding.EncodeToString
	for _, tc := range []struct {
		name, in string
		codes    []string
		want     string // What the message is with the remedies.
	}{
		{"clean", letter("<p>x <img src=https://x.test/a>"), nil, letter("<p>x <img src=https://x.test/a>")},
		{"script", letter("a<script>b</script>c"), []string{"html.script"}, letter("a<template></template>c")},
		{"two kinds", letter("<p onclick=b>c</p><iframe src=d></iframe>"), []string{"html.handler", "html.iframe"}, letter("<p x-onclick=b>c</p><iframe x-src=d></iframe>")},
		{"other charset", strings.Replace(letter("<p onclick=b>\xe4"), "utf-8", "iso-8859-1", 1), []string{"html.handler"}, strings.Replace(letter("<p x-onclick=b>\xe4"), "utf-8", "iso-8859-1", 1)},
		{
			"quoted-printable", head + "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p =\r\nonclick=3D'b'>=\r\nx=20\r\n",
			[]string{"html.handler"},
			head + "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p =\r\nx-onclick=3D'b'>=\r\nx=20\r\n",
		},
		{
			"picture that is none", head + "Content-Type: image/png; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encode([]byte("<script>alert(1)</script>")) + "\r\n",
			[]string{"html.script"},
			head + "Content-Type: image/png; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encode([]byte("<template></template>")) + "\r\n",
		},
		{
			"signed", head + "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p onclick=b>\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n",
			[]string{"html.handler"},
			head + "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p onclick=b>\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			codes, details, got := inspect(t, DefaultOptions(), tc.in)
			if d := cmp.Diff(tc.codes, codes); d != "" {
				t.Errorf("codes (-want +got):\n%s%s", d, details)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("message (-want +got):\n%s", d)
			}
		})
	}
}

// TestUnreadable: what cannot be understood becomes text.
func TestUnreadable(t *testing.T) {
	for _, in := range []string{
		letter("seen<svg><style><a title='</style><img src=x onerror=y>'>"),
		letter("seen+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
		strings.Replace(letter("seen<!-- x --!><script>alert(1)</script> -->"), "text/html", "image/svg+xml", 1),
	} {
		codes, details, got := inspect(t, DefaultOptions(), in)
		if len(codes) == 0 || codes[0] != "html.unreadable" {
			t.Fatalf("%q: got %q %s", in, codes, details)
		}
		if !strings.Contains(got, "Content-Type: text/plain") || strings.Contains(got, "text/html") || strings.Contains(got, "<svg") {
			t.Errorf("%q became\n%s", in, got)
		}
		if !strings.Contains(got, "seen") {
			t.Errorf("%q became\n%s\nwithout what was seen", in, got)
		}
	}
}

// TestKinds: what is not asked for is not told.
func TestKinds(t *testing.T) {
	text := letter("<p onclick=a><script>b</script><img src=https://x.test/a width=1 height=1><img src=https://x.test/b>")
	for kinds, want := range map[string]string{"script": "html.script", "handler": "html.handler", "webbug": "html.webbug", "remote": "html.remote", "form": ""} {
		codes, _, _ := inspect(t, &Options{Kinds: []string{kinds}}, text)
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: got %q, want %q", kinds, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name  string
		kinds []string
		want  string
	}{
		{"default", DefaultOptions().Kinds, ""},
		{"none", nil, "kinds: want at least one"},
		{"unknown", []string{"scripts"}, `kinds: there is no "scripts"; there are: script, handler, `},
		{"twice", []string{"css", "css"}, `kinds: "css" is named twice`},
	} {
		err := (&Options{Kinds: tc.kinds}).Validate()
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want)) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
}

// TestReadme: the README names the default and every kind.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range markup.Kinds() {
		if !strings.Contains(string(text), "| `html."+string(k)+"` |") {
			t.Errorf("README.md does not tell of html.%s", k)
		}
	}
	if !strings.Contains(string(text), strings.Join(DefaultOptions().Kinds, ", ")) {
		t.Errorf("README.md does not name the default %s", strings.Join(DefaultOptions().Kinds, ", "))
	}
}
