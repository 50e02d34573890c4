// SPDX-License-Identifier: Apache-2.0

package learn

// Constants of the threshold.
const (
	marks     = 35    // Of the scale of scores, from 0 on. The threshold is never above the last: 1.75.
	markWidth = 0.05  // From one mark to the next.
	firstMark = 16    // Where one ham is taken to have scored before the first one came.
	memory    = 0.998 // What a ham still counts when the next one is learned. After 350 more it counts half.
	falseRate = 0.001 // Of the ham that is remembered, how much may have scored above the threshold.
)

// calibration finds the threshold: it remembers how ham scored when it came, before it was learned. So the threshold is high while mail of a new kind
// comes and is mistaken for spam, and falls when that is over. It begins as if a ham had scored high already. A site whose ham is hard to tell gets
// a higher threshold, within bounds: ham that no threshold would spare must not cost the spam that a lower one catches.
type calibration struct {
	ham   [marks]float64 // By score; what scored above the last mark is in the last.
	total float64        // All ham, that below 0 too.
	count uint32         // Ham that was noted, each in full.
}

func newCalibration() calibration {
	c := calibration{total: 1}
	c.ham[firstMark] = 1
	return c
}

// note remembers how one ham scored.
func (c *calibration) note(score float64) {
	c.count++
	for i := range c.ham {
		c.ham[i] *= memory
	}
	c.total = c.total*memory + 1
	if score > 0 {
		c.ham[min(int(score/markWidth), marks-1)]++
	}
}

// threshold is the lowest mark above which no more ham has scored than falseRate allows.
func (c *calibration) threshold() float64 {
	above := 0.0
	for i := marks - 1; i >= 0; i-- {
		if above += c.ham[i]; above > falseRate*c.total {
			return float64(i+1) * markWidth
		}
	}
	return 0
}
