// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// BenchmarkInspect is the filter's work with three lists whose answers are known.
func BenchmarkInspect(b *testing.B) {
	links := func(n, sites int) string {
		var s strings.Builder
		s.WriteString(page)
		for i := range n {
			fmt.Fprintf(&s, `<p><a href="https://c.shop%d.com/%d">some words</a> and more of them`+"\r\n", i%sites, i)
		}
		return s.String()
	}
	for _, bb := range []struct{ name, text string }{
		{"plain", text + strings.Repeat("Some words of text, and https://www.python.org/a/b.\r\n", 20)},
		{"newsletter", links(100, 10)},
		{"10000 links to as many sites", links(10_000, 10_000)},
		{"1 MiB of text", text + strings.Repeat("Some words of text, no link and a@b.org in them.\r\n", 1<<20/50)},
		{"1 MiB of signs", text + strings.Repeat("a@", 1<<19)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := dnstest.Serve(b, dnstest.Nothing(b, dns.RcodeNameError, ". 3600 IN SOA ns.test. root.test. 1 2 3 4 3600"))
			f := newFilter(b, nil, dnstest.Resolver(b, nil, s), map[string]uribl.Zone{
				"d.test": {Score: 1, Ask: []string{"domains", "addresses"}}, "h.test": {Score: 1, Ask: []string{"hosts"}}, "m.test": {Score: 1, Ask: []string{"emails"}},
			})
			msg := filtertest.Message(b, bb.text)
			if _, err := f.Inspect(b.Context(), filtertest.Envelope(), msg); err != nil {
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
