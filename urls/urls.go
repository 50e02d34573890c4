// SPDX-License-Identifier: Apache-2.0

// Package urls finds addresses of the web in text and reads them as a browser does, not as they are written: backslashes, missing
// slashes, tabs, user names, numbers in octal, percent-encoded and full-width host names. It unwraps redirectors whose target stands in the
// address. It never resolves a name and never fetches anything.
package urls

import (
	"strings"
)

// Limits.
const (
	maxURL  = 32 << 10 // Octets of an address that are read; what is behind is cut off.
	maxHost = 1024     // Octets of a host as written. DNS ends at 253; encodings make it longer.
)

// URL is an address as a browser takes it (WHATWG URL Standard, section 4.4).
type URL struct {
	Raw      string // As given, at most 32 KiB of it.
	Scheme   string // Lower case.
	User     string // What stands before the last @ of the authority, as given.
	Host     string // US-ASCII, lower case, no trailing dot; an IPv4 address in four decimals, an IPv6 address without brackets. "" if there is none.
	Port     string // Digits; "" if none is given or it is the scheme's own.
	Path     string // As given. Of a scheme without authority, all that follows the colon.
	Query    string // As given, without the question mark.
	Fragment string // As given, without the number sign.
	Odd      Odd    // What is unusual in the way it is written.
}

// Odd is a set of unusual ways to write an address.
type Odd uint16

// The ways.
const (
	UserInfo  Odd = 1 << iota // A user name before the host.
	Numeric                   // The host is an IP address.
	OddNumber                 // An IPv4 address that is not four decimals.
	Backslash                 // A backslash for a slash, in front of the path.
	Slashes                   // Too few or too many slashes behind the scheme.
	Controls                  // A tab or a line end in front of the path.
	Encoded                   // Percent-encoding in the host.
	Mapped                    // The host has characters that are mapped to US-ASCII: full-width, mathematical, ideographic full stop.
	IDN                       // The host has labels that are not US-ASCII, or are so in Punycode.
	FinalDot                  // The host ends in a full stop.
	BadHost                   // The host is none; Host is "".
	UNC                       // \\host\share.
	Relative                  // //host: the scheme is that of the page.
	Bare                      // Text gave no scheme.
	Defanged                  // Written so that it is no link: hxxp, [.], "dot".
)

// Has tells if any of the ways in o is in the set.
func (s Odd) Has(o Odd) bool { return s&o != 0 }

// String writes the address anew, in canonical form.
func (u *URL) String() string {
	var b strings.Builder
	b.WriteString(u.Scheme)
	b.WriteByte(':')
	if u.Host != "" {
		b.WriteString("//")
		b.WriteString(u.Authority())
	}
	b.WriteString(u.Path)
	if u.Query != "" {
		b.WriteString("?" + u.Query)
	}
	if u.Fragment != "" {
		b.WriteString("#" + u.Fragment)
	}
	return b.String()
}

// Authority is the host as it stands in an address, with the port if one is given.
func (u *URL) Authority() string {
	h := u.Host
	if strings.IndexByte(h, ':') >= 0 {
		h = "[" + h + "]"
	}
	if u.Port != "" {
		h += ":" + u.Port
	}
	return h
}

// IsWeb tells that a browser opens it as a page of a host.
func (u *URL) IsWeb() bool {
	return (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "ftp") && u.Host != ""
}
