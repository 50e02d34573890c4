// SPDX-License-Identifier: Apache-2.0

package chromium

// oddVectors are pages that programs take apart in another way than the names in them say: octets and prefixes that make a name another one, elements
// that end where nobody looks, styles with what is no comment, no string and no text in them.
func oddVectors() []string {
	const bad = `<img src=x onerror=alert(1)>`
	return []string{
		// Names that are others.
		`<svg></x:svg><style>` + bad + `</style>`,
		"<svg></svg\x01><style>" + bad + `</style>`,
		"<style\x01>" + bad + `</style>`,
		`<x:title>` + bad + `</title>`,
		`<x:style>` + bad + `</style>`,
		`<x:style>` + bad + `</x:style>`,
		"<\x00style>" + bad + `</style>`,
		"<st\x00yle>" + bad + `</style>`,
		"<textarea\x02>" + bad + `</textarea>`,
		"<script\x01 type=application/json>" + bad + `</script>`,
		"<script type\x01=application/json>alert(1)</script>",
		`<script type="" type=application/json>alert(1)</script>`,
		`<script x:type=application/json>alert(1)</script>`,
		`<meta x:http-equiv=foo http-equiv=refresh content="0;url=http://evil.test/">`,
		"<meta http-equiv\x01=foo http-equiv=refresh content='0;url=http://evil.test/'>",
		`<link x:rel=canonical rel=stylesheet href=//evil.test/a.css>`,
		`<svg><image><set x:attributeName=fill attributeName=href to="http://evil.test/i.png" /></image></svg>`,
		// Elements that end, or do not.
		`<svg><!--[if IE]></svg><![endif]--><style>` + bad + `</style>`,
		`<svg><title><div></title></svg></div></title><style>` + bad + `</style>`,
		`<svg><style></svg><svg><svg></style></svg><style>` + bad + `</style>`,
		`<svg><script type=application/json></svg><svg><svg></script></svg><style>` + bad + `</style>`,
		`<template><col><textarea></template>` + bad + `</textarea>`,
		`<template><col><title></template>` + bad + `</title>`,
		`<template><col><style></template>` + bad + `</style>`,
		`<template><col><script type=application/json></template>` + bad + `</script>`,
		`<!--[if IE]><base href=x><![endif]--><base href=//evil.test/><img src=a>`,
		`<base href=//evil.test/><img src=a><p style="background:url(b)">x<img srcset="c 1x"><link rel=stylesheet href=d><style>@import "e";</style>`,
		// Styles.
		`<style>p{background:url(x/*)} body{background:url(//evil.test/a.png)} /* */</style>`,
		`<style>p{content:"/*"} body{background:url(//evil.test/a.png)} q{content:"*/"}</style>`,
		"<style>a{b:url(\"x\n)}  body{background:url(//evil.test/a.png)} c{d:\"}</style>",
		`<style>a{b:url(\"x)}body{background:url(//evil.test/a.png)}c{d:"}</style>`,
		"<style>body{background:u\\72\r\nl(//evil.test/a.png)}</style>",
		`<style>x/**/url(/*) y{} body{background:url(//evil.test/a.png)} /**/</style>`,
		`<style>a{b:xurl("/*)")}body{background:url(//evil.test/a.png)}/**/</style>`,
		`<style>a{b:1url("/*)")}body{background:url(//evil.test/a.png)}/**/</style>`,
		`<p style="background:u&#92;72l(//evil.test/a.png)">x`,
		`<p style="background:\&#55;5rl(//evil.test/a.png)">x`,
		`<p style="background:url(x/*);background:url(//evil.test/a.png)/**/">x`,
		`<svg><style>@&#105;mport "http://evil.test/a.css";</style></svg>`,
		`<svg><style>rect{fill:u&#114;l(http://evil.test/a.svg#x)}</style><rect width=9 height=9 /></svg>`,
		`<svg><style>@im<!---->port "//evil.test/a.css";</style></svg>`,
		`<svg><style>@im<g/>port "//evil.test/a.css";</style></svg>`,
		`<svg><style>@im<g><h>x</g>port "//evil.test/a.css";</style></svg>`,
		`<svg><style>@im<![CDATA[port "//evil.test/a.css";]]></style></svg>`,
		`<svg><rect width=9 height=9 mask="url&lpar;//evil.test/a.svg#m)"></svg>`,
		`<svg><rect width=9 height=9><set attributeName=mask to="url(//evil.test/p.svg#x)" /></rect></svg>`,
		`<svg><rect width=9 height=9><animate attributeName=marker-start values="url(//evil.test/m.svg#x)" dur=9 /></rect></svg>`,
		`<style>@property --x{syntax:"<string>";inherits:true;initial-value:"//evil.test/a.png"}body{background:image-set(var(--x) 1x)}</style>`,
		`<style>@function --f(){result:"//evil.test/a.png"}body{background:image-set(--f() 1x)}</style>`,
	}
}
