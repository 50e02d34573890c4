// SPDX-License-Identifier: Apache-2.0

package dnsbl_test

import (
	"fmt"
	"testing"

	"github.com/mailweir/mailweir/filters/dnsbl"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// BenchmarkInspect is the filter's work with five lists whose answers are known.
func BenchmarkInspect(b *testing.B) {
	var names []string
	zones := map[string]dnsbl.Zone{}
	for i := range 5 {
		names = append(names, fmt.Sprintf("l%d.test", i))
		zones[names[i]] = dnsbl.Zone{Score: 1}
	}
	s := dnstest.Serve(b, dnstest.Zones(b, lists(names...)...))
	f := newFilter(b, &dnsbl.Options{Zones: zones}, dnstest.Resolver(b, nil, s), nil)
	msg := filtertest.Message(b, plainText)
	env := from("192.0.2.1")
	b.ReportAllocs()
	for b.Loop() {
		if found, err := f.Inspect(b.Context(), env, msg); err != nil || len(found) > 0 {
			b.Fatal(found, err)
		}
	}
}
