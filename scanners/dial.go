// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// Dial connects to a scanner at address, which is host:port or unix:/path. The connection lives no longer than ctx: once
// ctx is done every read and write fails with the cause of it. Close gives it back, also when ctx is done.
func Dial(ctx context.Context, address string) (net.Conn, error) {
	network, at, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	// No keep-alive probes: ctx ends a dead connection sooner.
	d := net.Dialer{KeepAlive: -1}
	c, err := d.DialContext(ctx, network, at)
	if err != nil {
		return nil, err
	}
	// A deadline in the past ends reads and writes that wait; closing here would race with the owner's Close.
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	return &conn{Conn: c, stop: stop, ended: func() error { return context.Cause(ctx) }}, nil
}

// CheckAddress tells what is wrong with an address that Dial would not take.
func CheckAddress(address string) error {
	_, _, err := splitAddress(address)
	return err
}

func splitAddress(address string) (network, at string, err error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		if !strings.HasPrefix(path, "/") {
			return "", "", fmt.Errorf("address %q: want unix: and an absolute path", address)
		}
		return "unix", path, nil
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return "", "", fmt.Errorf("address %q: want host:port or unix:/path", address)
	}
	return "tcp", address, nil
}

// conn tells the cause of its context's end instead of "i/o timeout".
type conn struct {
	net.Conn
	stop  func() bool
	ended func() error // The cause, nil while the context lives.
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.because(err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.because(err)
}

func (c *conn) Close() error {
	c.stop()
	return c.Conn.Close()
}

func (c *conn) because(err error) error {
	if err == nil {
		return nil
	}
	if cause := c.ended(); cause != nil {
		return cause
	}
	return err
}
