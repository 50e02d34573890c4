// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// piped is a name server without a network, for tests inside of a bubble: there the clock is the test's, and goes on only when everybody waits.
type piped struct {
	answer func(m *dns.Msg) *dns.Msg // Nil for no answer.
	asked  atomic.Int64
}

func silent(*dns.Msg) *dns.Msg { return nil }

// pipe makes a resolver that asks servers of this kind.
func pipe(t *testing.T, change func(*resolver.Config), servers ...*piped) *resolver.Resolver {
	t.Helper()
	byAddr := map[string]*piped{}
	r := dnstest.Resolver(t, func(c *resolver.Config) {
		for i, s := range servers {
			a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), 53)
			c.Servers = append(c.Servers, a)
			byAddr[a.String()] = s
		}
		if change != nil {
			change(c)
		}
	})
	r.ConnectBy(func(_ context.Context, network, address string) (net.Conn, error) {
		if network != "udp" {
			return nil, errors.ErrUnsupported
		}
		ours, theirs := net.Pipe()
		go byAddr[address].serve(theirs)
		return ours, nil
	})
	return r
}

func (s *piped) serve(c net.Conn) {
	defer c.Close()
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		s.asked.Add(1)
		m := new(dns.Msg)
		if m.Unpack(buf[:n]) != nil {
			return
		}
		reply := s.answer(m)
		if reply == nil {
			continue
		}
		out, err := reply.Pack()
		if err != nil {
			return
		}
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}
