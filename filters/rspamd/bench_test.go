// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/fake"
)

// BenchmarkInspect is the filter's own cost, and that of the server in the same process, which takes everything.
func BenchmarkInspect(b *testing.B) {
	for _, size := range []int{2_000, 100_000, 2_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			server := fake.ListenUnix(b, saying(scored("7.5", "add header", `,"symbols":{"GTUBE":{"score":0},"BAYES_SPAM":{"score":5.1}}`)))
			f := newFilter(b, []string{server.Addr()}, filters.Deps{}, nil)
			msg := filtertest.Message(b, hello+strings.Repeat("all work and no play\r\n", size/22))
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if found, err := f.Inspect(b.Context(), filtertest.Envelope(), msg); err != nil || found[0].Code != codeScore {
					b.Fatal(found, err)
				}
			}
		})
	}
}

// BenchmarkOff is what a message costs when the only server is switched off.
func BenchmarkOff(b *testing.B) {
	f := newFilter(b, []string{fake.Dead(b)}, filters.Deps{}, func(o *Options) { o.Failures, o.OffFor, o.OffAtMost = 1, 1<<40, 1<<40 })
	msg := filtertest.Message(b, hello)
	b.ReportAllocs()
	for b.Loop() {
		if found, err := f.Inspect(b.Context(), filtertest.Envelope(), msg); err != nil || found[0].Code != codeNoAnswer {
			b.Fatal(found, err)
		}
	}
}
