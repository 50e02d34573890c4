// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"math"
	"testing"

	"github.com/mailweir/mailweir/filters"
)

func TestPoints(t *testing.T) {
	found := []filters.Finding{
		{Code: "a.one", Score: 1}, {Code: "e.other", Score: 9, For: []int{1, 2}}, {Code: "f.first", Score: 0.25, For: []int{0, 2}}, {Code: "b.two", Score: -2.5}, {Code: "a.one", Score: 0.5}, {Code: "c.none"}, {Code: "d.odd", Score: math.NaN()},
	}
	if got, want := points(found), "b.two=-2.5,a.one=1.5,f.first=0.25"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var many []filters.Finding
	for i := range 50 {
		many = append(many, filters.Finding{Code: "x." + string(rune('a'+i%26)) + string(rune('a'+i/26)), Score: 1})
	}
	if got := points(many); got[len(got)-4:] != ",..." {
		t.Errorf("got %s", got)
	}
}
