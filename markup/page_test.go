// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinks(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     []Link
	}{
		{"plain", `<a href="https://x.test/?a=1&amp;b=2&copy=3" title=T>See <b>this</b>&nbsp;&lt;</a>z`, []Link{
			{Kind: "a", URL: "https://x.test/?a=1&b=2&copy=3", Text: "See this\u00a0<", Title: "T", Start: 0, End: 53, AttrStart: 3, AttrEnd: 44, TextEnd: 78},
		}},
		{"white space", "<a href=' ht\ttp://x.test/\n'>a</a>", []Link{{Kind: "a", URL: "http://x.test/", Text: "a", End: 28, AttrStart: 3, AttrEnd: 27, TextEnd: 29}}},
		{"hidden text", `<a href=x>a<span style="display:none">b</span>c</a>`, []Link{{Kind: "a", URL: "x", Text: "ac", End: 10, AttrStart: 3, AttrEnd: 9, TextEnd: 47}}},
		{"one after the other", `<a href=x>a<a href=y>b`, []Link{
			{Kind: "a", URL: "x", Text: "a", End: 10, AttrStart: 3, AttrEnd: 9, TextEnd: 11},
			{Kind: "a", URL: "y", Text: "b", Start: 11, End: 21, AttrStart: 14, AttrEnd: 20, TextEnd: 22},
		}},
		{"ended from outside", `<div><a href=x>a</div>b`, []Link{{Kind: "a", URL: "x", Text: "ab", Start: 5, End: 15, AttrStart: 8, AttrEnd: 14, TextEnd: 23}}},
		{"in a comment for Outlook", `<!--[if mso]><a href=x>a</a><![endif]-->`, []Link{{Kind: "a", URL: "x", Start: 13, End: 23, AttrStart: 16, AttrEnd: 22, TextEnd: 24}}},
		{"refresh", `<meta http-equiv=refresh content="3; URL='http://x.test/'">`, []Link{{Kind: "refresh", URL: "http://x.test/", End: 59, AttrStart: 25, AttrEnd: 58, TextEnd: 59}}},
		{"css", `<p style="background:url(http://x.test/)">`, []Link{{Kind: "css", URL: "http://x.test/", End: 42, AttrStart: 25, AttrEnd: 39, TextEnd: 42}}},
		{"svg", `<svg><a xlink:href=x></a></svg>`, []Link{{Kind: "a", URL: "x", Start: 5, End: 21, AttrStart: 8, AttrEnd: 20, TextEnd: 21}}},
		{"area", `<area href=x>`, []Link{{Kind: "area", URL: "x", End: 13, AttrStart: 6, AttrEnd: 12, TextEnd: 13}}},
		{"button", `<button formaction=x>a</button>`, []Link{{Kind: "button", URL: "x", Text: "a", End: 21, AttrStart: 8, AttrEnd: 20, TextEnd: 22}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, Scan([]byte(tc.in), "text/html").Links); d != "" {
				t.Errorf("links of %s (-want +got):\n%s", tc.in, d)
			}
		})
	}
}

func TestText(t *testing.T) {
	for _, tc := range []struct{ name, in, visible, hidden string }{
		{"lines", "<p>a  b\n c</p><p>d<br>e</p><table><tr><td>f<td>g</table>", "a b c\nd\ne\nf g", ""},
		{"references", "a&amp;b&eacute;&#x41;&notit;&lt", "a&b\u00e9A\u00acit;<", ""},
		{"words with tags in them", "v<b></b>ia<!-- x -->gra", "viagra", "x"},
		{"not words", "<title>t</title><style>s</style><script>x</script>a", "a", ""},
		{"textarea", "<textarea>a<b></textarea>", "a<b>", ""},
		{"template", "a<template>b</template>c", "ac", "b"},
		{"attribute", "a<p hidden>b</p>c", "a\nc", "b"},
		{"display", "a<p style='display : none'>b<i>c</i></p>d", "a\nd", "bc"},
		{"size", "a<span style='font-size:0'>b</span><span style='font-size:1px'>c</span><span style='font-size:12px'>d</span>", "ad", "bc"},
		{"font", "a<font size=0>b</font><font color=#fff>c</font><font color=#fcc>d</font>", "abd", "c"},
		{"same colour", "<table><tr><td bgcolor=red><span style='color:#F00'>a</span><b>b</b></table>", "b", "a"},
		{"picture behind", "<table><tr><td background=x><span style='color:#fff'>a</span></table>", "a", ""},
		{"away", "a<p style='position:absolute;left:-9999px'>b</p>", "a", "b"},
		{"clipped", "a<p style='max-height:0;overflow:hidden'>b</p>", "a", "b"},
		{"Outlook", "a<p style='mso-hide:all'>b</p>", "a\nb", ""},
		{"class", "<style>.x{display:none} @media print{.y{display:none}}</style>a<p class='z x'>b</p><p class=y>c</p>", "a\nc", "b"},
		{"comment for Outlook", "a<!--[if mso]><p>b</p><![endif]-->c", "a\nc", "b"},
		{"comment without an end", "a<!-- b", "a", "b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			visible, hidden := Scan([]byte(tc.in), "text/html").Text(1000)
			if visible != tc.visible || hidden != tc.hidden {
				t.Errorf("%s\n got %q, %q\nwant %q, %q", tc.in, visible, hidden, tc.visible, tc.hidden)
			}
		})
	}
}

func TestTextBounds(t *testing.T) {
	visible, _ := Scan([]byte(strings.Repeat("\u20ac ", 100)), "text/html").Text(10)
	if len(visible) > 10 {
		t.Errorf("got %d octets: %q", len(visible), visible)
	}
	backwards := []byte(strings.Repeat("x", 100) + strings.Repeat("<p><bdo dir=rtl>a", 1000))
	for max := 90; max < 150; max++ {
		if visible, _ := Scan(backwards, "text/html").Text(max); len(visible) > max {
			t.Errorf("got %d octets, want at most %d", len(visible), max)
		}
	}
}

func TestPlainText(t *testing.T) {
	in := `<p>Dear <b>you</b>,</p><p>see <a href="https://x.test/a">this</a>, <a href="https://y.test/">https://y.test/</a>.</p><p style="display:none">no</p>`
	want := "Dear you,\nsee this <https://x.test/a>, https://y.test/."
	if got := PlainText([]byte(in), "text/html", 1000); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestImages(t *testing.T) {
	in := `<img src=cid:a width=10 height="20px" alt="x &amp; y"><div hidden><img src=b></div><input type=image src=c style="width:1px;height:1px">`
	want := []Image{
		{URL: "cid:a", Alt: "x & y", Width: 10, Height: 20, End: 54},
		{URL: "b", Width: -1, Height: -1, Hidden: true, Start: 66, End: 77},
		{URL: "c", Width: 1, Height: 1, Start: 83, End: 136},
	}
	if d := cmp.Diff(want, Scan([]byte(in), "text/html").Images); d != "" {
		t.Errorf("images (-want +got):\n%s", d)
	}
}

// TestMatrices draws a square of 25 cells with a table, as QR codes are drawn, deep within others.
func TestMatrices(t *testing.T) {
	var b strings.Builder
	b.WriteString("<table>")
	for y := range 25 {
		b.WriteString("<tr>")
		for x := range 25 {
			switch {
			case (x*y)%2 == 0:
				b.WriteString("<td style='background-color:#000'></td>")
			default:
				b.WriteString("<td bgcolor=white></td>")
			}
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table><table><tr><td>a</table>")
	got := Scan([]byte(strings.Repeat("<table><tr><td>", 20)+b.String()), "text/html").Matrices
	if len(got) != 1 || len(got[0]) != 25 || len(got[0][3]) != 25 || !got[0][0][1] || got[0][1][1] || !got[0][1][2] {
		t.Errorf("got %v", got)
	}
}

func TestSmuggling(t *testing.T) {
	zip := base64.StdEncoding.EncodeToString(append([]byte("PK\x03\x04\x14\x00\x00\x00\x08\x00"), bytes.Repeat([]byte("abc"), 600)...))
	png := base64.StdEncoding.EncodeToString(append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), bytes.Repeat([]byte("abc"), 600)...))
	each, units, pieces := programInText()
	for _, tc := range []struct{ name, in, want string }{
		{"hexadecimal", "<script>x('" + each("%02x") + "')</script>", "pe, 2432 octets of hexadecimal digits, in script"},
		{"escapes of a string", "<script>x('" + each("\\x%02x") + "')</script>", "pe, 4864 octets of escapes, in script"},
		{"escapes of a URL", "<script>x(unescape('" + each("%%%02X") + "'))</script>", "pe, 3648 octets of escapes, in script"},
		{"escapes of units", "<script>x(unescape('" + units + "'))</script>", "pe, 3648 octets of escapes, in script"},
		{"pieces", "<script>// don't\nx(" + pieces + "'')</script>", "pe, 1620 octets of base64, in pieces in script"},
		{"numbers", "<script>x=[" + each("%d, ") + "]</script>", "of numbers, in pieces in script"},
		{"hexadecimal numbers", "<script>x=[" + each("0x%x,") + "]</script>", "of numbers, in pieces in script"},
		{"WebAssembly", "<script>x=[" + strings.Replace(each("%d,"), "77,90,144,", "0,97,115,109,1,0,0,0,", 1) + "]</script>", "wasm"},
		{"link with escapes", "<a download=a.exe href=\"data:application/octet-stream," + each("%%%02X") + "\">a</a>", "pe, 3648 octets of escapes, in a"},
		{"numbers that are none", "<script>x=[" + strings.Repeat("1,2,3,", 500) + "]</script>", ""},
		{"in a script", "<script>x('" + zip + "')</script>", "zip"},
		{"script that makes a file", "<script>navigator.msSaveOrOpenBlob(new Blob([atob(x)]))</script>", "script that makes a file"},
		{"link", "<a download=a.zip href='data:application/octet-stream;base64," + zip + "'>a</a>", "zip"},
		{"hidden text", "<div hidden>" + zip + "</div>", "zip"},
		{"picture", "<img src='data:image/png;base64," + png + "'>", ""},
		{"script", "<script>alert(1)</script>", ""},
		{"words", "<p>" + strings.Repeat("word ", 1000), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ""
			for _, d := range Scan([]byte(tc.in), "text/html").Dangers {
				if d.Kind == Smuggling {
					got = d.Detail
				}
			}
			if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// programInText is the start of a program, in ways to write it: each of its octets in a form, units of two, pieces of base64.
func programInText() (each func(form string) string, units, pieces string) {
	program := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 1200)...)
	copy(program[0x3c:], "\x80")
	copy(program[0x80:], "PE\x00\x00")
	code := base64.StdEncoding.EncodeToString(program)
	each = func(form string) (out string) {
		for _, c := range program {
			out += fmt.Sprintf(form, c)
		}
		return out
	}
	for i := 0; i < len(program); i += 2 {
		units += fmt.Sprintf("%%u%02x%02x", program[i+1], program[i])
	}
	for i := 0; i+60 < len(code); i += 60 {
		pieces += "'" + code[i:i+60] + "' +\n"
	}
	return each, units, pieces
}

// TestUnreadable: where readings differ and one of them is dangerous, there is no change that helps.
func TestUnreadable(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want bool
	}{
		{`<svg><style><a title='</style><img src=x onerror=y>'>`, true},
		{`<svg><style><a title='</style><img src=x>'>`, false},
		{`<noscript><p title="</noscript><img src=x onerror=y>">`, true},
		{`<title><p title="</title><img src=x onerror=y>">`, false},
		{`<select><style></select><img src=x onerror=y></style>`, false},
		{`<!-- x --!><img src=x onerror=y>-->`, true},
		{`<!-- x --!><p>y</p>`, false},
		{`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`, true},
		{`<svg><path d="a"/></svg><style><a title='</style><img src=x onerror=y>'>`, false},
		{`<svg><p></svg><style><a title='</style><img src=x onerror=y>'>`, true},
		{`<script><!--<script></script>--></script><p>x`, true},
	} {
		if got := Scan([]byte(tc.in), "text/html").Unreadable; (got != "") != tc.want {
			t.Errorf("%s: got %q, want %v", tc.in, got, tc.want)
		}
	}
}

func TestReference(t *testing.T) {
	for in, want := range map[string]string{
		"&amp;": "&", "&amp": "&", "&ampx": "&ampx", "&amp=": "&amp=", "&#65;&#x42&#67": "ABC", "&#128;": "\u20ac", "&#0;": "\ufffd", "&#xd800;": "\ufffd",
		"&#99999999999;": "\ufffd", "&": "&", "&;": "&;", "&#": "&#", "&#x;": "&#x;", "&notit;": "&notit;", "&not;": "\u00ac", "&semi;": ";", "&nothing": "&nothing",
		"&colon;&Tab;&NewLine;": ":\t\n", "a&copy": "a\u00a9",
	} {
		if got := string(unescape(nil, []byte(in), true)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestClassify(t *testing.T) {
	for in, want := range map[string]address{
		"": nowhere, "#a": nowhere, "a/b": nowhere, "/a:b": nowhere, "a.html": nowhere, "http://x": fetched, " HTTPS:x": fetched, "//x": fetched, "mailto:a": quiet,
		"cid:a": quiet, "tel:1": quiet, "javascript:a": runs, "java\nscript:a": runs, "\x01javascript:a": runs, "j\x00avascript:a": runs, "VBSCRIPT:a": runs,
		"&#x6a;avascript&colon;a": runs, "data:text/html,a": data, "file://x/y": opens, "\\\\x\\y": opens, "/\\x": opens, "ms-msdt:/id": opens, "search-ms:query=a": opens,
		"java script:a": nowhere, "x-javascript:a": quiet,
	} {
		var u urlStart
		if got, _ := classify(u.read([]byte(in), true)); got != want {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}
