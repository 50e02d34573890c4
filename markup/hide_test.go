// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailweir/mailweir/mail"
)

// TestHidden has the ways to hide text: that with b in it is not to be seen. docs/reference/evasions.md, numbers 139, 140 and 165.
func TestHidden(t *testing.T) {
	for _, in := range []string{
		`<p style="d&#105;splay&colon;none">b</p>`,
		`<p style="display:/**/none">b</p>`,
		`<p style="disp\6c ay:n\6fne">b</p>`,
		`<p style="DISPLAY : NONE !important; display:block">b</p>`,
		`<p style="display:none;display:bogus">b</p>`,
		`<p style="font-family:'x;y:z';display:none">b</p>`,
		`<p style="visibility:hidden"><i>b</i></p>`,
		`<p style="content-visibility:hidden">b</p>`,
		`<p style="opacity:.01">b</p>`,
		`<div style="height:0;overflow:hidden;position:relative"><p style="position:absolute">b</p></div>`,
		`<input style="display:none" value="b">`, `<div hidden><input value="b"></div>`,
		`<div style="text-indent:-9999px"><p>b</p></div>`,
		`<div style="margin-left:-9999px"><p style="margin-left:5px">b</p></div>`,
		`<p style="filter:opacity(0)">b</p>`,
		`<p style="filter:alpha(opacity=0)">b</p>`,
		`<p style="font-size:1%">b</p>`,
		`<p style="font-size:.1pt">b</p>`,
		`<p style="font-size:calc(0px)">b</p>`,
		`<p style="font:1px arial">b</p>`,
		`<p style="font:bold 0/0 a">b</p>`,
		`<p style="font-size:10%"><i style="font-size:10%">b</i></p>`,
		`<p style="color:snow">b</p>`,
		`<p style="color:#fefefe">b</p>`,
		`<p style="color:hsl(120,0%,100%)">b</p>`,
		`<p style="color:rgb(100%,100%,100%)">b</p>`,
		`<p style="color:transparent">b</p>`,
		`<p style="color:rgba(10,20,30,0)">b</p>`,
		`<p style="color:#12345600">b</p>`,
		`<p style="color:#1230">b</p>`,
		`<p style="-webkit-text-fill-color:transparent">b</p>`,
		`<p style="background:#101010;color:#111111">b</p>`,
		`<p style="color:#eee"><i style="background:#eee">b</i></p>`,
		`<body text=white><p>b</p>`, `<font color=fffffe>b</font>`, `<table><tr><td bgcolor=101010><font color=" 111111">b</font>`,
		`<p style="margin-left:-9999px">b</p>`,
		`<p style="position:absolute;top:-200vh">b</p>`,
		`<p style="position:fixed;left:-999em">b</p>`,
		`<p style="transform:translateX(-9999px)">b</p>`,
		`<p style="transform:translate(0, -200%)">b</p>`,
		`<p style="transform:scale(0)">b</p>`,
		`<p style="height:1px;overflow:hidden">b</p>`,
		`<p style="position:absolute;clip:rect(1px,1px,1px,1px)">b</p>`,
		`<p style="clip-path:polygon(0 0,0 0,0 0)">b</p>`,
		`<p style="clip-path:circle(0)">b</p>`,
		`<p style="clip-path:inset(50%)">b</p>`,
		`<noembed>b</noembed>`, `<noframes>b</noframes>`, `<datalist>b</datalist>`, `<dialog>b</dialog>`, `<template>b</template>`,
		`<textarea style="display:none">b</textarea>`,
		`<svg><desc>b</desc></svg>`, `<svg><defs><text>b</text></defs></svg>`,
		`<style>.z{display:none}</style><p class="y Z">b</p>`,
		`<style>.z{display:none}</style><p class="&#122;">b</p>`,
		`<style><!-- .z { display : none } --></style><p class=z>b</p>`,
		`<style>p.z{display:none}</style><p class=z>b</p>`,
		`<style>p,aside{display:none}</style><aside>b</aside>`,
		`<style>*{color:red} x-y{display:none}</style><x-y>b</x-y>`,
		`<style>.q .z{display:none}</style><div class=q><div><p class=z>b</p></div></div>`,
		`<style>.q>.z{display:none}</style><div class=q><p class=z>b</p></div>`,
		`<style>#q p{color:#fff}</style><div id=q><p>b</p></div>`,
		`<style>@charset "x";.z{display:none}</style><p class=z>b</p>`,
		`<style>.y{content:"}"}.z{display:none}</style><p class=z>b</p>`,
		`<style>@media all{.z{display:none}}</style><p class=z>b</p>`,
		`<style>@media only screen and (min-width:600px){.z{display:none!important}}</style><p class=z style="display:block">b</p>`,
		`<style>@font-face{x:y}@media print{.z{display:block}}.z{display:none}</style><p class=z>b</p>`,
		`<p>a</p><p class=z>b</p><style>.z{display:none}</style>`,
		`<style>.z{display:none}.z.y{display:block}</style><p class=z>b</p>`,
		`<div class=z><style>.z{display:none}</style>b</div>`, `<p style="display:none" style="">b</p>`, `<p style="display:none" st` + "\x01" + `yle="x">b</p>`,
		`<font color=white color=black>b</font>`, `<div style="display:none"></x:div>b</div>`, `<div style="display:none"><table></div><tr><td></div>b</td></table></div>`,
		`<body text="#ffffff"></body>b`, `<div style="display:none"><table><tr><td>a</table>b</div>`, `<style>@media/**/all{.z{display:none}}</style><p class=z>b</p>`,
		`<p style="opacity:1e-9">b</p>`, `<p style="text-indent:-9e9px">b</p>`, `<p style="text-indent:-000000000000000009999px">b</p>`, "<p style=\"margin:0\t0\t0\t-9999px\">b</p>",
		"<p style=\"transform:scale(\n0)\">b</p>", `<p style="color:#fff;background:rgba(255,255,255,.5)">b</p>`, `<div bgcolor="#000000"><font color="#ffffff">b</font></div>`,
		`<table><tr><td background=""><font color=white>b`, `<style>.z{display:none}</style><style type=x>.z{display:block}</style><p class=z>b</p>`,
		`<style>.z{display:none}.z,{display:block}</style><p class=z>b</p>`, `<div style="background:#000;color:#000"><style>body{background:#fff}</style>b</div>`,
		`<p style="display:none;display:blockx">b</p>`, `<p style="display:none;display:block x">b</p>`, `<p style="display:none;display:block!importantx">b</p>`,
		`<p style="display:none;dis` + "\x01" + `play:block">b</p>`, `<p style="font-size:0;font:16px">b</p>`, `<p style="font-size:0;font-size:9xx">b</p>`, `<p style="color:#fff;color:black x">b</p>`,
		`<p style="margin-left:-9999px;margin:0 0 0 0 0">b</p>`, `<p style="height:0;overflow:hidden;height:-9px">b</p>`, `<p style="visibility:hidden"><b style="visibility:visible;visibility:inherit">b</b></p>`,
		`<p><font color=white></p>b`, `<p><b style="display:none"></p><div>b</div>`, `<span style="display:none"><div></span>b</div>`, `<form style="display:none"><div></form>b</div>`,
		`<div style="display:none"></head>b</div>`, `<p style="display:none"><span></p><p>a</p></span><i style="display:none">b`, `<math></math><div style="display:none"/>b</div>`,
		`<div style="display:none"><table><td style="display:none">a<p></table>b</div>`,
		`<b style="display:none">` + strings.Repeat("<div>", 9) + `</b>b`, `<html><style>body p{display:none}</style><p>b</p></html>`, `<style>tbody td{display:none}</style><table><tr><td>b</table>`,
		`<o:p style="display:none"></p>b</o:p>`, `<li style="display:none"><ul><li>a</ul>b</li>`, `<svg><desc style="display:none"></svg><b style="display:none">b</b>`,
		`<p style="display:table-column">b</p>`, `<p style="word-spacing:-99px">b</p>`, `<p style="letter-spacing:200px">b</p>`, `<p style="color:canvas">b</p>`,
		`<p style="color:rgb(none none none / 0)">b</p>`, `<p style="max-height:.1em;overflow:hidden">b</p>`, `<p style="width:3px;overflow:hidden">b</p>`, `<p style="font-size:2px">b</p>`,
		`<style>[class]{display:none}</style><p class=z>b</p>`, `<style>[class*="z"]{display:none}</style><p class=azb>b</p>`, `<style>p[z~=b i]{display:none}</style><p z="a B c">b</p>`,
		`<style>[z|='b']{display:none}</style><p z=b-c>b</p>`, `<style>[ z ^= "b" ]{display:none}</style><p z=bc>b</p>`, `<style>[z$=b]{display:none}</style><p z=ab>b</p>`,
		`<style>.z~p{display:none}</style><p class=z>a</p><i>a</i><p>b</p>`, `<style>.z + p{display:none}</style><p class=z>a</p> a <p>b</p>`,
		`<style>img+div p{display:none}</style><div><img><div><p>b</p></div></div>`, `<style>textarea+p{display:none}</style><textarea></textarea><p>b</p>`,
		`<style>.z~.y>p{display:none}</style><i class=z>a</i><div class=y><p>b</p></div>`, `<i class=z></i><style>.z~p{display:none}</style><p>b</p>`,
		`<style>#x:checked~p{display:none}</style><input type=checkbox id=x checked><p>b</p>`, `<style>p:not(.z){display:none}</style><p class=y>b</p>`,
		`<style>p:not(:hover,.z){display:none}</style><p>b</p>`, `<style>:is(p,i):where(.z){display:none}</style><p class=z>b</p>`, `<style>*|p{display:none}</style><p>b</p>`, `<style>p[z=cccccc]{left:0}.y{display:none}</style><p class=y z=cccccc>b</p>`,
		`<style>p:first-child{display:none}</style><p>b</p>`, `<style>div>:nth-child( 2n + 1 ){display:none}</style><div><i>a</i><i>a</i><p>b</p></div>`,
		`<style>p:nth-child(even){display:none}</style><html><head><title>a</title></head><body><p>a</p><p>b</p>`, `<style>.sm\:z{display:none}</style><p class="sm:z">b</p>`,
		`<style>body p{display:none}</style><p>b</p>`, `<style>html>body>p{display:none}</style><p>b</p>`, `<style>:nth-child(2)>p{display:none}</style><p>b</p>`,
		`<html class=z><head><style>.z p{display:none}</style></head><body><p>b</p></body>`, `<div class=z><style>.z>p{display:none}</style><p>b</p></div>`,
		`<style>p:not(.y,.z){display:none}</style><p>b</p>`, `<style>p:first-child:nth-child(odd){display:none}</style><p>b</p>`,
		`<style>*+* p{display:none}</style><p>b</p>`, `<style>head~body #x#x{display:none}</style><p id=x>b</p>`,
		`<style>a:link{display:none}</style><a href=x>b</a>`, `<style>:root p{display:none}</style><html><p>b</p></html>`,
		"<style>" + strings.Repeat("p{left:1px}", 100) + ".z{display:none}</style><p class=z>b</p>",
		`<style>.a.z.k{display:none}</style><p class="z k a k">b</p>`,
		`<p style="color:#fff;background:none no-repeat 0 0 #fff">b</p>`,
		`<style>body{background:#eee}</style><p style="color:#eee">b</p>`,
		`<style>body,html{background:none #eee}</style><p style="color:#eee">b</p>`,
		`<style>body{background:none}</style><p style="color:#fff">b</p>`,
		`<p style="color:rgb(255,` + strings.Repeat(" ", 100) + `255,255)">b</p>`,
		`<p style="background-image:url(x);background:#fff;color:#fff">b</p>`,
		`<span style="float:left;height:0;overflow:hidden">b</span>`, `<table><tr><td style="display:block;height:0;overflow:hidden">b</td>`,
		`<p style="color:rgba(255,255,255,.9)">b</p>`, `<p style="color:rgb(10 20 30 / 1%)">b</p>`, `<p style="color:#fffd">b</p>`,
		`<p style="margin:-9999px">b</p>`, `<p style="margin:0 0 0 -9999px">b</p>`, `<p style="margin:-9999px 0 0">b</p>`, `<p style="margin-inline:-9999px 0">b</p>`,
		`<p style="margin-block:-9999px">b</p>`, `<p style="margin-inline-start:-9999px">b</p>`, `<p style="position:absolute;inset:-9999px auto auto 0">b</p>`,
		`<style>.z{margin:0 5px}</style><p class=z style="margin:-9999px">b</p>`,
		`<p style="position:relative;left:-9999px">b</p>`, `<p style="position:sticky;top:-9999px">b</p>`, `<p style="position:relative;bottom:9999px">b</p>`,
		`<p style="position:absolute;left:9999px">b</p>`, `<p style="margin-left:5000px">b</p>`, `<p style="text-indent:9999px">b</p>`, `<p style="padding:0 0 0 4000px">b</p>`,
		`<p style="translate:-9999px">b</p>`, `<p style="scale:0">b</p>`, `<p style="scale:1 .01">b</p>`, `<p style="zoom:1%">b</p>`, `<p style="opacity:1%">b</p>`,
		`<p style="transform:rotate(0) SCALE(0)">b</p>`, `<p style="transform:matrix(1,0,0,1,-9999,0)">b</p>`, `<p style="transform:matrix(0,0,0,0,0,0)">b</p>`,
		`<p style="transform:matrix3d(1,0,0,0, 0,1,0,0, 0,0,1,0, -9999,0,0,1)">b</p>`, `<p style="transform:translate3d(-9999px,0,0)">b</p>`,
		`<p style="transform:rotateX(90deg)">b</p>`, `<p style="transform:rotateY(.25turn)">b</p>`, `<p style="transform:translateY(5000px) translateX(5000px)">b</p>`,
		`<p style="height:0;overflow-y:scroll">b</p>`, `<p style="max-height:0px;overflow:auto">b</p>`, `<p style="block-size:0;overflow:hidden">b</p>`,
		`<p style="letter-spacing:-1em">b</p>`, `<div style="letter-spacing:-20px"><p>b</p></div>`,
		`<p style="color:#fff;background:linear-gradient(to right, #fff, rgb(250,250,250) 50%, white)">b</p>`,
		`<style>@media (min-height:100px) and (-webkit-min-device-pixel-ratio:0){.z{display:none}}</style><p class=z>b</p>`,
		`<p style="height:20px;overflow:hidden">` + strings.Repeat("word ", 200) + `b</p>`,
		`<div style="max-height:20px;overflow:hidden"><p>` + strings.Repeat("word ", 200) + `</p><p>b</p></div>`,
	} {
		if visible, hidden := Scan([]byte(in), "text/html").Text(1000); strings.Contains(visible, "b") || !strings.Contains(hidden, "b") {
			t.Errorf("%s: got %q, hidden %q", in, visible, hidden)
		}
	}
}

// TestNotHidden has what looks as if it hid text: all of it is seen.
func TestNotHidden(t *testing.T) {
	for _, in := range []string{
		`<p style="display:none;display:block">b</p>`,
		`<p style="font-family:';display:none;'">b</p>`,
		`<p style="background:url(;display:none;)">b</p>`,
		`<p style="visibility:hidden"><i style="visibility:visible">b</i></p>`,
		`<p style="font-size:0"><i style="font-size:16px">b</i></p>`,
		`<p style="font-size:0"><font size=3>b</font></p>`,
		`<font size=0>b</font>`,
		`<p style="font:400 12px/1.5 serif">b</p>`,
		`<p style="color:#fff;background:#000">b</p>`,
		`<p style="color:#fff"><i style="color:#000">b</i></p>`,
		`<p style="color:#fff"><a href="http://example.org/">b</a></p>`,
		`<p style="color:#ccc">b</p>`,
		`<p style="color:var(--x, #fff)">b</p>`,
		`<p style="clip:rect(0,0,0,0)">b</p>`,
		`<p style="position:absolute;clip:rect(0,200px,50px,0)">b</p>`,
		`<p style="clip-path:inset(0)">b</p>`,
		`<p style="height:1px">b</p>`,
		`<p style="color:#fff" style="color:#fff;background:#000">b</p><p>b</p>`, `<style type=text/plain>p{display:none}</style><p>b</p>`,
		`<div style="position:relative;height:0;overflow:hidden;padding-bottom:56.25%"><div style="top:0">b</div></div>`, `<p style="height:1px;min-height:200px;overflow:hidden">b</p>`,
		`<label style="height:0;overflow:hidden">b</label>`, `<p style="color:#fff;background:rgba(0,0,0,.5)">b</p>`, `<table><tr><td style="display:none">a</td></tr></table>b`,
		`<div style="display:none"><table><tr><td>a</td></tr></table></div>b`, `<o:p style="display:none">a</o:p>b`,
		`<style>.z,{display:none}</style><p class=z>b</p>`, `<style>.z,,i{display:none}</style><p class=z>b</p>`, `<style>>.z,p{display:none}</style><p class=z>b</p>`,
		`<p style="display:none x">b</p>`, `<p style="display:none !x">b</p>`, `<p style="opacity:0x">b</p>`, `<p style="color:#fff"><b style="color:initial">b</b></p>`, `<p style="visibility:hiddens">b</p>`,
		`<p style="display:none">a<p>b`, `<ul><li style="display:none">a<li>b</ul>`, `<table><tr><td style="display:none">a<td>b</table>`, `<table><tr style="display:none"><td>a<tr><td>b</table>`,
		`<table style="display:none">b<tr><td>a</table>`, `<table><form style="display:none"><tr><td>b</form></table>`, `<a style="display:none">a<a>b</a>`, `<dl><dt style="display:none">a<dd>b</dl>`,
		`<h1 style="display:none">a</h2>b`, `<b style="display:none">a<div></b>b</div>`, `<p style="display:none">a<div>b</div>`, `<!doctype html><p style="display:none">a<table><td>b</table>`,
		`<svg style="display:none"><path/><p>b`, `<td style="display:none">b`, `<div style="display:none">a<td></div>b`, `<button style="display:none">a<button>b</button>`, `<select><option style="display:none">a<option>b</select>`,
		`<p style="height:1em;overflow:hidden">b</p>`,
		`<p style="width:100%;overflow:hidden">b</p>`,
		`<p style="width:1%;overflow:hidden">b</p>`,
		`<p style="left:-9999px">b</p>`,
		`<p style="transform:rotate(0)">b</p>`,
		`<dialog open>b</dialog>`,
		`<p style="mso-hide:all">b</p>`,
		`<div style="height:0;overflow:hidden"><p style="position:absolute">b</p></div>`,
		`<div style="text-indent:-9999px"><p style="text-indent:0">b</p></div>`,
		`<div style="margin-left:-9999px"><p style="margin-left:9999px">b</p></div>`,
		`<div style="margin-left:-9999px;padding-left:9999px">b</div>`,
		`<div style="position:absolute;top:-200vh"><p style="padding-top:200vh">b</p></div>`,
		`<div style="transform:translateX(-9999px)"><p style="transform:translate(9999px,0)">b</p></div>`,
		`<style>body{background:#000;color:#fff}</style><font color=white>b</font>`,
		`<p style="background-color:#000;background-image:none;color:#fff">b</p>`,
		`<p style="background:none repeat scroll 0 0 #036;color:#fff">b</p>`,
		`<p style="background:#fff url(x.jpg) no-repeat;color:#fff">b</p>`,
		`<p style="background-image:linear-gradient(#000,#333);background-color:#fff;color:#fff">b</p>`,
		`<table><tr><td background=x.jpg bgcolor=#ffffff><font color=white>b</font></td>`,
		`<p style="background:rgba(0,0,0,.1);color:#000">b</p>`, `<p style="background:#0001;color:#000">b</p>`, `<p style="background:#0000001a;color:#000">b</p>`,
		`<span style="height:0;overflow:hidden">b</span>`, `<td style="max-height:1px;overflow:hidden">b</td>`,
		`<style>p{color:#fff}</style><p style="color:inherit">b</p>`, `<p style="color:#fff;color:currentcolor">b</p>`,
		`<html><head><title>a</title><body><p>b</p>`, `<head><style>a{}</style><div>b</div>`,
		`<html><head><style>html,body{background:#000;color:#fff}</style></head><font color=white>b</font>`,
		`<style>body.dark{background:#000}</style><p style="color:#fff">b</p>`,
		`<style>body{background:#eee url(x)}</style><p style="color:#eee">b</p>`,
		`<style>html{background:#eee}body{background:#000}</style><p style="color:#eee">b</p>`,
		`<input type=submit value="b">`,
		`<textarea>b</textarea>`,
		`<desc>b</desc>`,
		`<style>.z{display:none}</style><style>.z{display:block}</style><p class=z>b</p>`,
		`<style>.z{display:block!important}</style><p class=z style="display:none">b</p>`,
		`<style>.d{background-color:#036}</style><p class=d><font color=white>b</font></p>`,
		`<style>p.z{display:block}.z{display:none}</style><p class=z>b</p>`,
		`<style>.q .z{display:none}</style><p class=z>b</p><p class=q>b</p>`,
		`<style>.q>.z{display:none}</style><div class=q><div><p class=z>b</p></div></div>`,
		`<style>.z:hover{display:none}.z~p{display:none}[id]{display:none}</style><p class=z>b</p>`,
		`<style>.z+.y{display:none}</style><p class=z>a</p><hr><p class=y>b</p>`, `<style>i+b{display:none}</style><div><i>a</i></div><b>b</b>`,
		`<style>[z=a],[z~=a],[z|=a],[z^=c],[z$=a],[z*=ac],[z^=""],p[]{display:none}</style><p z="b cb">b</p>`,
		`<style>p:not(.z){display:none}</style><p class=z>b</p>`, `<style>:is(.y,i){display:none}</style><p class=z>b</p>`, `<style>:not(p,i):not(.z){display:none}</style><p class=z>b</p>`,
		`<style>p:first-child{display:none}</style><p>a</p><p>b</p>`, `<style>p:nth-child(2n+1){display:none}</style><p>a</p><p>b</p>`,
		`<style>p:nth-child(-n+1),p:nth-child(0){display:none}</style><p>a</p><p>b</p>`, `<style>:where(.z){display:none}p{display:block}</style><p class=z>b</p>`,
		`<style>.z::before,.z:visited,.z:hover,.sm:hidden,>.z,p:not(.z:hover) i{display:none}</style><p class=z>b</p>`,
		`<style>p:nth-child(2n):nth-child(-n+3){display:none}</style><i>a</i><i>a</i><i>a</i><p>b</p>`, `<style>div p{display:none}</style><div></div><p>b</p>`,
		`<style>body>p{display:none}</style><div><p>b</p></div>`,
		`<style>[owa] p,u+.z p,:root[x] p{display:none}</style><body class=z><p>b</p></body>`,
		`<style>@media print{.z{display:none}}</style><p class=z>b</p>`,
		`<style media=print>.z{display:none}</style><p class=z>b</p>`,
		`<style>@media (max-width:600px){.z{display:none}}</style><p class=z>b</p>`,
		`<style>@supports (x:y){.z{display:none}}</style><p class=z>b</p>`,
		`<!--[if mso]><style>.z{display:none}</style><![endif]--><p class=z>b</p>`,
		`<!-- <style>.z{display:none}</style> --><p class=z>b</p>`,
		`<style>.z{margin:-9999px}</style><p class=z style="margin:0 5px 5px">b</p>`, `<p style="margin:0 -9999px 0 0">b</p>`,
		`<p style="position:relative;left:-5px">b</p>`, `<p style="position:relative;bottom:-9999px">b</p>`, `<p style="position:absolute;left:900px">b</p>`,
		`<p style="letter-spacing:-1px">b</p>`, `<div style="letter-spacing:-1em"><p style="letter-spacing:normal">b</p></div>`,
		`<p style="transform:rotate(90deg)">b</p>`, `<p style="transform:scale(.9) translate(5px,5px)">b</p>`, `<p style="zoom:100%">b</p>`,
		`<p style="color:#fff;background:linear-gradient(#fff,#000)">b</p>`, `<p style="color:#fff;background:linear-gradient(#fff,#fff),url(x)">b</p>`,
		`<p style="color:transparent;text-shadow:0 0 1px #000">b</p>`, `<p style="color:transparent;background-clip:text">b</p>`,
		`<p style="height:20px">` + strings.Repeat("word ", 300) + `b</p>`, `<p style="height:200px;overflow:auto">` + strings.Repeat("word ", 3000) + `b</p>`,
		`<p style="height:400px;overflow:hidden">` + strings.Repeat("word ", 300) + `b</p>`,
		`<p style="white-space:nowrap;overflow:hidden">` + strings.Repeat("word<br>", 300) + `b</p>`, `<p style="white-space:nowrap">` + strings.Repeat("word ", 300) + `b</p>`,
		`<div style="white-space:nowrap;overflow:hidden"><p style="white-space:normal">` + strings.Repeat("word ", 300) + `b</p></div>`,
		`<p style="-webkit-line-clamp:9;overflow:hidden">` + strings.Repeat("word ", 300) + `b</p>`, `<p style="letter-spacing:3px;word-spacing:-1px">b</p>`,
		`<style>td{white-space:normal;overflow:hidden}</style><table><td nowrap>` + strings.Repeat("word ", 300) + `b</td></table>`,
		`<p style="display:none x">b</p>`, `<p style="display:none !x">b</p>`, `<p style="opacity:0x">b</p>`, `<p style="color:#fff"><b style="color:initial">b</b></p>`, `<p style="visibility:hiddens">b</p>`,
		`<p style="display:none">a<p>b`, `<ul><li style="display:none">a<li>b</ul>`, `<table><tr><td style="display:none">a<td>b</table>`, `<table><tr style="display:none"><td>a<tr><td>b</table>`,
		`<table style="display:none">b<tr><td>a</table>`, `<table><form style="display:none"><tr><td>b</form></table>`, `<a style="display:none">a<a>b</a>`, `<dl><dt style="display:none">a<dd>b</dl>`,
		`<h1 style="display:none">a</h2>b`, `<b style="display:none">a<div></b>b</div>`, `<p style="display:none">a<div>b</div>`, `<!doctype html><p style="display:none">a<table><td>b</table>`,
		`<svg style="display:none"><path/><p>b`, `<td style="display:none">b`, `<div style="display:none">a<td></div>b`, `<button style="display:none">a<button>b</button>`, `<select><option style="display:none">a<option>b</select>`,
		`<p style="height:1em;overflow:hidden">b</p>`, `<p style="font:12px/1.2 serif">b</p>`, `<video>b</video>`,
	} {
		if visible, hidden := Scan([]byte(in), "text/html").Text(1 << 20); !strings.Contains(visible, "b") {
			t.Errorf("%s: got %q, hidden %q", in, visible, hidden)
		}
	}
}

// TestLateSheetOnce: a sheet behind the text has the text read once more, and all else is found once.
func TestLateSheetOnce(t *testing.T) {
	p := Scan([]byte(`<p>a</p><a href=x>c</a><img src=http://example.org/><style>.z{display:none}</style><p class=z>b</p>`), "text/html")
	if len(p.Links) != 2 || len(p.Images) != 1 || len(p.Dangers) != 1 {
		t.Errorf("got %d links, %d images, dangers %+v", len(p.Links), len(p.Images), p.Dangers)
	}
}

// TestManyRules: rules are not compared without end.
func TestManyRules(t *testing.T) {
	var b strings.Builder
	b.WriteString("<style>")
	for i := range maxRules {
		fmt.Fprintf(&b, ".z.a%d,", i)
	}
	b.WriteString("p{display:none}</style>" + strings.Repeat("<b class=z>", 100_000))
	p := &Page{text: []byte(b.String())}
	s := newScanner(p, "text/html")
	s.run()
	if most := leastWork + ruleWork*len(p.text) + 2*maxRules; s.rules.work > most {
		t.Errorf("%d comparisons, want at most %d", s.rules.work, most)
	}
}

// TestLongValue: what is looked at for each element is short.
func TestLongValue(t *testing.T) {
	s := newScanner(&Page{text: []byte("<style>p{transform:scale(1)" + strings.Repeat(" a", 5000) + "}</style>")}, "text/html")
	s.run()
	if n := len(s.rules.list[0].decls[0].value); n > maxValue {
		t.Errorf("%d octets, want at most %d", n, maxValue)
	}
}

// TestUnfollowed: a limit of what is followed is told when it is hit, and not before.
func TestUnfollowed(t *testing.T) {
	times := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	const late = ".z{display:none}</style><p class=z>b"
	for _, tc := range []struct {
		limit, want string
		most        int
		page        func(n int) string
	}{
		{"rules", "rules of styles", maxRules, func(n int) string { return "<style>" + times(n-1, ".a%d{color:red}") + late }},
		{"around", "elements around in selectors", maxMarks, func(n int) string { return "<style>" + times(n, ".a%d b{color:red}") + late }},
		{"matches", "rules for one element", maxMatches, func(n int) string { return "<style>" + times(n-1, "p{left:%dpx}") + late }},
		{"classes", "octets of a class or ID", maxClasses, func(n int) string {
			return `<style>.z{display:none}</style><p class="z` + strings.Repeat(" ", n-1) + `">b`
		}},
		{"ID", "octets of a class or ID", maxClasses, func(n int) string {
			return `<style>.z{display:none}</style><p class=z id="` + strings.Repeat("x", n) + `">b`
		}},
		{"selector", "octets of a selector", maxSelector, func(n int) string {
			id := strings.Repeat("x", n-1)
			return "<style>#" + id + "{display:none}</style><p id=" + id + ">b"
		}},
		{"compound", "classes of a selector", maxCompound, func(n int) string {
			return "<style>" + strings.Repeat(".z", n) + "{display:none}</style><p class=z>b"
		}},
		{"value", "octets of a value", maxValue, func(n int) string { return `<p style="display:none;top:` + strings.Repeat("0", n) + `">b` }},
		{"value in a sheet", "octets of a value", maxValue, func(n int) string {
			return "<style>.z{display:none;top:" + strings.Repeat("0", n) + "}</style><p class=z>b"
		}},
		{"style", "octets of a style", maxStyle, func(n int) string {
			return `<p style="display:none` + strings.Repeat(";", n-len("display:none")) + `">b`
		}},
		{"depth", "elements within one another", maxOpen, func(n int) string { return strings.Repeat("<i>", n-1) + "<p hidden>b" }},
		{"tables", "tables within tables", maxTables, func(n int) string { return strings.Repeat("<table>", n) + "<p hidden>b" }},
	} {
		t.Run(tc.limit, func(t *testing.T) {
			p := Scan([]byte(tc.page(tc.most)), "text/html")
			if visible, hidden := p.Text(1000); visible != "" || hidden != "b" || p.Unfollowed != "" {
				t.Errorf("at the limit: shown %q, hidden %q, unfollowed %q", visible, hidden, p.Unfollowed)
			}
			if p := Scan([]byte(tc.page(tc.most+1)), "text/html"); p.Unfollowed != "too many "+tc.want {
				t.Errorf("beyond it: got %q", p.Unfollowed)
			}
		})
	}
}

// TestNotFollowed: what has an effect that nobody judges is told, and what is common and has none that matters is not.
func TestNotFollowed(t *testing.T) {
	for in, want := range map[string]bool{
		`<p style="MASK:linear-gradient(transparent,transparent)">b</p>`:                                  true,
		`<p style="display:VAR(--x,none)">b</p>`:                                                          true,
		`<style>.z{color:color-mix(in srgb,white,white)}</style><p class=z>b</p>`:                         true,
		`<p style="height:calc(1px - 1px);overflow:hidden">b</p>`:                                         true,
		`<p style="mix-blend-mode:screen">b</p>`:                                                          true,
		`<p style="filter:blur(9px)">b</p>`:                                                               true,
		`<p style="-webkit-text-security:disc">b</p>`:                                                     true,
		`<p style="font-size-adjust:0">b</p>`:                                                             true,
		`<i style="box-shadow:0 0 0 999px #fff"></i>`:                                                     true,
		`<i style="outline:100vw solid #fff"></i>`:                                                        true,
		`<i style="outline:1px solid;box-shadow:0 4px 12px rgba(0,0,0,.1)">b</i>`:                         false,
		`<p style="animation:x 1s forwards">b</p>`:                                                        true,
		`<p style="background:currentcolor">b</p>`:                                                        true,
		`<style>@supports (x:y){.z{display:none}}</style><p class=z>b</p>`:                                true,
		`<style>@layer{.z{margin-left:-9999px}}</style><p class=z>b</p>`:                                  true,
		`<style>@media not print{.z{visibility:hidden}}</style><p class=z>b</p>`:                          true,
		`<style media="(hover)">.z{font-size:0}</style><p class=z>b</p>`:                                  true,
		`<style>.y{.z{display:none}}</style><div class=y><p class=z>b</p></div>`:                          true,
		`<style>p:last-child{display:none}</style><p>b</p>`:                                               true,
		`<style>div:has(p) i{visibility:hidden}</style><div><p>a</p><i>b</i></div>`:                       true,
		`<style>p:not(.z p){display:none}</style><p>b</p>`:                                                true,
		`<style>.z:last-child{display:none}u+.z{mix-blend-mode:screen}.y{animation:x 1s}</style><p>b</p>`: false,
		`<style>@supports (x:y){.z{display:none}}</style><p>b</p>`:                                        false,
		`<style>` + strings.Repeat("@layer{", 100) + `p{display:none}</style><p>b</p>`:                    true,
		`<style>@layer{i{x:y}@media print{p{display:none}}}p{color:red}</style><p>b</p>`:                  false,
		`<style>@layer{i{x:y}}@media screen{p{margin:0}}b:last-child{display:none}</style><p>b</p>`:       false,
		`<style>p{` + strings.Repeat("inset:0;", 2001) + `}</style><p>b</p>`:                              true,
		`<style>p:last-child{margin:0}</style><p>b</p>`:                                                   false,
		`<style>[x~=y]+p:hover{display:none}</style><p>b</p>`:                                             false,
		`<p style="max-width:calc((480px - 100%) * 480);overflow:hidden">b</p>`:                           false,
		`<p style="mask:none;mix-blend-mode:normal;filter:opacity(.9);all:unset">b`:                       false,
		`<style>@media (hover){.z{color:red}}@font-face{x:y}</style><p class=z>b</p>`:                     false,
		`<style>@media (prefers-color-scheme:dark){p{display:none}}</style><p>b</p>`:                      false,
		`<style>@media print{p{display:none}}</style><p>b</p>`:                                            false,
	} {
		if p := Scan([]byte(in), "text/html"); (p.Unfollowed != "") != want {
			t.Errorf("%s: got %q", in, p.Unfollowed)
		}
	}
}

// TestCutOff: of text that has no room, the end is hidden.
func TestCutOff(t *testing.T) {
	words := strings.Repeat("word ", 2000)
	for _, in := range []string{
		`<p style="height:40px;overflow:hidden">`, `<p style="white-space:nowrap;overflow:hidden">`, `<div style="overflow:hidden"><p style="text-wrap:nowrap">`,
		`<p style="overflow:hidden"><nobr>`, `<table style="overflow:hidden"><td nowrap>`, `<p style="-webkit-line-clamp:2;overflow:hidden">`,
	} {
		visible, hidden := Scan([]byte(in+words+"end</p>"), "text/html").Text(1 << 20)
		if !strings.HasPrefix(visible, "word word ") || strings.Contains(visible, "end") || !strings.HasSuffix(hidden, "word end") {
			t.Errorf("%s: %d octets are visible, %d hidden", in, len(visible), len(hidden))
		}
	}
}

// TestLaid: text that other text may lie over is counted.
func TestLaid(t *testing.T) {
	words := strings.Repeat("word ", 300)
	for in, want := range map[string]int{
		`<p style="position:absolute">bbb</p>a`:                                                3,
		`<div style="position:fixed"><p>bbb<i>bb</i></p></div>a`:                               5,
		`<p style="position:relative;top:-50px">bbb</p>`:                                       3,
		`<p style="margin-top:-50px">bbb</p>`:                                                  3,
		`<p style="margin:0 0 -2em">bbb</p>`:                                                   3,
		`<p style="float:left;margin-right:-100%">bbb</p>`:                                     3,
		`<p style="transform:translateY(-50px)">bbb</p>`:                                       3,
		`<p style="grid-area:1/1">bbb</p>`:                                                     3,
		`<p style="line-height:0">bbb</p>`:                                                     3,
		`<p style="height:0">` + words + words + `</p>a`:                                       2*len(words) - 1 - 250,
		`<p style="height:0">` + words + `</p><p>` + words + `</p>`:                            len(words) - 1 - 250,
		`<div style="position:absolute"><img src=x></div>`:                                     LaidImage,
		`<div style="position:absolute"><img src=x width=1 height=1></div>`:                    0,
		`<div style="position:absolute;display:none">bbb</div>`:                                0,
		`<p style="position:relative">bbb</p>`:                                                 0,
		`<p style="margin:-1px -5px;line-height:1;grid-area:auto">bbb</p>`:                     0,
		`<p style="line-height:0"><i style="line-height:20px">bbb</i></p>`:                     0,
		`<svg><text>bbb</text></svg>`:                                                          3,
		`<video><p>bbb</p></video>a`:                                                           3,
		`<p style="font:12px/0 serif">bbb</p>`:                                                 3,
		`<p style="position:relative;margin-top:-50px;background:#fff"></p>`:                   LaidImage,
		`<p style="position:absolute"><b style="background:#fff"></b></p>`:                     LaidImage,
		`<p style="margin-top:-50px;background:transparent"></p>`:                              0,
		`<p style="white-space:nowrap">` + words + `</p>`:                                      len(words) - 1 - maxLine,
		`<p style="white-space:nowrap">` + words[:maxLine] + `<br>` + words[:maxLine] + `</p>`: 0,
		`<p style="line-height:0">&nbsp;&zwnj;</p>`:                                            0,
		"<p style=\"position:absolute\">&nbsp;\u200b</p>":                                      0,
		`<p>aaa</p><p style="margin-top:-10px">bbb</p>`:                                        0,
		`<style>body{height:100vh}</style><body>` + words + words + words:                      0,
		`<div style="height:7in">` + words + `</div>`:                                          0,
		`<td style="height:0">` + words + `</td>`:                                              0,
		`<p style="height:600px">` + words + `</p>`:                                            0,
	} {
		if p := Scan([]byte(in), "text/html"); p.Laid != want {
			t.Errorf("%.80s: got %d, want %d", in, p.Laid, want)
		}
	}
}

// TestEndTagsReach: an end tag finds its start tag however far it is, and hostile pages do not cost the square of their length.
func TestEndTagsReach(t *testing.T) {
	p := Scan([]byte("<div hidden>"+strings.Repeat("<b>", 900)+"a</div>b"), "text/html")
	if visible, hidden := p.Text(1000); visible != "b" || hidden != "a" || p.Unfollowed != "" {
		t.Errorf("shown %q, hidden %q, unfollowed %q", visible, hidden, p.Unfollowed)
	}
	page := &Page{text: []byte(strings.Repeat("<b>", 900) + strings.Repeat("</i>", 50_000))}
	s := newScanner(page, "text/html")
	s.run()
	if most := leastReach + (reachWork+maxReach)*len(page.text); s.reached > most || page.Unfollowed == "" {
		t.Errorf("%d elements looked at, want at most %d; unfollowed %q", s.reached, most, page.Unfollowed)
	}
}

// TestImageInTinyLetters: images have no letters.
func TestImageInTinyLetters(t *testing.T) {
	p := Scan([]byte(`<table><td style="font-size:0;color:#fff"><img src=http://example.org/></td><td style="visibility:hidden"><img src=http://example.org/b></td>`), "text/html")
	if len(p.Images) != 2 || p.Images[0].Hidden || !p.Images[1].Hidden {
		t.Errorf("got %+v", p.Images)
	}
}

// TestBackwards: docs/reference/evasions.md, number 141.
func TestBackwards(t *testing.T) {
	for in, want := range map[string]string{
		`<bdo dir=rtl>eerf</bdo> money`:                                            "free money",
		`<span style="unicode-bidi:bidi-override;direction:rtl">yenom eerf</span>`: "free money",
		"a <bdo dir=rtl>eerf<br>yenom</bdo> b":                                     "a free\nmoney b",
		"<bdo dir=rtl>a<bdo dir=rtl>bc</bdo>d</bdo>":                               "dcba",
		"<bdo dir=rtl>a<bdo dir=ltr>bc</bdo>":                                      "cba",
		"a &#x202e;eerf&#x202c; b":                                                 "a free b",
		"<p dir=rtl>abc</p>":                                                       "abc",
		"<bdo dir=rtl>eerf<p>yenom":                                                "free\nmoney",
	} {
		if got, _ := Scan([]byte(in), "text/html").Text(1000); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestInOrder(t *testing.T) {
	for in, want := range map[string]string{
		"a":                                "a",
		"\u202eeerf":                       "free",
		"x \u202eeerf\u202c y":             "x free y",
		"\u202eeerf\nmoney":                "free\nmoney",
		"\u202eeerf\r\n\u202eab":           "free\r\nba",
		"\u202ec\u202dab\u202c":            "abc",
		"\u202eb\u202ea\u202c":             "ab",
		"\u202a\u202eeerf\u202c\u202c":     "free",
		"\u202c\u202eba":                   "ab",
		"שלום \u202eba":                    "שלום ab",
		strings.Repeat("\u202e", 20) + "a": "a",
	} {
		if got := InOrder(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPartText(t *testing.T) {
	for _, tc := range []struct{ name, media, params, in, want string }{
		{"calendar", "text/calendar", "", "A:b\\nc\\, d\r\n e\r\nF:\\\\n", "A:b\nc, de\r\nF:\\n"},
		{"card", "text/vcard", "", "A:b\n\tc", "A:bc"},
		{"broken lines", "text/plain", "yes", "a \r\nb\nc \nd", "ab\ncd"},
		{"lines", "text/plain", "", "a \r\n b\\n", "a \r\n b\\n"},
		{"backwards", "text/plain", "", "\u202eba", "ab"},
	} {
		p := &mail.Part{MediaType: tc.media, Params: map[string]string{"format": "flowed", "delsp": tc.params}}
		if got := PartText(p, tc.in); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func FuzzInOrder(f *testing.F) {
	f.Add("a\u202eb\u202dc\u202cd\ne")
	f.Fuzz(func(t *testing.T, in string) {
		got := InOrder(in)
		if len(got) > 3*len(in) || utf8.ValidString(in) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", in, got)
		}
		if strings.Count(got, "\n") != strings.Count(in, "\n") {
			t.Fatalf("lines: %q became %q", in, got)
		}
	})
}

// TestColumns: a text that is cut into columns is read line by line.
func TestColumns(t *testing.T) {
	for in, want := range map[string]string{
		`<table><tr><td>Fr<br>mo<br>no<td>ee<br>ne<br>w!<td>&nbsp;p<br>y&nbsp;<br>&nbsp;a<td>il<br>to<br>ll</table>`: "Free pil money to now! all",
		"<table><tr><td>1<br>2<br>3<td>a<br>b<br>c<td>d<br>e<br>f</table>":                                           "1\n2\n3 a\nb\nc d\ne\nf",
		"<table><tr><td>12345<br>2<br>3<td>a<br>b<br>c<td>d<br>e<br>f<td>d<br>e<br>f</table>":                        "12345\n2\n3 a\nb\nc d\ne\nf d\ne\nf",
		`<table><tr><td>1<br>2<br>3<td>a<br>b<br>c<td>d<br>e<br>f<td>g<br>h<br>i</table>and so on`:                   "1adg 2beh 3cfi\n1\n2\n3 a",
		"<table><tr><td>1<td>2<td>3<td>4</table>":                                                                    "1 2 3 4",
	} {
		if got, _ := Scan([]byte(in), "text/html").Text(1000); !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", in, got, want)
		}
	}
}
