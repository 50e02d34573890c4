// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// socket is what a listener is bound to. It outlives changes of the config.
type socket struct {
	net.Listener
	current atomic.Pointer[listener]
}

func (s *socket) close() { _ = s.Close() }

// listen opens a socket, or takes one that systemd opened.
func listen(a Address) (net.Listener, error) {
	switch a.Network {
	case "systemd":
		return systemdListener(a.Addr)
	case "unix":
		return ListenUnix(a.Addr, 0o660)
	}
	return net.Listen(a.Network, a.Addr)
}

// ListenUnix opens a unix socket with the file mode given. It takes the place of a socket that nobody serves any more, and of nothing
// else.
func ListenUnix(path string, mode fs.FileMode) (net.Listener, error) {
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
	if err := os.Chmod(path, mode); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}
