// SPDX-License-Identifier: Apache-2.0

// Package fake has servers for tests that speak over real sockets and can be slow, dead, rude or half-closed. What they
// say is the business of the test, which gives a Handler.
package fake

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// Handler plays the server's side of one connection. The connection is closed when it returns.
type Handler func(c net.Conn)

// Server accepts connections on a real socket and gives each to a Handler in a goroutine of its own.
type Server struct {
	listener net.Listener
	handler  Handler
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
	count  int
}

// Listen starts a server on a loopback TCP port that the kernel picks. It ends with the test.
func Listen(t testing.TB, h Handler) *Server {
	t.Helper()
	return listen(t, "tcp", "127.0.0.1:0", h)
}

// ListenUnix starts a server on a unix socket in a folder of its own. It ends with the test.
func ListenUnix(t testing.TB, h Handler) *Server {
	t.Helper()
	// Not t.TempDir: a socket's path has to be shorter than 108 octets and a test's name may be long.
	dir, err := os.MkdirTemp("", "fake")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return listen(t, "unix", filepath.Join(dir, "s"), h)
}

func listen(t testing.TB, network, address string, h Handler) *Server {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{listener: l, handler: h, open: make(map[net.Conn]bool)}
	s.running.Go(s.accept)
	t.Cleanup(s.Close)
	return s
}

// Addr is host:port, or unix: and the socket's path.
func (s *Server) Addr() string {
	a := s.listener.Addr()
	if a.Network() == "unix" {
		return "unix:" + a.String()
	}
	return a.String()
}

// Accepted is the number of connections accepted so far.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Close ends the listener and all connections, and waits for the handlers. A second Close does nothing.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.register(c) {
			c.Close()
			return
		}
		s.running.Go(func() {
			defer s.forget(c)
			s.handler(c)
		})
	}
}

func (s *Server) register(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open[c] = true
	s.count++
	return true
}

func (s *Server) forget(c net.Conn) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	c.Close()
}

// Dead is an address on which nobody listens until the test has ended: a connection to it is refused.
func Dead(t testing.TB) string {
	t.Helper()
	// A socket that is bound and does not listen keeps others away from the port.
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}
	return addr.String()
}
