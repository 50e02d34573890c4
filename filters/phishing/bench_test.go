// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/markup"
)

// newsletter is HTML with n links, as a sender who counts clicks writes them.
func newsletter(n int) string {
	var b strings.Builder
	b.WriteString("From: Shop <news@shop.example>\r\nTo: to@example.net\r\nList-Unsubscribe: <https://click.shop.example/u>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>\r\n")
	for i := range n {
		fmt.Fprintf(&b, `<p><a href="https://c.shop.example/%d">www.a%d.com</a>`+"\r\n", i, i%1000)
	}
	b.WriteString("</body></html>\r\n")
	return b.String()
}

// BenchmarkInspect is the filter's own work: the message is unpacked and its HTML read before.
func BenchmarkInspect(b *testing.B) {
	f := newFilter(b, nil)
	for _, bb := range []struct{ name, text string }{
		{"plain", lines("From: a@example.net", "", strings.Repeat("Some words of text, and https://www.python.org/a/b.\r\n", 20))},
		{"newsletter", newsletter(100)},
		{"50000 links", newsletter(20_000) + strings.Repeat(link("https://d.shop.example/", "x"), 30_000)},
		{"50000 bad links", strings.ReplaceAll(newsletter(50_000), "List-Unsubscribe", "X") + "<p>"},
	} {
		text := bb.text
		if bb.name == "50000 bad links" {
			text = strings.ReplaceAll(text, "c.shop.example", "evil.com")
		}
		b.Run(bb.name, func(b *testing.B) {
			msg := filtertest.Message(b, text)
			if _, err := markup.Documents(b.Context(), f.unpacker, msg); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(msg.Size())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Inspect(b.Context(), filtertest.Envelope(), msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWhole is all from parsing on, for a newsletter of 1 MB with 50,000 links.
func BenchmarkWhole(b *testing.B) {
	f := newFilter(b, nil)
	text := newsletter(10_000) + strings.Repeat(link("https://d.a.co/", "x"), 40_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		msg := filtertest.Message(b, text)
		if _, err := f.Inspect(b.Context(), filtertest.Envelope(), msg); err != nil {
			b.Fatal(err)
		}
		if err := msg.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
