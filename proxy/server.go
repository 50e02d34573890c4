// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
)

// Protocol is what a listener or a next hop speaks.
type Protocol string

// The protocols.
const (
	SMTP Protocol = "smtp"
	LMTP Protocol = "lmtp"
)

// Mode is where a listener stands: behind Postfix's queue or before it.
type Mode string

// The modes.
const (
	AfterQueue  Mode = "after-queue"
	BeforeQueue Mode = "before-queue"
)

// Listener says where mail objects are taken, and where they go.
type Listener struct {
	Name            string
	Address         Address
	Protocol        Protocol
	Mode            Mode
	NextHop         Address
	NextHopProtocol Protocol
	AllowClients    []netip.Prefix // Peers that may connect over TCP.
	PassBareLF      bool           // Take messages that a next hop of loose habits could read as two.
	MaxConnections  int            // At the same time; 0 for no limit but the server's.
}

// Timeouts of both sides.
type Timeouts struct {
	Idle    time.Duration // For the next command, and for the next octets of a body.
	Data    time.Duration // For a whole body.
	NextHop time.Duration // For each reply of the next hop.
}

// Transaction is one mail object for a Handler to decide about.
type Transaction struct {
	Envelope *mail.Envelope
	Content  *mail.Spool // Gone when the handler has returned; see Pending.
	Listener Listener

	// Hop is the connection that MAIL and RCPT were relayed on. Its transaction is open and has all of Envelope.RcptTo. A handler that
	// breaks it sets it to nil.
	Hop *Hop

	// Pending, if the handler sets it, is closed when nobody reads Content any more; until then Content stays.
	Pending <-chan struct{}

	// Dial opens another connection to the same next hop. Who opens it closes it.
	Dial func(ctx context.Context) (*Hop, error)
}

// Handler decides what becomes of a mail object, and does it. It returns one reply for each forward-path of the envelope, in
// order; to a client that speaks SMTP only the first is sent. A positive reply says that the mail object is in
// safe hands. It is called by many goroutines at once. ctx ends when the server is stopped for good.
type Handler func(ctx context.Context, tx *Transaction) []Reply

// Options is all that a Server goes by.
type Options struct {
	Hostname    string
	Listeners   []Listener
	MessageSize int64 // Octets; 0 for no limit but the next hop's.
	Limits      Limits
	Timeouts    Timeouts
	Spooler     *mail.Spooler
	Handle      Handler
}

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

// accept takes connections until the socket is closed.
func (s *Server) accept(sock *socket) {
	const longest = time.Second
	pause := 5 * time.Millisecond
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
		pause = 5 * time.Millisecond
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
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.conns[cn] = struct{}{}
		s.open.Add(1)
	}
	s.mu.Unlock()
	if closed {
		release()
		_ = c.Close()
		return
	}
	s.metrics.connections.WithLabelValues(l.Name).Inc()
	cn.closed = sync.OnceFunc(func() {
		release()
		s.metrics.connections.WithLabelValues(l.Name).Dec()
		s.mu.Lock()
		delete(s.conns, cn)
		s.mu.Unlock()
		s.open.Done()
	})
	s.feeds[l.Protocol].give(cn)
}

// turnAway refuses a connection at the banner.
func (s *Server) turnAway(c net.Conn, l *listener, reason string, r Reply) {
	s.metrics.refused.WithLabelValues(l.Name, reason).Inc()
	l.log.WithFields(logrus.Fields{"client": c.RemoteAddr().String(), "reason": reason}).Warn("connection refused")
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write(r.Append(nil))
	_ = c.Close()
}

// Shutdown stops taking connections, ends idle ones with 421, lets the others finish what is in DATA, and waits for them. When
// ctx ends it breaks off what is left, without a reply, so that Postfix keeps it, and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for _, sock := range s.sockets {
		sock.close()
	}
	conns := slices.Collect(keys(s.conns))
	s.mu.Unlock()
	for _, c := range conns {
		c.retire()
	}
	done := make(chan struct{})
	go func() {
		s.open.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
		s.stop()
		s.mu.Lock()
		for c := range s.conns {
			_ = c.Conn.Close()
		}
		s.mu.Unlock()
		<-done
	}
	s.stop()
	for _, f := range s.feeds {
		_ = f.Close()
	}
	s.serving.Wait()
	return err
}

func keys(m map[*conn]struct{}) func(func(*conn) bool) {
	return func(yield func(*conn) bool) {
		for c := range m {
			if !yield(c) {
				return
			}
		}
	}
}
