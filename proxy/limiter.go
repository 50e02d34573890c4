// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"net/netip"
	"sync"
)

// Limits bound what goes on at the same time. 0 is no limit.
type Limits struct {
	Connections          int   // From all clients.
	ConnectionsPerClient int   // From one address.
	Messages             int   // Transactions that are open.
	Octets               int64 // Of all messages that are held.
}

var errTooMany = errors.New("messages in flight")

// limiter counts what goes on. Its limits may change while it counts.
type limiter struct {
	mu       sync.Mutex
	limits   Limits
	conns    int
	clients  map[netip.Addr]int
	names    map[string]int // Connections by listener.
	messages int
	octets   int64
}

func newLimiter() *limiter { return &limiter{clients: map[netip.Addr]int{}, names: map[string]int{}} }

func (l *limiter) set(limits Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limits = limits
}

// connect asks for a place for a connection to a listener. The caller releases it.
func (l *limiter) connect(to Listener, client netip.Addr) (release func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if over(l.conns+1, l.limits.Connections) || over(l.clients[client]+1, l.limits.ConnectionsPerClient) ||
		over(l.names[to.Name]+1, to.MaxConnections) {
		return nil, false
	}
	l.conns++
	l.clients[client]++
	l.names[to.Name]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.conns--
		l.names[to.Name]--
		if l.clients[client]--; l.clients[client] == 0 {
			delete(l.clients, client)
		}
	}, true
}

func over[N int | int64](n, limit N) bool { return limit > 0 && n > limit }

// admission is the place of one message.
type admission struct {
	l        *limiter
	declared int64 // Octets that MAIL announced.
	octets   int64 // Octets that are reserved.
}

// admit asks for a place for a message of the given size, 0 if that is not known.
func (l *limiter) admit(size int64) (*admission, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if over(l.messages+1, l.limits.Messages) {
		return nil, errTooMany
	}
	if l.limits.Octets > 0 && size > l.limits.Octets-l.octets { // So that no SIZE can overflow it.
		return nil, errTooMuch
	}
	l.messages++
	l.octets += size
	return &admission{l: l, declared: size, octets: size}, nil
}

// grow makes room for a message that is size octets long by now.
func (a *admission) grow(size int64) bool {
	if size <= a.octets {
		return true
	}
	const step = 1 << 20
	more := size - a.octets + step
	a.l.mu.Lock()
	defer a.l.mu.Unlock()
	if over(a.l.octets+more, a.l.limits.Octets) {
		return false
	}
	a.l.octets += more
	a.octets += more
	return true
}

// release gives the place back.
func (a *admission) release() {
	a.l.mu.Lock()
	defer a.l.mu.Unlock()
	a.l.messages--
	a.l.octets -= a.octets
}

// load is what goes on now.
func (l *limiter) load() (messages int, octets int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.messages, l.octets
}
