// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"net/netip"
	"sync"
	"time"
)

// When a server is out of use.
const (
	maxFailures = 3                      // Tries one after the other without an answer until a server is out of use.
	firstPause  = 2 * time.Second        // How long it is so at first; twice as long each time that it fails again,
	longPause   = time.Minute            // up to this.
	silence     = 100 * time.Millisecond // Without an answer for that long a server has failed, though those who asked gave up before the try was over.
	plainFor    = 30 * time.Minute       // How long a server that does not know EDNS(0), or does not keep the case of names, is asked without.
)

// upstream is one recursive name server and what is known of its health.
type upstream struct {
	addr netip.AddrPort
	name string // For logs, metrics and errors.

	mu     sync.Mutex
	fails  int           // One after the other.
	pause  time.Duration // The last one.
	until  time.Time     // Out of use until then; the zero time if it is in use.
	last   time.Time     // When it answered last.
	plain  time.Time     // Without EDNS(0) until then.
	lower  time.Time     // With names in lower case until then.
	trying bool          // Its pause is over and somebody finds out if it answers.
}

func newUpstreams(addrs []netip.AddrPort) []*upstream {
	var all []*upstream
	for _, a := range addrs {
		all = append(all, &upstream{addr: a, name: a.String()})
	}
	return all
}

// usable tells if the server is to be asked. When its pause is over, one look-up asks it and the others do not until that one is done.
func (u *upstream) usable(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.until.IsZero() {
		return true
	}
	if u.trying || now.Before(u.until) {
		return false
	}
	u.trying = true
	return true
}

// answered notes that the server is well. back tells that it was out of use before.
func (u *upstream) answered(now time.Time) (back bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	back = !u.until.IsZero()
	u.last = now
	u.fails, u.pause, u.until, u.trying = 0, 0, time.Time{}, false
	return back
}

// failed notes a try without an answer. down tells that the server went out of use by it. If it has answered others since the try began, it is
// well, and what was asked about is to blame: whoever sends mail in the name of domains whose servers are dead is not to make ours look so.
func (u *upstream) failed(now, began time.Time) (down bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.trying = false
	if u.last.After(began) {
		return false
	}
	if u.fails++; u.fails < maxFailures {
		return false
	}
	down = u.until.IsZero()
	if down || !now.Before(u.until) {
		u.pause = min(max(2*u.pause, firstPause), longPause)
		u.until = now.Add(u.pause)
	}
	return down
}

// spared notes that the server was not asked, or that it is not its fault that there is no answer.
func (u *upstream) spared() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.trying = false
}

// edns tells if the server is asked with EDNS(0).
func (u *upstream) edns(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !now.Before(u.plain)
}

// mixesCase tells if the server is asked with the case of the name at random.
func (u *upstream) mixesCase(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !now.Before(u.lower)
}

// withoutCase notes that the server does not keep the case of a name.
func (u *upstream) withoutCase(now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.lower = now.Add(plainFor)
}

// withoutEDNS notes that the server does not know EDNS(0).
func (u *upstream) withoutEDNS(now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.plain = now.Add(plainFor)
}

// choose gives the servers to be asked, in order. When all are out of use, each is asked once all the same: a wrong guess about their health is not to
// keep us from an answer.
func choose(all []*upstream, now time.Time) (servers []*upstream, rounds int) {
	for _, u := range all {
		if u.usable(now) {
			servers = append(servers, u)
		}
	}
	if len(servers) == 0 {
		return all, 1
	}
	return servers, maxRounds
}
