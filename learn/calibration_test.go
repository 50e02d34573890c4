// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"math"
	"testing"
)

func TestThreshold(t *testing.T) {
	c := newCalibration()
	near := func(what string, want float64) {
		t.Helper()
		if got := c.threshold(); math.Abs(got-want) > 0.001 {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	near("at first", 0.85)
	for range 300 {
		c.note(-1)
	}
	near("after little ham", 0.85)
	for range 1500 {
		c.note(-1)
	}
	near("after much ham that is easy to tell", 0)
	c.note(0.12)
	near("after a ham at 0.12", 0.15)
	c.note(9)
	near("after one far above", marks*markWidth)
	for range 1500 {
		c.note(-1)
	}
	near("when that is long ago", 0)
}
