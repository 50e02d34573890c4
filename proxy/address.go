// SPDX-License-Identifier: Apache-2.0

package proxy

import "strings"

// Address is where something listens or is connected to.
type Address struct {
	Network string // tcp or unix; systemd for a socket that systemd hands over.
	Addr    string // host:port, path, or the name of systemd's socket.
}

// ParseAddress reads host:port, unix:/path or systemd:name.
func ParseAddress(s string) Address {
	for _, network := range []string{"unix", "systemd"} {
		if rest, ok := strings.CutPrefix(s, network+":"); ok {
			return Address{network, rest}
		}
	}
	return Address{"tcp", s}
}

func (a Address) String() string {
	if a.Network == "tcp" {
		return a.Addr
	}
	return a.Network + ":" + a.Addr
}
