// SPDX-License-Identifier: Apache-2.0

// Package dnstest has name servers for tests, all on loopback: one in the process that can lie, be slow and be dead, and the real rbldnsd
// and unbound where they are installed.
package dnstest

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
)

// Handler answers one question.
type Handler = func(w dns.ResponseWriter, m *dns.Msg)

// Server is a name server that answers as it is told, by UDP and TCP at the same port.
type Server struct {
	Addr netip.AddrPort

	udp, tcp atomic.Int64
	mu       sync.Mutex
	handler  Handler
	names    []string
}

// Serve starts a server that ends with the test.
func Serve(t testing.TB, handler Handler) *Server {
	t.Helper()
	s := &Server{handler: handler}
	l, p := listen(t)
	s.Addr = netip.MustParseAddrPort(l.Addr().String())
	for _, d := range []*dns.Server{
		{Listener: l, Handler: s.counted(&s.tcp)},
		{PacketConn: p, Handler: s.counted(&s.udp)},
	} {
		started, ended := make(chan struct{}), make(chan struct{})
		d.NotifyStartedFunc = func() { close(started) }
		go func() {
			defer close(ended)
			_ = d.ActivateAndServe()
		}()
		<-started
		t.Cleanup(func() {
			_ = d.Shutdown()
			<-ended
		})
	}
	return s
}

// listen takes a port that is free for both protocols.
func listen(t testing.TB) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		p, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			return l, p
		}
		_ = l.Close()
	}
	t.Fatal("no port is free for TCP and UDP")
	return nil, nil
}

func (s *Server) counted(n *atomic.Int64) dns.Handler {
	return dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) {
		n.Add(1)
		s.mu.Lock()
		if len(m.Question) == 1 {
			q := m.Question[0]
			s.names = append(s.names, strings.ToLower(strings.TrimSuffix(q.Name, "."))+" "+dns.TypeToString[q.Qtype])
		}
		h := s.handler
		s.mu.Unlock()
		h(w, m)
	})
}

// Become gives the server another handler.
func (s *Server) Become(handler Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

// Asked is the number of questions so far.
func (s *Server) Asked() int64 { return s.udp.Load() + s.tcp.Load() }

// AskedTCP is the number of questions over connections.
func (s *Server) AskedTCP() int64 { return s.tcp.Load() }

// Questions are all questions so far, each as "name type", in lower case.
func (s *Server) Questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.names...)
}

// Dead is a server at whose port nobody listens.
func Dead(t testing.TB) *Server {
	t.Helper()
	l, p := listen(t)
	_, _ = l.Close(), p.Close()
	return &Server{Addr: netip.MustParseAddrPort(l.Addr().String())}
}

// Resolver makes a resolver that asks the servers. It is patient; change may make it less so. It ends with the test.
func Resolver(t testing.TB, change func(*resolver.Config), servers ...*Server) *resolver.Resolver {
	t.Helper()
	c := resolver.DefaultConfig()
	c.Timeout, c.LookupTimeout = 5*time.Second, 20*time.Second
	for _, s := range servers {
		c.Servers = append(c.Servers, s.Addr)
	}
	if change != nil {
		change(&c)
	}
	r, err := resolver.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// Impatient is for tests in which a server does not answer.
func Impatient(c *resolver.Config) {
	c.Timeout, c.LookupTimeout = 50*time.Millisecond, 400*time.Millisecond
}

// Clock is a clock that stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock.
func NewClock() *Clock { return &Clock{now: time.Unix(1_700_000_000, 0)} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves the clock.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
