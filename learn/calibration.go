// SPDX-License-Identifier: Apache-2.0

package learn

// Constants of the threshold.
const (
	marks       = 10     // Of the scale of scores, from 0 on.
	markWidth   = 0.05   // From one mark to the next.
	memory      = 0.9995 // What a ham still counts after the next one was learned: half of it after 1,400.
	falseRate   = 0.001  // Of the ham that is learned, how much may have scored above the threshold.
	firstNumber = 500    // Ham that has to be learned before the threshold goes by it.
	unsure      = 0.8    // The threshold until then: what has seen little is often wrong, and sure of it.
	highest     = 0.3    // The threshold is never above, once it goes by what was learned.
)

// calibration finds the threshold: it remembers how ham scored when it came, before it was learned. What a model says
// of the first messages is not remembered. A site whose ham is hard to tell gets a higher threshold, within bounds: ham that no threshold would spare must not
// cost the spam that a lower one catches.
type calibration struct {
	ham   [marks]float64 // By score; those above the last mark are in the last.
	total float64        // All ham, that below 0 too.
	count uint32
}

func (c *calibration) note(score float64, spam bool) {
	if spam {
		return
	}
	if c.count++; c.count <= firstNumber {
		return
	}
	for i := range c.ham {
		c.ham[i] *= memory
	}
	c.total = c.total*memory + 1
	if score > 0 {
		c.ham[min(int(score/markWidth), marks-1)]++
	}
}

func (c *calibration) threshold() float64 {
	if c.count < firstNumber {
		return unsure
	}
	above := 0.0
	for i := marks - 1; i >= 0; i-- {
		if above += c.ham[i]; above > falseRate*c.total {
			return min(highest, float64(i+1)*markWidth)
		}
	}
	return 0
}
