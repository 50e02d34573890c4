// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// maxCompared is how many pages of each folder are compared.
const maxCompared = 25

// usual are the kinds that are disarmed by default.
func usual() []markup.Kind {
	return slices.DeleteFunc(markup.Kinds(), func(k markup.Kind) bool { return k == markup.Remote || k == markup.WebBug })
}

// sameness counts pages by how they look when disarmed.
type sameness struct{ pages, toTheDot, outside, differ int }

// TestHamLooksTheSame compares ordinary mail before and after, with programs off and a picture from every address. Each element has its place, its
// style and its words as before, and each dot its colour, but for those inside a frame or an object that was disarmed.
func TestHamLooksTheSame(t *testing.T) {
	root := corpora.Dir(t)
	t.Parallel()
	b := newBrowser(t)
	for _, dir := range []string{"ham_modern", "spamham/spamassassin/hard-ham-1", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2"} {
		var n sameness
		eachPart(t, filepath.Join(root, dir), func(name string, p *mail.Part, src *mail.Source) {
			if p.MediaType == "text/html" && n.pages < maxCompared {
				b.compare(t, &n, name, src.Text)
			}
		})
		t.Logf("%s: %d pages were changed; %d look the same to the last dot, %d outside of what was disarmed, %d do not", dir, n.pages, n.toTheDot, n.outside, n.differ)
		if n.pages == 0 && strings.Contains(dir, "ham-1") {
			t.Errorf("%s: nothing to compare", dir)
		}
	}
}

// TestPlaceIsKept: what is disarmed leaves its place on the page as it was.
func TestPlaceIsKept(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	var n sameness
	for i, v := range places() {
		b.compare(t, &n, fmt.Sprintf("p%d", i), []byte("<!DOCTYPE html><p>above</p>"+v+"<p>below <b>it</b></p>"))
		b.compare(t, &n, fmt.Sprintf("q%d", i), []byte("<p>above</p><table border><tr><td>"+v+"<td>beside</table>below")) // In the mode of old browsers.
	}
	t.Logf("%d pages: %d look the same to the last dot, %d outside of what was disarmed, %d do not", n.pages, n.toTheDot, n.outside, n.differ)
	if n.pages != 2*len(places()) {
		t.Errorf("only %d of %d pages were changed", n.pages, 2*len(places()))
	}
}

func places() []string {
	return []string{
		`<iframe src="http://x.test/"></iframe>`,
		`<iframe src="http://x.test/" width=200 height=90 frameborder=0></iframe>`,
		`<iframe srcdoc="<b>x</b>" style="width:50%;border:5px dotted red">other <b>words</b></iframe>`,
		`<object data="http://x.test/a.swf" type="application/x-shockwave-flash" width=300 height=50>Flash <b>is</b> missing<embed src=http://x.test/a.swf width=20 height=20></object>`,
		`<object classid="clsid:D27CDB6E-AE6D-11cf-96B8-444553540000" codebase="http://x.test/a.cab" width=100 height=100><param name=movie value=a.swf><p>words</p></object>`,
		`<embed src="http://x.test/a.swf" width=120 height=60>`,
		`<embed src="http://x.test/a.swf" type="application/x-shockwave-flash">`,
		`<embed type="application/x-mplayer2" width=120 height=60>`,
		`<applet code=a.class width=100 height=40>no <i>Java</i></applet>`,
		`<form action="http://x.test/" method=post>Name <input name=a value=b> <input type=password name=p value=q size=5><textarea rows=3>text</textarea><select><option>one<option>two</select><input type=checkbox checked><input type=submit><input type=reset value=Undo><button>press</button></form>`,
		`<table><form action=http://x.test/><tr><td><input type=image src=http://x.test/a.png><input type=file></form></table>`,
		`<script>document.write("x")</script><b onclick="alert(1)" style="width:expression(alert(1));color:red">words</b>`,
		`<style>:first-child+*{color:red} p:nth-child(3){color:green} b{behavior:url(a.htc);-moz-binding:url(b)}</style><script>1</script><p>x`,
		`<a href="javascript:alert(1)">a link</a> <a href="http://x.test/">another</a> <a name=c>none</a>`,
		`<svg width=90 height=90><a xlink:href="javascript:alert(1)"><rect width=50 height=50 fill=green /></a><script>1</script><animate attributeName=href to=x /></svg>`,
		`<meta http-equiv=refresh content="60;url=http://x.test/"><base href="http://y.test/" target=_blank><a href="c">d</a>`,
	}
}

// compare adds a page to those counted if disarming changes it; it is an error if it looks different elsewhere than in what was disarmed.
func (b *browser) compare(t *testing.T, n *sameness, name string, body []byte) {
	t.Helper()
	page := markup.Scan(body, "text/html")
	after := page.Disarm(usual()...)
	if page.Unreadable != "" || bytes.Equal(after, body) {
		return
	}
	n.pages++
	l1, l2 := b.look(t, name, body), b.look(t, name+"-after", after)
	faults := differences(l1, l2)
	switch {
	case len(faults) > 0:
		n.differ++
		t.Errorf("%s: %v: %s", name, kindsOf(page), strings.Join(faults[:min(len(faults), 5)], "\n\t"))
	case dots(l1.dots, l2.dots, nil) > 0:
		n.outside++
		t.Logf("%s: %v: %d dots differ in what was disarmed", name, kindsOf(page), dots(l1.dots, l2.dots, nil))
	default:
		n.toTheDot++
	}
}

// differences tells what looks different but for the inside of frames and objects that were disarmed.
func differences(before, after look) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if before.words != after.words {
		add("the words are %.300q, were %.300q", after.words, before.words)
	}
	if len(before.elements) != len(after.elements) {
		add("%d elements, were %d", len(after.elements), len(before.elements))
		return faults
	}
	for i, e := range before.elements {
		f := after.elements[i]
		switch {
		case e.kind() != f.kind():
			add("element %d is %s, was %s", i, f.Tag, e.Tag)
		case e.Box != f.Box:
			add("%s %.80q is at %v, was at %v", e.Tag, e.Attrs, f.Box, e.Box)
		case e.Text != f.Text:
			add("%s %.80q says %.80q, said %.80q", e.Tag, e.Attrs, f.Text, e.Text)
		case e.Style != f.Style && e.Tag == f.Tag:
			add("%s %.80q has another style", e.Tag, e.Attrs)
		}
	}
	if n := dots(before.dots, after.dots, frames(before.elements, after.elements)); n > 0 {
		add("%d dots differ outside of frames and objects", n)
	}
	return faults
}

func kindsOf(p *markup.Page) []markup.Kind {
	var all []markup.Kind
	for _, d := range p.Dangers {
		if !slices.Contains(all, d.Kind) {
			all = append(all, d.Kind)
		}
	}
	return all
}
