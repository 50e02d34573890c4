// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"net/netip"
	"strings"
)

// Limits of what is read of a Received field, in octets.
const (
	maxReceived = 2 << 10 // The field body. The date behind it is found in longer ones too.
	maxHost     = 255     // A name (RFC 1035 section 2.3.4).
)

// Received is what a Received field says of one hand-over (RFC 5321 section 4.4). Whoever had the message before may have made it up. Names are in
// lower case, without brackets and full stops around them; "" and the zero Addr stand for what it does not say.
type Received struct {
	HELO    string     // What the client called itself.
	Name    string     // Its name, as the server has found out.
	Unnamed bool       // The server says that it has found none.
	Addr    netip.Addr // Its address as the server saw it, never what the client said of itself. IPv4 is never in IPv6 form, and there is no zone.
	By      string     // The server.
	Auth    bool       // The client had logged in.
	Date    string     // As it stands; ParseDate reads it.
}

// ParseReceived reads the value of a Received field in the forms of Postfix, Sendmail, Exim, qmail, Exchange, Gmail and CommuniGate.
func ParseReceived(v string) Received {
	var r Received
	if i := strings.LastIndexByte(v, ';'); i >= 0 {
		v, r.Date = v[:i], v[i+1:]
	}
	v = strings.TrimLeft(v[:min(len(v), maxReceived)], " \t")
	if len(v) < 5 || !strings.EqualFold(v[:4], "from") || !isBlank(v[4]) {
		_, by := splitBy(" " + v)
		r.setServer(by)
		return r
	}
	from, by := splitBy(v[5:])
	r.setServer(by)
	r.Addr = clientAddr(from)
	r.setNames(from)
	return r
}

// setServer reads what stands behind "by".
func (r *Received) setServer(by string) {
	r.By = hostName(firstWord(by))
	with := lower(by)
	r.Auth = strings.Contains(with, " esmtpsa") || strings.Contains(with, " esmtpa") || strings.Contains(with, "authenticated")
}

// splitBy cuts at the first word "by" that stands in no comment and not at the beginning: a client may call itself so.
func splitBy(s string) (from, by string) {
	depth := 0
	for i := range len(s) {
		switch {
		case s[i] == '(':
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		case depth == 0 && isBy(s, i):
			return s[:i], s[i+len("by"):]
		}
	}
	return s, ""
}

// isBy tells if the word "by" stands at i.
func isBy(s string, i int) bool {
	return i > 0 && i+2 < len(s) && s[i]|0x20 == 'b' && s[i+1]|0x20 == 'y' && isBlank(s[i-1]) && isBlank(s[i+2])
}

// setNames reads the names in what stands between "from" and "by". The first word is one name, whatever is in it: the client may have said so. Behind the
// name and the address that the server has found out nothing is a name: there it tells of TLS, of the client's certificate, and whom it has logged in as.
func (r *Received) setNames(from string) {
	from = strings.TrimLeft(from, " \t")
	first := firstWord(from)
	r.HELO = hostName(first)
	r.Unnamed = r.HELO == "unknown"
	before, found := "", false
	for w := range strings.FieldsFuncSeq(lower(from[len(first):]), func(c rune) bool { return c <= ' ' || strings.ContainsRune("()[]=,", c) }) {
		addr := parseAddr(w).IsValid()
		switch {
		case before == "helo" || before == "ehlo":
			if !addr {
				// "from name (HELO helo)": what stood first is the name.
				r.Name, r.HELO = r.HELO, hostName(w)
			}
			if r.Name == "unknown" {
				r.Name = ""
			}
			r.Unnamed = r.Unnamed && r.Name == ""
			return
		case addr && found:
			return
		case addr:
			found = true
		case found:
		case w == "unknown":
			r.Unnamed, found = true, true
		case strings.Contains(w, "."):
			r.Name, r.Unnamed, found = hostName(w), false, true
		}
		before = w
	}
}

// hostName is a name as it is compared.
func hostName(s string) string { return strings.Trim(lower(s[:min(len(s), maxHost)]), ".[]<>();, ") }

// firstWord is what stands in front of the first blank or comment.
func firstWord(s string) string {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t("); i >= 0 {
		return s[:i]
	}
	return s
}
