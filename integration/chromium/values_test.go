// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/mailweir/mailweir/markup"
)

// unreadable tells for each element b whether text on a white page cannot be seen in it, by the bounds that mailweir has for letters and places.
const unreadable = `[...document.querySelectorAll('b')].map(b => {
	const c = getComputedStyle(b), colour = c.color.match(/[\d.]+/g).map(Number);
	return c.display === 'none' || c.visibility !== 'visible' || parseFloat(c.fontSize) < 3 || parseFloat(c.opacity) < .1 || parseFloat(c.textIndent) <= -500 ||
		parseFloat(c.marginLeft) <= -500 || parseFloat(c.marginTop) <= -500 || colour.length > 3 && colour[3] < .1 || colour.slice(0, 3).every(n => n > 230);
})
//# sourceURL=mailweir:values`

// TestValues: a declaration that the browser does not understand leaves what stood before it, and only that.
func TestValues(t *testing.T) {
	const styles, least = 10_000, 3000
	r := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	values := map[string][]string{
		"display":     {"none", "block", "inline", "blockx", "none x", "block flow", "table-cell", "NONE", "inherit", "initial", "inline block", "-x-box", "list-item", "", "flex", "inline-flex flow", "\"none\""},
		"visibility":  {"hidden", "visible", "inherit", "collapse", "hiddenx", "visible visible", "initial", "0", "Hidden", "unset"},
		"font-size":   {"0", "0px", "16px", "1e-3px", "medium", "small x", "12xx", "-1px", "50%", "1em", "large", "0 px", "12 px", ".5pt", "1rem", "inherit", "1E1px", "+9px", "0.0em"},
		"font":        {"16px", "16px a", "0 a", "bold 16px/1 a, b", "16px/2", "a 16px", "0/0 a", "italic small-caps 700 12px a", "inherit"},
		"color":       {"#fff", "#000", "white", "black", "#fffx", "black x", "#12", "rgb(255,255,255)", "rgb(0 0 0 / 0)", "rgba(0,0,0,.05)", "rgb(300,300,300)", "hsl(0,0%,100%)", "initial", "inherit", "transparent", "whit", "#FFFFFF00", "#fff8", "rgb(0,0,0", "currentcolor"},
		"opacity":     {"0", "1", ".05", "5%", "0x", "0 0", "1e-2", "inherit", "-1", "x", "+.5", "none"},
		"text-indent": {"-999px", "0", "-99em", "9px", "-999 px", "-1e3px", "x", "inherit", "-999px x", "-9in", "-99in"},
		"margin-left": {"-999px", "0", "-99em", "auto", "-999px 0", "x", "-99cm", "-999q"},
		"margin":      {"0", "0 0 0 -999px", "0 0 0 0 0", "0 0 0 x", "auto", "-999px", "0 -999px", "inherit"},
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []string
	page := strings.Builder{}
	page.WriteString("<!doctype html><title>x</title>")
	for range styles {
		var b strings.Builder
		some := []string{one(names...), one(names...)}
		for range 1 + r.IntN(4) {
			name := one(some...)
			b.WriteString(one("", "", "", " ", "\n") + one(name, name, name, strings.ToUpper(name)) + one(":", ":", " : ", ":\t") + one(values[name]...))
			b.WriteString(one("", "", "", "", " !important", "!important", " ! important", " !IMPORTANT", " !importantx", " important", " !") + one(";", ";", ";", " ;", ";;"))
		}
		all = append(all, b.String())
		fmt.Fprintf(&page, "<p><b style='%s'>word</b></p>", b.String())
	}
	b := newBrowser(t)
	url := b.put("values", []byte(page.String()), "text/html")
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := b.navigate(ctx, url); err != nil {
		t.Fatal(err)
	}
	want, err := chromedp.Run(ctx, chromedp.Evaluate[[]bool](unreadable))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != styles {
		t.Fatalf("%d elements, want %d", len(want), styles)
	}
	hiding := 0
	for i, style := range all {
		text := fmt.Sprintf("<!doctype html><p><b style='%s'>word</b></p>", style)
		visible, _ := markup.Scan([]byte(text), "text/html").Text(100)
		if want[i] {
			hiding++
		}
		if got := visible == ""; got != want[i] {
			t.Errorf("%q: hidden %t, want %t", style, got, want[i])
		}
	}
	t.Logf("%d styles, of which %d hide", styles, hiding)
	if hiding < least {
		t.Errorf("only %d styles hide, want at least %d: the test does not see", hiding, least)
	}
}
