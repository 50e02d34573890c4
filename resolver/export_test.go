// SPDX-License-Identifier: Apache-2.0

package resolver

// Waiting tells how many wait for the answer to a question.
func (r *Resolver) Waiting(name string, qtype uint16) int {
	r.flights.mu.Lock()
	defer r.flights.mu.Unlock()
	if fl := r.flights.open[question{name, qtype}]; fl != nil {
		return fl.waiting
	}
	return 0
}
