// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"math"
	"testing"
)

// Who is right counts more from then on; nobody counts nothing, and the weights are 1 on average.
func TestMixLearns(t *testing.T) {
	x := newMix()
	var o [learners]float64
	o[Text], o[Trace] = -2, 2 // The text says ham, the way says spam.
	for range 200 {
		x.learn(&o, true)
	}
	sum := 0.0
	for _, n := range x {
		if sum += n; n <= 0 {
			t.Errorf("a weight is %v", n)
		}
	}
	if x[Trace] <= 1 || x[Text] >= 1 || math.Abs(sum-float64(learners)) > 1e-9 {
		t.Errorf("got %v, sum %v", x, sum)
	}
}
