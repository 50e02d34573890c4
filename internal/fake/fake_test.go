// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	network, addr := "tcp", s.Addr()
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		network, addr = "unix", path
	}
	c, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestSay(t *testing.T) {
	for name, listen := range map[string]func(testing.TB, Handler) *Server{"tcp": Listen, "unix": ListenUnix} {
		t.Run(name, func(t *testing.T) {
			s := listen(t, Say("220 hello\r\n"))
			c := dial(t, s)
			got, err := io.ReadAll(c)
			if string(got) != "220 hello\r\n" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			// The connection is half-closed: the server still takes what comes.
			if _, err := c.Write([]byte("QUIT\r\n")); err != nil {
				t.Errorf("write: %v", err)
			}
			if got := s.Accepted(); got != 1 {
				t.Errorf("accepted %d connections, want 1", got)
			}
		})
	}
}

func TestRude(t *testing.T) {
	c, err := net.Dial("tcp", Listen(t, Rude).Addr())
	if err == nil { // Else the reset was quicker still.
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset", err)
	}
}

func TestDead(t *testing.T) {
	if _, err := net.Dial("tcp", Dead(t)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want connection refused", err)
	}
}

// TestClose wants that a server's end is the end of its connections and goroutines, and that a second Close does nothing.
func TestClose(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := Listen(t, Silent)
	c := dial(t, s)
	s.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
	s.Close()
	goleak.VerifyNone(t, before)
}

func TestEndless(t *testing.T) {
	taken := make(chan int64, 2)
	c := dial(t, Listen(t, func(c net.Conn) { taken <- Endless(c, "A", 1<<30) }))
	got := make([]byte, 1000)
	if _, err := io.ReadFull(c, got); err != nil || strings.Trim(string(got), "A") != "" {
		t.Errorf("got %q, %v, want only A", got, err)
	}
	c.Close()
	if n := <-taken; n < 1000 || n >= 1<<30 {
		t.Errorf("server says that %d octets were taken", n)
	}

	c = dial(t, Listen(t, func(c net.Conn) { taken <- Endless(c, "AB", 1000) }))
	if all, err := io.ReadAll(c); err != nil || int64(len(all)) != <-taken || len(all) < 1000 {
		t.Errorf("got %d octets, %v, want at least the limit", len(all), err)
	}
}
