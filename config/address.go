// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
)

// maxUnixPath is how many octets the path of a unix socket may have: sun_path of unix(7) less the final NUL.
const maxUnixPath = 107

// Address is where to listen or whom to call.
type Address struct {
	Network string // tcp, unix or systemd; "" if there is no address.
	Addr    string // For tcp host:port, for unix the absolute path, for systemd the name of the socket unit's FileDescriptorName.
}

var errAddress = errors.New("want host:port, unix:/path or systemd:NAME")

// IsZero tells if there is no address.
func (a Address) IsZero() bool { return a == Address{} }

// String is the address as the config writes it.
func (a Address) String() string {
	if a.Network == "tcp" || a.IsZero() {
		return a.Addr
	}
	return a.Network + ":" + a.Addr
}

// MarshalText writes an address as UnmarshalText reads it.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads host:port, unix:/path, systemd:NAME or nothing. The port is a number, because the names of
// services differ from host to host; port 0 is a free one of the kernel's choice.
func (a *Address) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" {
		*a = Address{}
		return nil
	}
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		return a.setUnix(path)
	}
	if name, ok := strings.CutPrefix(s, "systemd:"); ok {
		if !plainKey(name) {
			return errors.New("want systemd:NAME with a name of letters, digits, - and _")
		}
		*a = Address{"systemd", name}
		return nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return errAddress
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return errors.New("want a port from 0 to 65535")
	}
	if !isHost(host) {
		return errAddress
	}
	*a = Address{"tcp", s}
	return nil
}

func (a *Address) setUnix(path string) error {
	switch {
	case !filepath.IsAbs(path):
		return errors.New("want unix:/path with an absolute path")
	case len(path) > maxUnixPath:
		return errors.New("want a socket path of at most " + strconv.Itoa(maxUnixPath) + " octets")
	}
	*a = Address{"unix", filepath.Clean(path)}
	return nil
}

// isHost tells if s may be the host of an address: an IP address, a host name, or nothing for all addresses.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil || s == "" {
		return true
	}
	return len(s) <= 255 && strings.Trim(s, wordOctets+".") == ""
}

// clashes tells if two addresses are the same or if one takes in the other, as 0.0.0.0 takes in 127.0.0.1.
func (a Address) clashes(b Address) bool {
	if a.Network != "tcp" || b.Network != "tcp" {
		return a == b && !a.IsZero()
	}
	aHost, aPort, _ := net.SplitHostPort(a.Addr)
	bHost, bPort, _ := net.SplitHostPort(b.Addr)
	if aPort != bPort || aPort == "0" {
		return false
	}
	aIP, aAny := hostIP(aHost)
	bIP, bAny := hostIP(bHost)
	switch {
	case aAny && bAny:
		return aIP == bIP || !aIP.IsValid() || !bIP.IsValid() || aIP.Is6() || bIP.Is6()
	case aAny:
		return covers(aIP, bIP)
	case bAny:
		return covers(bIP, aIP)
	case aIP.IsValid() && bIP.IsValid():
		return aIP == bIP
	}
	return strings.EqualFold(aHost, bHost)
}

// hostIP is the IP address of a host, and whether it stands for all addresses. localhost is 127.0.0.1 everywhere.
func hostIP(host string) (ip netip.Addr, all bool) {
	if host == "" {
		return netip.Addr{}, true
	}
	if strings.EqualFold(host, "localhost") {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), false
	}
	ip, _ = netip.ParseAddr(host)
	ip = ip.Unmap()
	return ip, ip.IsValid() && ip.IsUnspecified()
}

// covers tells if a socket bound to the unspecified address all takes connections to ip. On Linux :: takes IPv4 too, and no
// address at all is both. A host name may be any address.
func covers(all, ip netip.Addr) bool {
	return !all.IsValid() || all.Is6() || !ip.IsValid() || ip.Is4()
}

// canDial tells if it is an address to connect to.
func (a Address) canDial() bool {
	if a.Network == "tcp" {
		host, port, _ := net.SplitHostPort(a.Addr)
		_, all := hostIP(host)
		return !all && port != "0"
	}
	return a.Network == "unix"
}
