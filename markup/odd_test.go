// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestOdd has what once hid a danger: names that are others to most programs, elements that end where nobody looks, styles with what is no comment
// and no text. In each there is a danger of the kind, or nobody can say what to change.
func TestOdd(t *testing.T) {
	const bad = `<img src=x onerror=y>`
	for _, tc := range []struct {
		name, in string
		want     Kind // Or Unreadable.
	}{
		{"prefix of an end tag", `<svg></x:svg><style>` + bad + `</style>`, Handler},
		{"octet in an end tag", "<svg></svg\x01><style>" + bad + `</style>`, Handler},
		{"octet in a name", "<style\x01>" + bad + `</style>`, Handler},
		{"NUL before a name", "<\x00style>" + bad + `</style>`, Handler},
		{"prefix of a title", `<x:title>` + bad + `</title>`, Handler},
		{"octet in a script", "<script\x01 type=application/json>" + bad + `</script>`, Handler},
		{"octet in a type", "<script type\x01=application/json>a</script>", Script},
		{"two types", `<script type="" type=application/json>a</script>`, Script},
		{"prefix of an attribute", `<meta x:http-equiv=a http-equiv=refresh content="0;url=//x.test/">`, Refresh},
		{"end in a comment for some", `<svg><!--[if IE]></svg><![endif]--><style>` + bad + `</style>`, Handler},
		{"element in a title", `<svg><title><div></title></svg></div></title><style>` + bad + `</style>`, Handler},
		{"svg in a style of it", `<svg><style></svg><svg><svg></style></svg><style>` + bad + `</style>`, Handler},
		{"column of a template", `<template><col><textarea></template>` + bad + `</textarea>`, Handler},
		{"data of a template", `<template><col><script type=application/json></template>` + bad + `</script>`, Handler},
		{"base behind one for some", `<!--[if IE]><base href=x><![endif]--><base href=//x.test/><a href=b>`, Base},
		{"comment in an address", `<style>p{a:url(x/*)}q{b:expression(c)}/**/</style>`, CSS},
		{"comment in a string", `<style>p{a:"/*"}q{b:expression(c)}r{a:"*/"}</style>`, CSS},
		{"line end in a string", "<style>p{a:url(\"x\n)}q{b:url(vbscript:c)}r{a:\"}</style>", CSS},
		{"escaped quote", `<style>p{a:url(\"x)}q{b:url(vbscript:c)}r{a:"}</style>`, CSS},
		{"escaped letter at a line end", "<style>p{a:u\\72\r\nl(vbscript:c)}</style>", CSS},
		{"escape by reference", `<p style="a:u&#92;72l(vbscript:c)">`, CSS},
		{"reference in an escape", `<p style="a:\&#55;5rl(vbscript:c)">`, CSS},
		{"reference in a style", `<svg><style>p{a:u&#114;l(vbscript:c)}</style></svg>`, "Unreadable"},
		{"comment of markup in a style", `<svg><style>@im<!---->port "data:a";</style></svg>`, "Unreadable"},
		{"tags in a style", `<svg><style>@im<g><h>x</g>port "data:a";</style></svg>`, "Unreadable"},
		{"reference in an attribute of SVG", `<svg><rect mask="url&lpar;vbscript:a)"></svg>`, CSS},
		{"address in an animation", `<svg><set attributeName=mask to="url(//x.test/a)" /></svg>`, Remote},
		{"string of a property", `<style>@property --a{initial-value:"//x.test/a"}</style>`, Remote},
		{"selector that tells, behind a rule in it", `<style>p[value^=a]{b{c:d}e:url(//x.test/)}</style>`, CSS},
		{"selector that tells, with blanks", `<style>p[ *|value ^=a]{e:url(//x.test/)}</style>`, CSS},
		{"selector that tells, behind a brace in a string", `<style>p[value^=a]{b:"}";e:url(//x.test/)}</style>`, CSS},
		{"selector that tells, behind an import without a blank", `<style>@import"a";p[value^="{"]{b:url(//x.test/)}</style>`, CSS},
		{"relative image behind a base", `<base href="https://x.test/"><img src=a>`, Remote},
		{"small file to be kept", `<a download=a.bat href="data:text/plain,start">a</a>`, Smuggling},
		{"drawings", strings.Repeat(drawing21(), 17), "Unreadable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := Scan([]byte(tc.in), "text/html")
			found := tc.want == "Unreadable" && p.Unreadable != ""
			for _, d := range p.Dangers {
				found = found || d.Kind == tc.want
			}
			if !found && p.Unreadable == "" {
				t.Errorf("%.200s: got %+v, want %s", tc.in, p.Dangers, tc.want)
			}
			if p.Unreadable != "" {
				return
			}
			if again := Scan(p.Disarm(Kinds()...), "text/html"); len(again.Dangers) > 0 || again.Unreadable != "" {
				t.Errorf("%s disarmed has %+v %s", tc.in, again.Dangers, again.Unreadable)
			}
		})
	}
}

// drawing21 is a table as large as the smallest QR code, half of it dark.
func drawing21() string {
	return "<table>" + strings.Repeat("<tr>"+strings.Repeat("<td bgcolor=black></td><td></td>", 11)+"</tr>", 22) + "</table>"
}

// TestOddXML is the same for files of XML.
func TestOddXML(t *testing.T) {
	for _, in := range []string{
		`<!DOCTYPE svg [<!ENTITY x "http://a <script>b</script>">]><svg>&x;</svg>`,
		`<!DOCTYPE svg [<!ENTITY x "http://x.test/a.png">]><svg><image href="&x;"/></svg>`,
		`<!DOCTYPE svg SYSTEM "a>b" [<!ATTLIST svg onload CDATA "c">]><svg/>`,
		`<svg><style>@im<!-- -->port "data:a";</style></svg>`,
		`<svg><style>@im<![CDATA[port "data:a";]]></style></svg>`,
		`<svg><style>@&#105;mport "data:a";</style></svg>`,
		`<svg><style>@im<!-->x-->port "data:a";</style></svg>`,
	} {
		if p := Scan([]byte(in), "image/svg+xml"); len(p.Dangers) == 0 && p.Unreadable == "" {
			t.Errorf("%s: nothing was found", in)
		}
	}
	ordinary := `<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]><svg xmlns="&ns_svg;"><style><![CDATA[a > b{fill:red}]]></style><style>a &gt; b{fill:url(#c)}</style></svg>`
	if p := Scan([]byte(ordinary), "image/svg+xml"); len(p.Dangers) > 0 || p.Unreadable != "" {
		t.Errorf("%s: got %+v %s", ordinary, p.Dangers, p.Unreadable)
	}
}

// TestLinkAcrossComment: what only some programs see ends no link of others.
func TestLinkAcrossComment(t *testing.T) {
	got := Scan([]byte(`<a href=x>bank<!--[if IE]></a><a href=y>b</a><![endif]-->.test</a>`), "text/html").Links
	if len(got) != 2 || got[0].Text != "bank.test" || got[1].Text != "" {
		t.Errorf("got %+v", got)
	}
}

// TestLinear: what once took the square of its length. Nothing but the time limit of all tests watches it: these took minutes.
func TestLinear(t *testing.T) {
	for _, in := range []string{
		strings.Repeat("<!--[if a]><style><![endif]-->", 50_000) + "</style>",
		strings.Repeat("<!--[if a]><script><![endif]-->", 50_000) + "</script>",
		strings.Repeat("<!doctype [>", 100_000) + "]",
		strings.Repeat("<link "+strings.Repeat("href=//a ", 900)+">", 130),
	} {
		start := time.Now()
		Scan([]byte(in), "text/html")
		t.Logf("%.40s: %v", in, time.Since(start))
	}
}

// TestLists: a list in an attribute takes no more memory than its text.
func TestLists(t *testing.T) {
	const n = 1 << 20
	for _, in := range []string{
		"<img srcset='" + strings.Repeat(",", n) + "'>", "<set values=':" + strings.Repeat(";", n) + "'>", "<link href=//x.test rel='" + strings.Repeat("a ", n/2) + "'>",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		Scan([]byte(in), "text/html")
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 8*n {
			t.Errorf("%.20s: %d octets of memory for %d", in, got, len(in))
		}
	}
}
