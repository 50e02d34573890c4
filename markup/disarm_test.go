// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"testing"
)

func TestDisarm(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", `<p>Hi <b>you</b> &amp; me</p>`, `<p>Hi <b>you</b> &amp; me</p>`},
		{"script", `a<script>alert(1)</script>b`, `a<template></template>b`},
		{"script with attributes", "a<SCRIPT\nSRC=//x.test/>alert(1)</SCRIPT\t>b", `a<template></template>b`},
		{"script unclosed", `a<script>alert(1)`, `a<template></template>`},
		{"data block", `<script type="application/ld+json">{"a":"<b>"}</script>`, `<script type="application/ld+json">{"a":"<b>"}</script>`},
		{"handler", `<img src="a" onerror="alert(1)">`, `<img src="a" x-onerror="alert(1)">`},
		{"handler after slash", `<svg/onload=alert(1)>`, `<svg/x-onload=alert(1)>`},
		{"handler after quote", `<a title="x"onclick='y'>z</a>`, `<a title="x"x-onclick='y'>z</a>`},
		{"iframe", `<iframe src="https://x.test/">no</iframe>`, `<iframe x-src="https://x.test/">no</iframe>`},
		{"iframe of text", `<iframe srcdoc="<b>" src=a src=b>no</iframe>`, `<iframe x-srcdoc="<b>" x-src=a x-src=b>no</iframe>`},
		{"iframe of nothing", `<iframe src=about:blank srcdoc>no</iframe>`, `<iframe src=about:blank srcdoc>no</iframe>`},
		{"object", `<object data=a type=b width=9><embed src=b><param name=movie value=c><param name=quality value=d></object>`, `<object x-data=a x-type=b width=9><embed src="about:blank" x-src=b><param name=movie x-value=c><param name=quality value=d></object>`},
		{
			"form", `<form action="https://x.test/" METHOD=post><input name=a><input type=hidden><textarea></textarea><button formmethod=get>go</button></form><input name=b>`,
			`<form method="dialog" x-action="https://x.test/" x-METHOD=post><input readonly="" name=a><input type=hidden><textarea readonly=""></textarea><button x-formmethod=get>go</button></form><input name=b>`,
		},
		{"form twice", `<form action=a action=b>`, `<form method="dialog" x-action=a x-action=b>`},
		{"password", `<input type=password><input type=password disabled><input>`, `<input readonly="" type=password><input type=password disabled><input>`},
		{"refresh", `<meta http-equiv="Refresh" content="0; url=https://x.test/">`, `<meta x-http-equiv="Refresh" content="0; url=https://x.test/">`},
		{"base", `<base href="https://x.test/"><base target=_blank><a href=b>`, `<base href="https://x.test/"><base target=_blank><a href=b>`},
		{"base behind a link", `<a href=b><base href="https://x.test/">`, `<a href=b><base x-href="https://x.test/">`},
		{"base of a program", `<base href="javascript:/a"><a href=b>`, `<base x-href="javascript:/a"><a href=b>`},
		{"second base", `<base href="https://x.test/"><base href="https://y.test/"><a href=b>`, `<base href="https://x.test/"><base x-href="https://y.test/"><a href=b>`},
		{"base for some", `<!--[if mso]><base href="https://x.test/"><![endif]--><base href="https://y.test/"><a href=b>`, `<!--[if mso]><base x-href="https://x.test/"><![endif]--><base x-href="https://y.test/"><a href=b>`},
		{"base of a style", `<p style="a:url(b)"><base href="https://x.test/">`, `<p style="a:url(b)"><base x-href="https://x.test/">`},
		{"base of nothing", `<svg><base href="https://x.test/"></svg><a href="https://y.test/"><a href=#a>`, `<svg><base href="https://x.test/"></svg><a href="https://y.test/"><a href=#a>`},
		{"javascript", `<a href=" jAva&#x09;script&colon;alert(1)">x</a>`, `<a href="#">x</a>`},
		{"svg link", `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`, `<svg><a xlink:href="#"><text>x</text></a></svg>`},
		{"share", `<img src="\\x.test\a\b.png"><img src="file://x.test/a">`, `<img x-src="\\x.test\a\b.png"><img x-src="file://x.test/a">`},
		{"expression", `<p style="width:exp/**/ression(alert(1))">x`, `<p style="width:x-off(alert(1))">x`},
		{"css url", `<p style="background:url('javascript:alert(1)')">x`, `<p style="background:url(data:,)">x`},
		{"binding", `<style>p{-moz-binding:url(//x.test/a)}</style>`, `<style>p{x-off:url(//x.test/a)}</style>`},
		{"animate", `<svg><a><animate attributeName=href values=javascript:alert(1) /></a></svg>`, `<svg><a><x-animate attributeName=href x-values=javascript:alert(1) /></a></svg>`},
		{"twice", `<img src=//x.test/a src=//x.test/b width=1 height=1 onload=a onload=b>`, `<img src=//x.test/a src=//x.test/b width=1 height=1 x-onload=a x-onload=b>`},
		{"conditional", `<!--[if mso]><script>x</script><![endif]-->`, `<!--[if mso]><template></template><![endif]-->`},
		{"comment", `<!-- <script>x</script> -->`, `<!-- <script>x</script> -->`},
		{"noscript", `<noscript><img src=x onerror=y></noscript>`, `<noscript><img src=x x-onerror=y></noscript>`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kinds := Kinds()[:11]
			p := Scan([]byte(tc.in), "text/html")
			got := string(p.Disarm(kinds...))
			if got != tc.want || p.Unreadable != "" {
				t.Errorf("Scan(%q)\n got %q\nwant %q\nunreadable: %q", tc.in, got, tc.want, p.Unreadable)
			}
			again := Scan([]byte(got), "text/html")
			if second := string(again.Disarm(kinds...)); second != got {
				t.Errorf("again: got %q, want %q", second, got)
			}
		})
	}
}

// TestDisarmAll takes out what is fetched, too.
func TestDisarmAll(t *testing.T) {
	for in, want := range map[string]string{
		`<img src=//x.test/a src=//x.test/b>`:                                                                            `<img x-src=//x.test/a x-src=//x.test/b>`,
		`<img srcset="a 1x, //x.test/b 2x">`:                                                                             `<img x-srcset="a 1x, //x.test/b 2x">`,
		`<td background=http://x.test/><link rel=preload href=//x.test>`:                                                 `<td x-background=http://x.test/><link rel=preload x-href=//x.test>`,
		`<p style="background:url(//x.test/a) no-repeat">`:                                                               `<p style="background:url(data:,) no-repeat">`,
		`<style>p{--a:"//x.test/a" 1x,url("//x.test/b") 2x;b:image-set(url(a) 1x,"//x.test/c" 2x) "//x.test/d"}</style>`: `<style>p{--a:"data:," 1x,url(data:,) 2x;b:image-set(url(a) 1x,"data:," 2x) "//x.test/d"}</style>`,
		`<style>@import "//x.test/a";p{color:red}</style>`:                                                               `<style>@x-off "//x.test/a";p{color:red}</style>`,
		`<style>@import'//x.test/a'@import@import</style>`:                                                               `<style>@x-off'//x.test/a'@x-off@x-off</style>`,
		`<a href=//x.test/ ping=//x.test/p>a</a><img src=cid:a>`:                                                         `<a href=//x.test/ x-ping=//x.test/p>a</a><img src=cid:a>`,
	} {
		if got := string(Scan([]byte(in), "text/html").Disarm(Kinds()...)); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}
