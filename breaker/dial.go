// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// Dial connects to a server at host:port or unix:/path. The connection lives no longer than ctx: once ctx is done every read and write fails with the
// cause of it. Close gives it back, also when ctx is done.
func Dial(ctx context.Context, address string) (*Conn, error) {
	network, at, err := split(address)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{KeepAlive: -1} // ctx ends a dead connection sooner than probes.
	c, err := d.DialContext(ctx, network, at)
	if err != nil {
		return nil, err
	}
	// A deadline in the past ends what waits; to close it here would race with the owner's Close.
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	return &Conn{Conn: c, stop: stop, cause: func() error { return context.Cause(ctx) }}, nil
}

// CheckAddress tells what is wrong with an address that Dial would not take.
func CheckAddress(address string) error {
	_, _, err := split(address)
	return err
}

// maxSocketPath is how long the path of a unix socket may be (unix(7)).
const maxSocketPath = 107

func split(address string) (network, at string, err error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		if !strings.HasPrefix(path, "/") || len(path) > maxSocketPath || strings.ContainsRune(path, 0) {
			return "", "", fmt.Errorf("address %.120q: want unix: and an absolute path of at most %d octets", address, maxSocketPath)
		}
		return "unix", path, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" || strings.ContainsAny(host, " /\r\n\t") {
		return "", "", fmt.Errorf("address %.120q: want host:port or unix:/path", address)
	}
	return "tcp", address, nil
}

// Conn is a connection that ends with its context.
type Conn struct {
	net.Conn
	stop  func() bool
	cause func() error // Nil while the context lives.
}

// Read reads, and tells why the context ended if that is why it failed.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.because(err)
}

// Write writes, and tells why the context ended if that is why it failed.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.because(err)
}

// CloseWrite tells the server that nothing more comes; what it says can still be read.
func (c *Conn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return c.because(w.CloseWrite())
	}
	return nil
}

// Close closes the connection.
func (c *Conn) Close() error {
	c.stop()
	return c.Conn.Close()
}

func (c *Conn) because(err error) error {
	if err == nil {
		return nil
	}
	if cause := c.cause(); cause != nil {
		return cause
	}
	return err
}
