// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// accept takes connections until the socket is closed.
func (s *Server) accept(sock *socket) {
	const shortest, longest = 5 * time.Millisecond, time.Second
	pause := shortest
	for {
		c, err := sock.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// Out of file descriptors, most likely: some will come back.
			s.log.WithError(err).Error("accept")
			select {
			case <-time.After(pause):
			case <-s.ctx.Done():
				return
			}
			pause = min(2*pause, longest)
			continue
		}
		pause = shortest
		s.take(c, sock.current.Load())
	}
}

// take gives a connection to go-smtp, if it is welcome.
func (s *Server) take(c net.Conn, l *listener) {
	if !l.allows(c.RemoteAddr()) {
		s.turnAway(c, l, "client", NewReply(554, "5.7.1", l.hostname+" Error: client not allowed"))
		return
	}
	release, ok := s.limiter.connect(l.Listener, clientKey(c.RemoteAddr()))
	if !ok {
		s.turnAway(c, l, "connections", NewReply(421, "4.7.0", l.hostname+" Error: too many connections"))
		return
	}
	cn := newConn(c, l)
	if !s.track(cn) {
		release()
		_ = c.Close()
		return
	}
	s.metrics.connections.WithLabelValues(l.Name).Inc()
	cn.closed = sync.OnceFunc(func() {
		release()
		s.metrics.connections.WithLabelValues(l.Name).Dec()
		s.forget(cn)
	})
	s.feeds[l.Protocol].give(cn)
}

// track has a connection known to Apply and waited for by Shutdown, unless the server is closed.
func (s *Server) track(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = struct{}{}
	s.open.Add(1)
	return true
}

// forget ends what track began.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.open.Done()
}

// turnAway refuses a connection at the banner.
func (s *Server) turnAway(c net.Conn, l *listener, reason string, r Reply) {
	s.metrics.refused.WithLabelValues(l.Name, reason).Inc()
	l.log.WithFields(logrus.Fields{"client": c.RemoteAddr().String(), "reason": reason}).Warn("connection refused")
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write(r.Append(nil))
	_ = c.Close()
}

// allows tells if a peer may connect. Who may connect to a unix socket is said by the modes of its folder.
func (l *listener) allows(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return true
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	for _, p := range l.AllowClients {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// clientKey is what connections of one client have in common.
func clientKey(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// feed is a net.Listener that gives out connections that were accepted elsewhere.
type feed struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newFeed() *feed { return &feed{conns: make(chan net.Conn), done: make(chan struct{})} }

func (f *feed) give(c net.Conn) {
	select {
	case f.conns <- c:
	case <-f.done:
		_ = c.Close()
	}
}

// Accept waits for the next connection.
func (f *feed) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (f *feed) Close() error {
	f.once.Do(func() { close(f.done) })
	return nil
}

// Addr is of no meaning here.
func (f *feed) Addr() net.Addr { return &net.UnixAddr{Name: "feed", Net: "unix"} }
