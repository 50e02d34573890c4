// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"bytes"
	"io"
	"net"
)

// Silent takes all that comes and says nothing until the client goes away.
func Silent(c net.Conn) { io.Copy(io.Discard, c) }

// Rude breaks the connection with a reset as soon as it is there.
func Rude(c net.Conn) { Reset(c) }

// Say writes text, ends its side of the connection and takes what still comes.
func Say(text string) Handler {
	return func(c net.Conn) {
		if _, err := io.WriteString(c, text); err != nil {
			return
		}
		HalfClose(c)
	}
}

// HalfClose ends the server's side of c, so that the client reads the end of file, and takes what the client still
// sends until it goes away too.
func HalfClose(c net.Conn) {
	if w, ok := c.(interface{ CloseWrite() error }); ok && w.CloseWrite() == nil {
		io.Copy(io.Discard, c)
	}
	c.Close()
}

// Reset closes c with a TCP reset; what was not delivered is lost. A unix socket is closed.
func Reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// Endless writes text again and again until the client goes away or has taken limit octets. It returns what was taken.
func Endless(c net.Conn, text string, limit int64) (taken int64) {
	block := bytes.Repeat([]byte(text), max(1, 64<<10/len(text)))
	for taken < limit {
		n, err := c.Write(block)
		taken += int64(n)
		if err != nil {
			return taken
		}
	}
	return taken
}
