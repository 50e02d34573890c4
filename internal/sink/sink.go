// SPDX-License-Identifier: Apache-2.0

// Package sink is the next hop of tests and of the demo: a small, strict SMTP or LMTP server on the loopback network that
// keeps what it was given, octet for octet, and misbehaves on demand. It is no MTA: nothing goes on from here.
package sink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Step is a place in a session where a Script may step in.
type Step string

// The steps. All but Connect and Dot are commands, HELO and LHLO counting as EHLO.
const (
	Connect  Step = "connect"
	EHLO     Step = "EHLO"
	XFORWARD Step = "XFORWARD"
	MAIL     Step = "MAIL"
	RCPT     Step = "RCPT"
	DATA     Step = "DATA"
	Dot      Step = "dot" // End of data. Over LMTP once for each recipient.
	RSET     Step = "RSET"
	QUIT     Step = "QUIT"
)

// Act is what the sink does at a step in place of what is right. The zero Act is to behave.
type Act struct {
	Reply  string          // The reply instead, without CRLF; what it answers is then not taken unless the code begins with 2 or 3.
	Delay  time.Duration   // Wait so long before the reply.
	Until  <-chan struct{} // Wait for its close before the reply, if it is not nil.
	Hangup bool            // Close the connection instead of the reply. At Dot without a Reply the message is kept all the same.
}

// Script decides how to misbehave. arg is what follows the verb; at Dot over LMTP it is the argument of the recipient's RCPT. It is called
// by many goroutines at once.
type Script func(step Step, arg string) Act

// Options are the settings of a sink. The zero Options are a well-behaved SMTP server on a port from the kernel.
type Options struct {
	Address    string   // host:port or unix:/path to listen on; "" is a port from the kernel on 127.0.0.1.
	LMTP       bool     // RFC 2033 in place of RFC 5321.
	Extensions []string // What EHLO offers; nil is all the sink knows.
	MaxSize    int64    // Largest message in octets, 0 is 256 MiB; a larger one gets 552.
	Script     Script   // May be nil.
}

// defaultExtensions are what a Postfix of today offers on its re-injection listener.
func defaultExtensions(size int64) []string {
	return []string{
		"PIPELINING", fmt.Sprintf("SIZE %d", size), "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8",
		"XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
	}
}

// Server is a running sink. It is safe for many goroutines.
type Server struct {
	opts     Options
	listener net.Listener
	script   atomic.Pointer[Script]
	wg       sync.WaitGroup
	done     chan struct{} // Closed by Close.

	mu       sync.Mutex
	closed   bool
	conns    map[net.Conn]bool
	sessions int
	messages []*Message
	faults   []string
	arrived  chan struct{} // Closed and made anew with each message.
}

// Start makes a sink that listens.
func Start(o Options) (*Server, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.MaxSize == 0 {
		o.MaxSize = 256 << 20
	}
	if o.Extensions == nil {
		o.Extensions = defaultExtensions(o.MaxSize)
	}
	network, address := "tcp", o.Address
	if path, ok := strings.CutPrefix(o.Address, "unix:"); ok {
		network, address = "unix", path
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("start sink: %w", err)
	}
	s := &Server{opts: o, listener: l, conns: map[net.Conn]bool{}, done: make(chan struct{}), arrived: make(chan struct{})}
	s.Misbehave(o.Script)
	s.wg.Go(s.accept)
	return s, nil
}

// Addr is the host:port or unix:/path that the sink listens on.
func (s *Server) Addr() string {
	a := s.listener.Addr()
	if a.Network() == "unix" {
		return "unix:" + a.String()
	}
	return a.String()
}

// Misbehave puts another script in place; nil makes the sink behave again. Sessions that run take it up with their next command.
func (s *Server) Misbehave(script Script) { s.script.Store(&script) }

// Close stops listening, hangs up on all clients and waits for the sessions to end. What was taken stays readable.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	err := s.listener.Close()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

// Messages are the messages that the sink answered 250 for, in the order they came.
func (s *Server) Messages() []*Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Faults are the breaches of protocol that clients committed.
func (s *Server) Faults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// Sessions counts the connections taken so far.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Reset forgets messages and faults.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages, s.faults = nil, nil
}

// Wait returns when done says true of the messages so far. It asks again with each message, and ends with ctx.
func (s *Server) Wait(ctx context.Context, done func([]*Message) bool) error {
	for {
		s.mu.Lock()
		messages, arrived := slices.Clone(s.messages), s.arrived
		s.mu.Unlock()
		if done(messages) {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return fmt.Errorf("wait for the sink, which has %d messages: %w", len(messages), ctx.Err())
		}
	}
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.wait(Act{Delay: 10 * time.Millisecond}) // Out of file descriptors: the next try may do.
			continue
		}
		number, ok := s.track(c)
		if !ok {
			_ = c.Close()
			return
		}
		s.wg.Go(func() {
			defer s.forget(c)
			newSession(s, c, number).run()
		})
	}
}

func (s *Server) track(c net.Conn) (number int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, false
	}
	s.conns[c] = true
	s.sessions++
	return s.sessions, true
}

func (s *Server) forget(c net.Conn) {
	_ = c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func (s *Server) keep(m *Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

func (s *Server) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

func (s *Server) act(step Step, arg string) Act {
	script := *s.script.Load()
	if script == nil {
		return Act{}
	}
	return script(step, arg)
}

// wait waits as the act says, or until the sink is closed.
func (s *Server) wait(a Act) {
	if a.Delay > 0 {
		select {
		case <-time.After(a.Delay):
		case <-s.done:
		}
	}
	if a.Until != nil {
		select {
		case <-a.Until:
		case <-s.done:
		}
	}
}

func (s *Server) offers(keyword string) bool {
	return slices.ContainsFunc(s.opts.Extensions, func(e string) bool {
		name, _, _ := strings.Cut(e, " ")
		return strings.EqualFold(name, keyword)
	})
}
