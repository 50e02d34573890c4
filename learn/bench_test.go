// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"fmt"
	"strings"
	"testing"
)

// long is a message of the size that mail has.
func long(n int) string {
	var b strings.Builder
	b.WriteString("Received: from a.example.org (a.example.org [192.0.2.1]) by b.example.net with ESMTP id 1; Mon, 5 Jan 2026 10:00:00 +0100\n" + hamText)
	for i := range 300 {
		fmt.Fprintf(&b, "word%d and another%d, with %d more of them\n", i*n, i+n, i)
	}
	return b.String()
}

func BenchmarkFeatures(b *testing.B) {
	msg := parse(b, long(3))
	x := NewExtractor()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Features(nil, msg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLearn(b *testing.B) {
	m, err := New(DefaultBits)
	if err != nil {
		b.Fatal(err)
	}
	var all []*Features
	for i := range 64 {
		all = append(all, features(b, long(i)))
	}
	n := 0
	for b.Loop() {
		m.Learn(all[n%64], n%2 == 0)
		n++
	}
}

func BenchmarkScore(b *testing.B) {
	m, err := New(DefaultBits)
	if err != nil {
		b.Fatal(err)
	}
	f := features(b, long(1))
	m.Learn(f, true)
	m.Learn(features(b, long(2)), false)
	for b.Loop() {
		m.Score(f, 0)
	}
}
