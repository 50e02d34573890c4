// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"net/netip"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// maxHops is the number of Received fields that are read, from the top.
const maxHops = 12

// readHops reads Received fields, and finds the hand-over by which the message came to us.
func (s *session) readHops() {
	for f := range s.msg.Header().All("Received") {
		if len(s.h.hops) == maxHops {
			break
		}
		s.h.hops = append(s.h.hops, readHop(f.Value()))
	}
	if s.env != nil && s.env.Client.IP().IsValid() {
		c := &s.env.Client
		s.h.border = &mail.Received{HELO: host(c.HELO), Name: host(c.Name), Unnamed: c.Name == "", Addr: c.IP()}
		if len(s.h.hops) > 0 {
			s.h.border.By = s.h.hops[0].By
		}
		return
	}
	s.h.border = borderOf(s.h.hops)
}

// readHop reads a Received field. An address that stands there in the place of a name is better than none: nothing but points goes by it.
func readHop(v string) mail.Received {
	h := mail.ParseReceived(v)
	for _, name := range [...]string{h.Name, h.HELO} {
		if h.Addr.IsValid() {
			break
		}
		if a, err := netip.ParseAddr(name); err == nil {
			h.Addr = a.Unmap()
		}
	}
	return h
}

// borderOf is the topmost hop from a public address that is not of the organisation which took it.
func borderOf(hops []mail.Received) *mail.Received {
	for i := range hops {
		h := &hops[i]
		if public(h.Addr) && !sameSide(cmp.Or(h.Name, h.HELO), h.By) {
			return h
		}
	}
	return nil
}

// sameSide tells if two hosts belong to one organisation.
func sameSide(a, b string) bool {
	return a != "" && b != "" && operatorOf(a) == operatorOf(b)
}

// operatorOf is the operator of the registrable name that a host is below.
func operatorOf(host string) string { return operator(urls.Registrable(host)) }

// operator is the name that stands for several domains of one mail service; others stand for themselves.
func operator(domain string) string {
	switch domain {
	case "office365.com", "exchangelabs.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "outlook.fr":
		return "outlook.com"
	case "gmail.com", "googlemail.com", "1e100.net":
		return "google.com"
	case "ymail.com", "rocketmail.com", "yahoodns.net", "aol.com":
		return "yahoo.com"
	case "me.com", "mac.com", "apple.com":
		return "icloud.com"
	case "zohomail.com":
		return "zoho.com"
	case "rzone.de":
		return "strato.de"
	case "smtpcorp.com":
		return "smtp2go.com"
	case "postgun.com", "mailgun.us":
		return "mailgun.net"
	}
	return domain
}

func public(a netip.Addr) bool {
	return a.IsValid() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsUnspecified()
}

// host is a host name as it is compared: lower case, without what stands around it.
func host(s string) string { return strings.Trim(strings.ToLower(cut(s, 255)), ".[]<>();, ") }

func cutLast(s string, sep byte) (before, after string) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}
