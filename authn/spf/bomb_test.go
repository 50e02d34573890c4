// SPDX-License-Identifier: Apache-2.0

package spf

import (
	"context"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
)

// always gives the same record for every name.
type always struct {
	authntest.Zone
	record string
}

func (a *always) LookupTXT(context.Context, string) ([]string, error) { return []string{a.record}, nil }

// TestBombs: a record may not make names that grow with each step, nor anything else that costs more than it is long.
func TestBombs(t *testing.T) {
	const most = 8 << 20 // Octets that one check may allocate, in all.
	times := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, record := range map[string]string{
		"include of itself, doubled": "v=spf1 include:%{d}" + times(".%{d}", 700) + " -all",
		"redirect, doubled":          "v=spf1 redirect=%{d}" + times(".%{d}", 700),
		"exists, sender":             "v=spf1 exists:%{s}" + times(".%{s}", 700) + ".test -all",
		"a hundred at a time":        "v=spf1 redirect=%{d}" + times(".%{d}", 90),
		"a hundred senders":          "v=spf1 exists:%{s}" + times(".%{s}", 90) + ".test exists:%{h}.test -all",
		"twice as long":              "v=spf1 include:%{d}.%{d} -all",
		"delimiters":                 "v=spf1 exists:%{s" + times(".", 4000) + "}.test -all",
		"64 KiB of delimiters":       "v=spf1 exists:%{s" + times(".", 65000) + "}.test -all",
		"64 KiB of addresses":        "v=spf1 " + times("ip4:192.0.2.0/24 ", 3800) + "-all",
		"64 KiB of macros":           "v=spf1 exists:" + times("%{s}", 16000) + ".test",
		"many terms":                 "v=spf1 " + times("exists:%{s}.%{i}.test ", 300) + "-all",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			check := (&Checker{Resolver: &always{record: record}}).MailFrom(t.Context(), netip.MustParseAddr("198.51.100.1"), times("h.", 50_000)+"test", times("a.", 50_000)+"a@example.test")
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%d octets", n)
			}
			if check.Result == authn.Pass {
				t.Errorf("got %+v", check)
			}
		})
	}
}
