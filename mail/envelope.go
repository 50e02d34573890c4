// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"net/netip"
	"strings"
	"time"
)

// Envelope is the envelope of the mail object (RFC 5321 section 2.3.1), with what Postfix told us of the client.
// It does not change once a filter has seen it, so many goroutines may read it.
type Envelope struct {
	ID       string    // Ours: on every log line, reply, record and result field.
	Listener string    // Name of the listener that the mail object came in by.
	Client   Client    // What XFORWARD said of the remote client.
	MailFrom Path      // Reverse-path; null for notifications. Keeps its ESMTP parameters as given.
	RcptTo   []Path    // Forward-paths the next hop took, in order.
	Received time.Time // When MAIL arrived.
	Outbound bool      // From our own people, by the client's network or the listener: its sender is known.
}

// Client is the remote SMTP client as Postfix's XFORWARD command describes it. An attribute that Postfix
// does not know ([UNAVAILABLE]) or did not send is "".
type Client struct {
	Name   string // Host name, checked by Postfix.
	Addr   string // Address, without the IPV6: prefix; use IP to parse it.
	Port   string
	Proto  string // SMTP or ESMTP.
	HELO   string
	Ident  string // Queue ID of the message in the Postfix that handed it over.
	Source string // LOCAL for mail that did not come by SMTP from outside, else REMOTE.
}

// IP is the address of the client; the zero Addr if it is not known.
func (c Client) IP() netip.Addr {
	a, err := netip.ParseAddr(c.Addr)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// Local tells if the mail did not come by SMTP from outside: a program on the host has handed it to Postfix.
func (c Client) Local() bool { return c.Source == "LOCAL" }

// Path is a reverse-path or a forward-path with its ESMTP parameters (RFC 5321 section 4.1.2), as it was given.
type Path struct {
	Raw     string // All that followed "FROM:" or "TO:", octet for octet: what is relayed.
	Address string // Between the angle brackets, without a source route, quoting as given; "" is the null reverse-path.
	Params  string // ESMTP parameters as given, such as "SIZE=1000 BODY=8BITMIME"; "" if there are none.
}

// NewPath makes a path to an address of our own choice: for a copy, a redirection, a notification.
func NewPath(address string) Path {
	return Path{Raw: "<" + address + ">", Address: address}
}

// ParsePath reads the argument of MAIL FROM: or RCPT TO:. It is lenient, because the next hop judges the address: it only
// finds where the path ends and the parameters begin, so that a quoted local-part may hold any character.
// A path without angle brackets ends at the first blank.
func ParsePath(arg string) Path {
	p := Path{Raw: arg}
	s := strings.TrimLeft(arg, " \t")
	if !strings.HasPrefix(s, "<") {
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		p.Address, p.Params = s[:end], strings.Trim(s[end:], " \t")
		return p
	}
	end := pathEnd(s)
	p.Address = strings.TrimSuffix(s[1:end], ">")
	p.Params = strings.Trim(s[end:], " \t")
	// RFC 5321 appendix C: a source route is to be accepted and ignored.
	if strings.HasPrefix(p.Address, "@") {
		if mailbox := p.Address[routeEnd(p.Address):]; mailbox != "" {
			p.Address = mailbox // Never the null path by way of a route that leads nowhere.
		}
	}
	return p
}

// routeEnd finds the index behind the colon of a source route; 0 if there is none. Colons in address literals are not meant.
func routeEnd(s string) int {
	literal := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '>':
			return 0 // No domain has these.
		case c == '[' || c == ']':
			literal = c == '['
		case c == ':' && !literal:
			return i + 1
		}
	}
	return 0
}

// pathEnd finds the index behind the closing angle bracket of s, which begins with "<".
func pathEnd(s string) int {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '>' && !quoted:
			return i + 1
		}
	}
	if i := strings.LastIndexByte(s, '>'); i > 0 {
		return i + 1 // The quotation is out of order.
	}
	return len(s)
}

// IsNull tells if the path is the null reverse-path, which notifications have.
func (p Path) IsNull() bool { return p.Address == "" }

// String is the address in angle brackets, for logs and replies.
func (p Path) String() string { return "<" + p.Address + ">" }

// Local is the local-part as given: quoted if it was quoted, in the case it had.
func (p Path) Local() string {
	if i := strings.LastIndexByte(p.Address, '@'); i >= 0 {
		return p.Address[:i]
	}
	return p.Address
}

// Domain is the domain in lower case, "" if there is none (as in <postmaster>).
func (p Path) Domain() string {
	if i := strings.LastIndexByte(p.Address, '@'); i >= 0 {
		return strings.ToLower(p.Address[i+1:])
	}
	return ""
}

// Param looks up an ESMTP parameter by its keyword, which is not case-sensitive (RFC 5321 section 4.1.2).
// A parameter without a value is found with the value "".
func (p Path) Param(keyword string) (value string, ok bool) {
	for f := range strings.FieldsSeq(p.Params) {
		k, v, _ := strings.Cut(f, "=")
		if strings.EqualFold(k, keyword) {
			return v, true
		}
	}
	return "", false
}
