// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
)

// socket is what a listener is bound to. It outlives changes of the config.
type socket struct {
	net.Listener
	current atomic.Pointer[listener]
}

func (s *socket) close() { _ = s.Close() }

// listener is a Listener with all that its connections need. It never changes: a change of the config makes another.
type listener struct {
	Listener
	log         logrus.FieldLogger
	hostname    string
	messageSize int64
	timeouts    Timeouts
	limiter     *limiter
	metrics     *metrics
	spooler     *mail.Spooler
	handler     Handler
	now         func() time.Time

	learned atomic.Pointer[extensions] // What the next hop offered when it was last reached.
}

func newListener(l Listener, o *Options, s *Server) *listener {
	s.metrics.add(l.Name)
	return &listener{
		Listener:    l,
		log:         s.log.WithField("listener", l.Name),
		hostname:    o.Hostname,
		messageSize: o.MessageSize,
		timeouts:    o.Timeouts,
		limiter:     s.limiter,
		metrics:     s.metrics,
		spooler:     o.Spooler,
		handler:     o.Handle,
		now:         time.Now,
	}
}

// service is the protocol's name in the banner.
func (l *listener) service() string {
	if l.Protocol == LMTP {
		return "LMTP"
	}
	return "ESMTP"
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

func (l *listener) hopOptions() HopOptions {
	return HopOptions{Address: l.NextHop, Protocol: l.NextHopProtocol, Hostname: l.hostname, Timeout: l.timeouts.NextHop}
}

func (l *listener) dialHop(ctx context.Context) (*Hop, error) { return DialHop(ctx, l.hopOptions()) }

// learn keeps what the next hop offers, for when it cannot be asked.
func (l *listener) learn(e extensions) { l.learned.Store(&e) }

// capabilities is what the next hop offers. As long as it was never reached, all that we carry is offered: to a mail object that
// needs SMTPUTF8 Postfix would make a notification of failure otherwise. If the next hop turns out to offer less, MAIL says 451.
func (l *listener) capabilities() extensions {
	if e := l.learned.Load(); e != nil {
		return *e
	}
	all := extensions{}
	for _, keyword := range carried() {
		all[keyword] = ""
	}
	return all
}

// carried are the extensions of the next hop that are relayed.
func carried() []string { return []string{"8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"} }

// refused counts a mail object that came while a limit was reached.
func (l *listener) refused(err error) {
	reason := "messages"
	if errors.Is(err, errTooMuch) {
		reason = "octets"
	}
	l.metrics.refused.WithLabelValues(l.Name, reason).Inc()
}

// handle calls the handler. A panic in it is a fault of ours, and no reason to lose mail.
func (l *listener) handle(ctx context.Context, tx *Transaction) (replies []Reply) {
	id := tx.Envelope.ID
	defer func() {
		p := recover()
		if p != nil {
			l.log.WithFields(logrus.Fields{"id": id, "err": p}).Error("panic while a message was handled")
		}
		if p != nil || len(replies) != len(tx.Envelope.RcptTo) {
			replies = make([]Reply, len(tx.Envelope.RcptTo))
			for i := range replies {
				replies[i] = NewReply(451, "4.3.0", "Error: internal error, id="+id)
			}
		}
	}()
	return l.handler(ctx, tx)
}

// ids are written in lower case without letters that are easily mistaken.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID makes an ID of 16 characters that sorts by time and is safe in file names: 48 bits of milliseconds, 32 of chance.
func (l *listener) newID() string {
	var b [10]byte
	ms := uint64(l.now().UnixMilli())
	binary.BigEndian.PutUint64(b[:8], ms<<16)
	_, _ = rand.Read(b[6:]) // Never fails: crypto/rand.
	return ids.EncodeToString(b[:])
}

// listen opens a socket, or takes one that systemd opened.
func listen(a Address) (net.Listener, error) {
	switch a.Network {
	case "systemd":
		return systemdListener(a.Addr)
	case "unix":
		return listenUnix(a.Addr)
	}
	return net.Listen(a.Network, a.Addr)
}

// listenUnix takes the place of a socket that nobody serves any more.
func listenUnix(path string) (net.Listener, error) {
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = c.Close()
		return nil, errors.New("already in use")
	}
	if fi, err := os.Lstat(path); err == nil && fi.Mode()&fs.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o660); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
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
