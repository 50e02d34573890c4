// SPDX-License-Identifier: Apache-2.0

package learn

// Constants of the mix.
const (
	fledged  = 50   // Messages of each class that are learned before the learners are compared: a beginner's mistakes tell little.
	mixRate  = 0.09 // How far a weight goes for one message that was judged quite wrong.
	mixGain  = 2.5  // By how much the mean log-odds are too small: learners that agree are surer together than each of them alone.
	mixLeast = 0.06 // No learner counts less: what it sees may matter tomorrow.
)

// beginners are the learners that count less than the others at first, because they need more mail before they say much.
func beginners() map[int]float64 {
	return map[int]float64{int(Text): 0.4, int(Facts): 0.5, byLetters: 0.3}
}

// mix is what each learner counts. Which side of a message tells most is not the same for every site: where all mail comes over one relay, the way of
// a message says little and its text more. So the weights are learned too, by logistic regression over what the learners said of each message
// before it was learned.
type mix [learners]float64

func newMix() mix {
	var x mix
	for i := range x {
		x[i] = 1
	}
	for i, n := range beginners() {
		x[i] = n
	}
	x.level()
	return x
}

// level makes the weights 1 on average.
func (x *mix) level() {
	sum := 0.0
	for _, n := range x {
		sum += n
	}
	for i := range x {
		x[i] *= float64(learners) / sum
	}
}

// mean is the mean of the opinions, bounded and weighed.
func (x *mix) mean(o *[learners]float64) float64 {
	sum := 0.0
	for i, z := range o {
		sum += x[i] * bounded(z)
	}
	return sum / float64(learners)
}

// learn moves the weights towards those that would have judged the message better.
func (x *mix) learn(o *[learners]float64, spam bool) {
	off := errorOf(mixGain*x.mean(o), spam)
	for i, z := range o {
		x[i] = max(mixLeast, x[i]+mixRate*off*bounded(z))
	}
	x.level()
}
