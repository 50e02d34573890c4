// SPDX-License-Identifier: Apache-2.0

package learn

import "math"

// Constants of the mix.
const (
	fledged    = 50  // Messages of each class that are learned before the learners are compared: a beginner's mistakes tell little.
	mixRate    = 0.1 // How far a weight goes for one message that was judged quite wrong.
	mixGain    = 3.0 // Mean log-odds are that much too small: learners that agree are surer together than each of them alone.
	mixLeast   = 0.1 // No learner counts less: what it sees may matter tomorrow.
	mixDoubt   = 0.3 // How much of their standard deviation is taken off: where the learners do not agree, one of them is wrong.
	mixLetters = 0.3 // What the letters count at first: they need more mail than the others before they say much.
)

// mix is what each learner counts. Which side of a message tells most is not the same for every site: where all mail comes over one relay the way of a message says little, and
// its text more. So the weights are learned too, by logistic regression over the learners' answers, each of which was given before the message was learned.
type mix [learners]float64

func newMix() mix {
	var x mix
	for i := range x {
		x[i] = 1
	}
	x[byLetters] = mixLetters
	return x
}

// mean is that of the opinions, bounded and weighed, less some of what they differ by: a mistaken ham costs more than a spam that comes through.
func (x *mix) mean(o *[learners]float64) float64 {
	sum, squares, weights := 0.0, 0.0, 0.0
	for i, z := range o {
		z = bounded(z)
		sum += x[i] * z
		squares += x[i] * z * z
		weights += x[i]
	}
	mean := sum / weights
	return mean - mixDoubt*math.Sqrt(max(0, squares/weights-mean*mean))
}

// learn moves the weights towards those that would have judged the message better.
func (x *mix) learn(o *[learners]float64, spam bool) {
	off := float64(classOf(spam)) - sigmoid(mixGain*x.mean(o))
	sum := 0.0
	for i, z := range o {
		x[i] = max(mixLeast, x[i]+mixRate*off*bounded(z))
		sum += x[i]
	}
	for i := range x {
		x[i] *= float64(learners) / sum
	}
}
