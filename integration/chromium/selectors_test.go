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

// styled is a page with one rule that hides, and what is said to be hidden by it.
type styled struct {
	Page     string
	Selector string
	Hidden   string // Words.
}

// hiddenBy tells for each page which words are in elements that the browser finds by the selector. Pages of which nothing would be left say "all".
const hiddenBy = `(cases => cases.map(c => {
	const d = new DOMParser().parseFromString(c.Page, 'text/html'), found = new Set(d.querySelectorAll(c.Selector)), words = [];
	if ([d.body, d.head, d.documentElement].some(e => found.has(e))) return 'all';
	for (const w = d.createTreeWalker(d.body, NodeFilter.SHOW_TEXT); w.nextNode();)
		for (let e = w.currentNode.parentElement; e; e = e.parentElement)
			if (found.has(e)) { words.push(...w.currentNode.data.split(/\s+/).filter(s => s)); break; }
	return words.join(' ');
}))`

// TestSelectors: what a style sheet hides in a page is what the browser finds by its selectors.
func TestSelectors(t *testing.T) {
	const pages, least = 5000, 300
	g := generator{rand.New(rand.NewPCG(1, 2)), 0}
	var cases []styled
	for range pages {
		c := styled{Selector: g.selector()}
		c.Page = "<style>" + c.Selector + "{visibility:hidden}</style>" + g.content(3)
		if g.IntN(3) > 0 {
			c.Page = strings.Replace("<!doctype html><html><head>"+c.Page+"</body></html>", "</style>", "</style></head><body>", 1)
		}
		p := markup.Scan([]byte(c.Page), "text/html")
		if p.Unfollowed != "" {
			t.Errorf("%s: %s", c.Page, p.Unfollowed)
		}
		_, c.Hidden = p.Text(1 << 20)
		c.Hidden = strings.Join(strings.Fields(c.Hidden), " ")
		cases = append(cases, c)
	}
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	url := b.put("selectors", []byte("<!doctype html><title>x</title>"), "text/html")
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := b.navigate(ctx, url); err != nil {
		t.Fatal(err)
	}
	want, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](hiddenBy+"("+string(text)+")\n//# sourceURL=mailweir:selectors"))
	if err != nil {
		t.Fatal(err)
	}
	hiding := 0
	for i, c := range cases {
		if want[i] == "all" {
			continue
		}
		if want[i] != "" {
			hiding++
		}
		if c.Hidden != want[i] {
			t.Errorf("%s\n  got %q, want %q", c.Page, c.Hidden, want[i])
		}
	}
	t.Logf("%d pages, of which %d hide something", len(cases), hiding)
	if hiding < least {
		t.Errorf("only %d pages hide something, want at least %d: the test does not see", hiding, least)
	}
}

// generator makes pages and selectors that have something to do with one another.
type generator struct {
	*rand.Rand
	words int
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

// content is some elements, each with a word of its own.
func (g *generator) content(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		if g.IntN(6) == 0 {
			b.WriteString(g.one("<img>", "<br>", "<hr class=z>", "<input type=checkbox checked>", "<img class=y>", "<!-- -->"))
			continue
		}
		tag := g.one("div", "i", "b", "section")
		b.WriteString("<" + tag + g.one("", "", ` class=z`, ` class="z y"`, ` class="a:b"`, " class='y \n z'") + g.one("", "", "", " id=x", " id=w"))
		b.WriteString(g.one("", "", "", ` w="a b"`, ` w=a`, ` w="ab c"`, ` v="q-r"`, ` v=q`, ` v`, ` w=""`))
		g.words++
		fmt.Fprintf(&b, ">t%d ", g.words)
		if depth > 0 && g.IntN(2) == 0 {
			b.WriteString(g.content(depth - 1))
		}
		b.WriteString("</" + tag + ">")
	}
	return b.String()
}

// compound is a selector of one element.
func (g *generator) compound(depth int) string {
	s := g.one("", "div", "i", "b", "*", "section", "img")
	least := 0
	if s == "" {
		least = 1
	}
	for range max(least, g.IntN(3)) {
		s += g.one(".z", ".y", "#x", "#w", "[w]", "[v]", "[w=a]", `[w="a b"]`, "[w~=b]", "[v|=q]", "[w^=a]", "[w$=b]", "[w*='b']", "[w^='']", "[W=a i]", ":first-child",
			":nth-child(odd)", ":nth-child(2)", ":nth-child(2n)", ":nth-child(-n+2)", ":nth-child( n + 2 )", ":nth-child(3n-1)", ":checked", ":hover", ":root", `.a\:b`)
	}
	if depth > 0 && g.IntN(4) == 0 {
		list := []string{g.compound(depth - 1)}
		for range g.IntN(2) {
			list = append(list, g.compound(depth-1))
		}
		s += g.one(":not(", ":is(", ":where(", ":not( ") + strings.Join(slices.Compact(list), g.one(",", " , ")) + ")"
	}
	return s
}

// selector is a list of one or two.
func (g *generator) selector() string {
	s := g.compound(2)
	for range g.IntN(3) {
		s += g.one(" ", ">", " > ", "+", " + ", "~", " ~ ") + g.compound(1)
	}
	if g.IntN(4) == 0 {
		s += ", " + g.selector()
	}
	return s
}
