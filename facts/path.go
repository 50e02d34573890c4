// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"net/netip"
	"strconv"
	"strings"
)

// path looks at the hand-over by which the message came, and at those before it.
func (s *session) path() {
	s.counted(len(s.h.hops) >= maxHops, "many_hops", len(s.h.hops))
	b := s.h.border
	if b == nil {
		return
	}
	s.when(b.helo != "" && !strings.Contains(b.helo, ".") && !strings.Contains(b.helo, ":"), "helo_no_domain")
	if _, err := netip.ParseAddr(b.helo); err == nil {
		s.note("helo_address", "")
	}
	s.when(b.unnamed, "client_no_name")
	name := b.name
	if name == "" {
		name = b.helo
	}
	s.when(dynamic(name, b.addr), "client_dynamic")
	s.when(rented(name), "client_rented")
	if b.name != "" && strings.Contains(b.helo, ".") {
		s.when(operator(registrable(b.name)) != operator(registrable(b.helo)), "helo_other_domain")
	}
	s.when(b.helo != "" && b.by != "" && b.helo == b.by, "helo_is_ours")
	s.forged(b)
	s.loggedIn()
	if s.h.list || s.h.author.org == "" {
		return
	}
	// Large free services hand over their mail themselves.
	op := operator(s.h.author.org)
	if freemail(s.h.author.org) && (op == "google.com" || op == "outlook.com" || op == "yahoo.com" || op == "icloud.com") {
		from := name
		if from != "" && strings.Contains(from, ".") && operator(registrable(from)) != op && !s.passed(op) {
			s.note("freemail_by_other_client", "")
		}
	}
}

// passed tells if some hop was made by a host of that service.
func (s *session) passed(op string) bool {
	for i := range s.h.hops {
		if by := s.h.hops[i].by; by != "" && operator(registrable(by)) == op {
			return true
		}
	}
	return false
}

// forged tells of a client that calls itself a large service and is none, and of Received fields that do not follow from each other.
func (s *session) forged(b *hop) {
	if op := operator(registrable(b.helo)); b.name != "" && operator(registrable(b.name)) != op {
		switch op {
		case "google.com", "outlook.com", "yahoo.com", "icloud.com", "amazon.com", "ebay.com", "paypal.com", "gmx.net", "web.de", "mail.ru":
			s.note("helo_forged", "")
		}
	}
}

// loggedIn looks at the hop by which the author handed the message in.
func (s *session) loggedIn() {
	for i := len(s.h.hops) - 1; i >= 0; i-- {
		h := &s.h.hops[i]
		if !h.auth || !h.addr.IsValid() {
			continue
		}
		s.when(rented(h.name) || rented(h.helo), "handed_in_from_rented")
		if _, err := netip.ParseAddr(h.helo); err == nil {
			s.note("handed_in_by_address", "")
		}
		return
	}
}

// dynamic tells if a name is one that a provider gives to an address of a household: it holds the address.
func dynamic(name string, a netip.Addr) bool {
	if name == "" {
		return false
	}
	for _, w := range [...]string{"dyn", "dsl", "dhcp", "pool", "ppp", "cable", "dial", "broadband", "customer", "client", "cust."} {
		if strings.Contains(name, w) && lettersOf(name).digits >= 4 {
			return true
		}
	}
	if !a.Is4() {
		return false
	}
	o := a.As4()
	n, rest := 0, name
	for _, b := range o {
		if strings.Contains(rest, strconv.Itoa(int(b))) && b > 9 {
			n++
		}
	}
	if n < 3 {
		return false
	}
	return !strings.HasPrefix(name, "mail") && !strings.HasPrefix(name, "mx") && !strings.HasPrefix(name, "smtp") && !strings.HasPrefix(name, "out") || n == 4
}

// rented tells if a host is one that anybody has by the hour.
func rented(name string) bool {
	if name == "" {
		return false
	}
	if suffixOf(name, rentedHosts) {
		return true
	}
	return strings.HasPrefix(name, "vps") || strings.HasPrefix(name, "vmi") || strings.HasPrefix(name, "ec2-") || strings.Contains(name, "-vps") || strings.HasPrefix(name, "win-") || strings.HasPrefix(name, "desktop-")
}

// suffixOf tells if the host or a domain above it is in the table.
func suffixOf(host string, in map[string]bool) bool {
	for ok := true; ok && host != ""; _, host, ok = strings.Cut(host, ".") {
		if in[host] {
			return true
		}
	}
	return false
}
