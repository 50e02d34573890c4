// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"context"
	"net"
)

// ConnectBy has servers reached in another way than over the network.
func (r *Resolver) ConnectBy(connect func(ctx context.Context, network, address string) (net.Conn, error)) {
	r.connect = connect
}

// Waiting tells how many wait for the answer to a question.
func (r *Resolver) Waiting(name string, qtype uint16) int {
	r.flights.mu.Lock()
	defer r.flights.mu.Unlock()
	if fl := r.flights.open[question{name, qtype}]; fl != nil {
		return fl.waiting
	}
	return 0
}

// InUse tells if a server is not left out.
func (r *Resolver) InUse(server int) bool {
	u := r.servers[server]
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.until.IsZero()
}

// Land waits for the look-ups under way, those that nobody waits for any more among them.
func (r *Resolver) Land() { r.flights.wg.Wait() }
