// SPDX-License-Identifier: Apache-2.0

package facts

import "slices"

// Sign tells what a fact speaks for.
type Sign int

// The signs.
const (
	Bad     Sign = 1  // For spam or phishing: its points are never below 0.
	Good    Sign = -1 // Against it, and hard to forge: its points are never above 0.
	Neutral Sign = 0  // For neither by itself; of use in combinations and in learning.
)

// About is what there is to know about a fact.
type About struct {
	Name   string
	Sign   Sign
	Most   float64 // Points that it may get at the most, either way, when points are fitted; 0 if it gets none.
	Reason string  // Why it says something, in one sentence.
}

// All lists every fact, in the order of the documents.
func All() []About {
	return slices.Concat(aboutHeader, aboutSender, aboutTransport, aboutStructure, aboutText, aboutWords, aboutLinks, aboutCombined, aboutGood)
}
