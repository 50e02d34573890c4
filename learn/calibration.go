// SPDX-License-Identifier: Apache-2.0

package learn

// Constants of the threshold.
const (
	marks     = 35    // Of the scale of scores, from 0 on. The threshold is never above the last: 1.75.
	markWidth = 0.05  // From one mark to the next.
	firstMark = 16    // Where a ham is taken to have scored before the first one came.
	memory    = 0.998 // What a ham still counts after the next one was learned: half of it after 350.
	falseRate = 0.001 // Of the ham that is remembered, how much may have scored above the threshold.
)

// calibration finds the threshold: it remembers how ham scored when it came, before it was learned. So while mail of a kind comes that was not seen before, and is
// mistaken for spam, the threshold is high, and it falls when that is over. It begins as if a ham had scored high already. A site whose ham
// is hard to tell gets a higher threshold, within bounds: ham that no threshold would spare must not cost the spam that a lower one catches.
type calibration struct {
	ham   [marks]float64 // By score; those above the last mark are in the last.
	total float64        // All ham, that below 0 too.
	count uint32
}

func newCalibration() calibration {
	c := calibration{total: 1}
	c.ham[firstMark] = 1
	return c
}

func (c *calibration) note(score float64, spam bool) {
	if spam {
		return
	}
	c.count++
	for i := range c.ham {
		c.ham[i] *= memory
	}
	c.total = c.total*memory + 1
	if score > 0 {
		c.ham[min(int(score/markWidth), marks-1)]++
	}
}

func (c *calibration) threshold() float64 {
	above := 0.0
	for i := marks - 1; i >= 0; i-- {
		if above += c.ham[i]; above > falseRate*c.total {
			return float64(i+1) * markWidth
		}
	}
	return 0
}
