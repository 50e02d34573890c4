// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"net/netip"
	"strings"
	"time"

	"github.com/mailweir/mailweir/urls"
)

// maxHops is the number of Received fields that are read, from the top.
const maxHops = 12

// hop is what a Received field, or Postfix, says of one hand-over.
type hop struct {
	helo    string // What the client called itself.
	name    string // Its name, as the server has found out; "" if that is not told.
	unnamed bool   // The server says that it has no name.
	addr    netip.Addr
	by      string    // The server.
	date    time.Time // Zero if it tells none.
	auth    bool      // The client had logged in.
}

// readHops reads Received fields, and finds the hand-over by which the message came to us.
func (s *session) readHops() {
	for f := range s.msg.Header().All("Received") {
		if len(s.h.hops) == maxHops {
			break
		}
		s.h.hops = append(s.h.hops, readHop(cut(f.Value(), maxValue)))
	}
	if s.env != nil && s.env.Client.IP().IsValid() {
		c := &s.env.Client
		s.h.border = &hop{helo: host(c.HELO), name: host(c.Name), unnamed: c.Name == "", addr: c.IP()}
		if len(s.h.hops) > 0 {
			s.h.border.by = s.h.hops[0].by
		}
		return
	}
	s.h.border = borderOf(s.h.hops)
}

// borderOf is the topmost hop from a public address that is not of the organisation which took it.
func borderOf(hops []hop) *hop {
	for i := range hops {
		h := &hops[i]
		if public(h.addr) && !sameSide(cmp.Or(h.name, h.helo), h.by) {
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

// readHop reads the forms that the common servers write.
func readHop(v string) hop {
	var h hop
	v, date := cutLast(v, ';')
	h.date, _ = readDate(date)
	from, rest := v, ""
	if i := indexWord(v, "by"); i >= 0 {
		from, rest = v[:i], v[i+len("by"):]
	}
	h.by = host(firstWord(rest))
	with := strings.ToLower(rest)
	h.auth = strings.Contains(with, " esmtpsa") || strings.Contains(with, " esmtpa") || strings.Contains(with, "authenticated")
	from = strings.TrimSpace(from)
	if len(from) < 5 || !strings.EqualFold(from[:5], "from ") {
		return h
	}
	from = strings.TrimSpace(from[5:])
	h.helo = host(firstWord(from))
	h.client(from)
	return h
}

// client takes apart what stands behind "from".
func (h *hop) client(from string) {
	prev := ""
	for w := range strings.FieldsFuncSeq(from, func(r rune) bool { return r <= ' ' || strings.ContainsRune("()[]=,", r) }) {
		low := strings.ToLower(w)
		a, err := netip.ParseAddr(strings.TrimPrefix(low, "ipv6:"))
		switch {
		case err == nil:
			h.addr = a.Unmap()
		case low == "unknown":
			h.unnamed = true
		case prev == "helo" || prev == "ehlo":
			// "from name (HELO helo)": what stood first is the name.
			h.name, h.helo = h.helo, host(low)
			if h.name == "unknown" {
				h.name = ""
			}
		case strings.Contains(low, ".") && prev != "" && host(low) != h.helo && h.name == "":
			h.name = host(low)
		case strings.Contains(low, ".") && prev != "" && h.name == "":
			h.name = h.helo
		}
		prev = low
	}
	if h.name != "" {
		h.unnamed = false
	}
}

// host is a host name as it is compared: lower case, without what stands around it.
func host(s string) string { return strings.Trim(strings.ToLower(cut(s, 255)), ".[]<>();, ") }

func firstWord(s string) string {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}

// indexWord finds a word that stands by itself, not within parentheses; -1 if there is none.
func indexWord(s, word string) int {
	depth := 0
	for i := 0; i+len(word) < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth <= 0 && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') && s[i+len(word)] == ' ' && strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

func cutLast(s string, sep byte) (before, after string) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}
