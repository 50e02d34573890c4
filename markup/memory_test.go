// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"runtime"
	"strings"
	"testing"
)

// large are texts of 10 MB of which much could be kept.
func large() map[string]string {
	r := func(s string) string { return strings.Repeat(s, 10<<20/len(s)) }
	return map[string]string{
		"less-than":      r("<"),
		"comments":       r("<!-- x -->"),
		"comment starts": r("<!--"),
		"nested":         r("<b>"),
		"nested blocks":  r("<div>x"),
		"one style":      "<style>" + r("a{b:url(//c)}") + "</style>",
		"styles":         r("<style>a{b:c}</style>"),
		"style value":    "<p style='" + r("a:b(c);") + "'>",
		"attributes":     "<p " + r("a ") + ">",
		"handlers":       r("<p onclick=a>"),
		"tags of many":   r("<p " + strings.Repeat("a ", 900) + ">"),
		"links":          r("<a href=//x>y</a>"),
		"images":         r("<img src=//x>"),
		"references":     r("&amp;"),
		"scripts":        r("<script></script>"),
		"one script":     "<script>" + r("QUJD") + "</script>",
		"cells":          "<table>" + r("<tr><td>"),
		"words":          r("words and more "),
	}
}

// TestMemory: what is taken for a text of 10 MB stays below five times that, all that was thrown away on the way counted.
func TestMemory(t *testing.T) {
	for name, s := range large() {
		t.Run(name, func(t *testing.T) {
			text := []byte(s)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p := Scan(text, "text/html")
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 50<<20 {
				t.Errorf("%d MiB for %d", got>>20, len(text)>>20)
			}
			t.Logf("%d MiB, %q", (after.TotalAlloc-before.TotalAlloc)>>20, p.Unreadable)
		})
	}
}

// BenchmarkLarge reads each of them.
func BenchmarkLarge(b *testing.B) {
	for name, s := range large() {
		b.Run(name, func(b *testing.B) {
			text := []byte(s)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(text, "text/html")
			}
		})
	}
}
