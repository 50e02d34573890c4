// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/mailweir/mailweir/markup"
)

// insideHidden tells for each page which words are in elements whose style hides them, sorted.
const insideHidden = `(pages => pages.map(p => {
	const d = new DOMParser().parseFromString(p, 'text/html'), words = [];
	for (const w = d.createTreeWalker(d.documentElement, NodeFilter.SHOW_TEXT); w.nextNode();)
		if (w.currentNode.parentElement.closest('[style], dialog')) words.push(...w.currentNode.data.split(/\s+/).filter(s => s));
	return words.sort().join(' ');
}))`

// TestNesting: whatever the order of tags is, with end tags or without, what stands in an element that hides it is what does so for the browser.
func TestNesting(t *testing.T) {
	const pages, least, most, tokens = 20_000, 5000, 20, 12
	r := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	seldom := []string{
		"caption", "thead", "h1", "h2", "dl", "dt", "dd", "center", "nobr", "button", "option", "optgroup", "form", "address", "section", "svg", "g", "foreignObject", "math", "mi",
		"object", "marquee", "ol", "tt", "blockquote", "pre", "o:p", "ruby", "rt", "dialog", "colgroup",
	}
	often := []string{"p", "div", "span", "b", "i", "a", "font", "ul", "li", "table", "tr", "td", "th", "tbody"}
	var texts []string
	for range pages {
		var b strings.Builder
		b.WriteString(one("", "", "<!doctype html>", "<html>", "<html><head>", "<html><head></head><body>", `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">`,
			`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">`))
		names := slices.Clone(often)
		for range 3 {
			names = append(names, one(seldom...))
		}
		for word := range 2 + r.IntN(tokens) {
			name := one(names...)
			switch r.IntN(5) {
			case 0:
				b.WriteString("</" + name + ">")
			case 1, 2:
				b.WriteString("<" + name + one("", "", "", ` style="display:none"`, " color=red") + one("", "", "", "", "", "", "/") + ">")
			default:
				fmt.Fprintf(&b, "t%d ", word)
			}
		}
		texts = append(texts, b.String()+"end")
	}
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	url := b.put("nesting", []byte("<!doctype html><title>x</title>"), "text/html")
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := b.navigate(ctx, url); err != nil {
		t.Fatal(err)
	}
	want, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](insideHidden+"("+string(list)+")\n//# sourceURL=mailweir:nesting"))
	if err != nil {
		t.Fatal(err)
	}
	hiding, unfollowed := 0, 0
	for i, text := range texts {
		p := markup.Scan([]byte(text), "text/html")
		if p.Unfollowed != "" {
			unfollowed++
			continue
		}
		_, hidden := p.Text(1 << 20)
		got := strings.Fields(hidden)
		slices.Sort(got)
		if want[i] != "" {
			hiding++
		}
		if strings.Join(got, " ") != want[i] {
			t.Errorf("%s\n  got %q, want %q", text, strings.Join(got, " "), want[i])
		}
	}
	t.Logf("%d pages, of which %d hide something and %d are not followed", pages, hiding, unfollowed)
	if unfollowed > most {
		t.Errorf("%d pages are not followed, want at most %d", unfollowed, most)
	}
	if hiding < least {
		t.Errorf("only %d pages hide something, want at least %d: the test does not see", hiding, least)
	}
}
