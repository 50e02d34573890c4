// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"maps"
	"net"
	"slices"
	"sync"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
)

// Server takes mail objects on any number of listeners. Its methods are safe for many goroutines.
type Server struct {
	log     logrus.FieldLogger
	metrics *metrics
	limiter *limiter
	feeds   map[Protocol]*feed
	serving sync.WaitGroup // go-smtp's servers.
	open    sync.WaitGroup // Connections.

	ctx  context.Context //nolint:containedctx // Ends with the server; what connections derive theirs from.
	stop context.CancelFunc

	mu      sync.Mutex
	sockets map[Address]*socket
	conns   map[*conn]struct{}
	closed  bool
}

// NewServer makes a server without listeners; Apply gives it some.
func NewServer(log logrus.FieldLogger, reg prometheus.Registerer) *Server {
	s := &Server{
		log:     log,
		limiter: newLimiter(),
		feeds:   map[Protocol]*feed{},
		sockets: map[Address]*socket{},
		conns:   map[*conn]struct{}{},
	}
	s.metrics = newMetrics(reg, s.limiter)
	s.ctx, s.stop = context.WithCancel(context.Background())
	for _, p := range []Protocol{SMTP, LMTP} {
		f := newFeed()
		s.feeds[p] = f
		s.serving.Go(func() { _ = s.goSMTP(p).Serve(f) })
	}
	return s
}

// goSMTP is the go-smtp server that keeps the order of commands for one protocol. No limit and no timeout of its own is set:
// conn has them.
func (s *Server) goSMTP(p Protocol) *smtp.Server {
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		cn, ok := c.Conn().(*conn)
		if !ok {
			return nil, errors.New("not a connection of ours")
		}
		cn.session = newSession(s.ctx, cn)
		return cn.session, nil
	}))
	srv.LMTP = p == LMTP
	srv.MaxLineLength = 0
	srv.ErrorLog = stdlog.New(logWriter{s.log}, "", 0)
	return srv
}

// logWriter takes what go-smtp logs: panics, mostly.
type logWriter struct{ log logrus.FieldLogger }

func (w logWriter) Write(p []byte) (int, error) {
	w.log.WithField("err", string(p)).Error("smtp server")
	return len(p), nil
}

var _ io.Writer = logWriter{}

// Apply puts o in the place of what the server went by until now. Listeners that stay keep their sockets. If a new one cannot
// be opened nothing changes. Connections of before end with 421 as soon as no transaction is open.
func (s *Server) Apply(o Options) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	next, err := s.openSockets(o)
	if err != nil {
		return err
	}
	for a, sock := range s.sockets {
		if next[a] == nil {
			sock.close()
		}
	}
	s.limiter.set(o.Limits)
	for i := range o.Listeners {
		l := &o.Listeners[i]
		sock := next[l.Address]
		sock.current.Store(newListener(*l, &o, s))
		if s.sockets[l.Address] == nil {
			s.serving.Go(func() { s.accept(sock) })
		}
	}
	s.sockets = next
	for c := range s.conns {
		c.retire()
	}
	return nil
}

// openSockets is the set of sockets for o: those that stay, and new ones.
func (s *Server) openSockets(o Options) (map[Address]*socket, error) {
	next := map[Address]*socket{}
	for _, l := range o.Listeners {
		if next[l.Address] != nil {
			return nil, closeNew(next, s.sockets, fmt.Errorf("listen on %s: named twice", l.Address))
		}
		sock := s.sockets[l.Address]
		if sock == nil {
			nl, err := listen(l.Address)
			if err != nil {
				return nil, closeNew(next, s.sockets, fmt.Errorf("listen on %s: %w", l.Address, err))
			}
			sock = &socket{Listener: nl}
		}
		next[l.Address] = sock
	}
	return next, nil
}

func closeNew(next, old map[Address]*socket, err error) error {
	for a, sock := range next {
		if old[a] == nil {
			sock.close()
		}
	}
	return err
}

// Addr is the address that the listener of that name is bound to; nil if there is none. It tells the port where the config
// leaves it to the kernel.
func (s *Server) Addr(name string) net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sock := range s.sockets {
		if sock.current.Load().Name == name {
			return sock.Addr()
		}
	}
	return nil
}

// Shutdown stops taking connections, ends idle ones with 421, lets the others finish what is in DATA, and waits for them. When
// ctx ends it breaks off what is left, without a reply, so that Postfix keeps it, and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for _, sock := range s.sockets {
		sock.close()
	}
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, c := range conns {
		c.retire()
	}
	err := s.drain(ctx)
	s.stop()
	for _, f := range s.feeds {
		_ = f.Close()
	}
	s.serving.Wait()
	return err
}

// drain waits for the connections to end, and ends them itself once ctx does.
func (s *Server) drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		s.open.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.stop()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Conn.Close()
	}
	s.mu.Unlock()
	<-done
	return ctx.Err()
}
