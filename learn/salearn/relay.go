// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"net/netip"
	"regexp"
	"strings"
)

// maxRelays bounds the Received fields that are looked at.
const maxRelays = 20

// relayForms are the ways in which common mail servers write down who gave them a message. Groups by name: rdns, helo, ident, ip.
func relayForms() []*regexp.Regexp {
	const ip = `\[?(?:IPv6:)?(?P<ip>[0-9a-fA-F]*[.:][0-9a-fA-F.:]+)\]?`
	const ident = `(?:(?:IDENT:)?(?P<ident>\S+)@)?`
	var list []*regexp.Regexp
	for _, form := range []string{
		`^(?P<helo>\S+) \(` + ident + `(?P<rdns>[^\s()\[\]]+) \(?` + ip + `(?: \(may be forged\))?\)`, // Postfix, Sendmail.
		`^(?P<helo>\S+) \(` + ident + `\[(?:IPv6:)?(?P<ip>[0-9a-fA-F.:]+)\]\)`,                        // Sendmail without a name.
		`^(?P<rdns>\S+) \((?:HELO|EHLO) (?P<helo>\S*)\) \(` + ident + ip + `\)`,                       // qmail.
		`^(?P<rdns>\S+) \(` + ident + ip + `\)`,                                                       // qmail, Exim.
		`^(?P<rdns>\S+) \(\[(?P<ip>[0-9a-fA-F.:]+)\][^)]*helo=(?P<helo>[^\s)]+)[^)]*\)`,               // Exim.
		`^\[(?P<ip>[0-9a-fA-F.:]+)\] \(.*?helo=(?P<helo>[^\s)]+).*?\)`,                                // Exim without a name.
	} {
		list = append(list, regexp.MustCompile(`(?i)`+form))
	}
	return list
}

// relay is a host on the way.
type relay struct {
	words   string // What SpamAssassin notes of it: address, names, who took the message, ident, number.
	private bool   // It is one of our own, by its address or because its sender was authenticated.
}

// relay reads one Received field.
func (c *patterns) relay(v string) (relay, bool) {
	v = strings.Join(strings.Fields(cut(v)), " ")
	rest, ok := cutFold(v, "from ")
	if !ok {
		return relay{}, false
	}
	for _, form := range c.relays {
		m := form.FindStringSubmatch(rest)
		if m == nil {
			continue
		}
		group := func(name string) string {
			if i := form.SubexpIndex(name); i >= 0 {
				return m[i]
			}
			return ""
		}
		return c.relayOf(v, group("ip"), group("rdns"), group("helo"), group("ident"))
	}
	return relay{}, false
}

func (c *patterns) relayOf(v, ip, rdns, helo, ident string) (relay, bool) {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return relay{}, false
	}
	if rdns == "unknown" {
		rdns = ""
	}
	out := []string{ip, strings.ToLower(rdns), strings.ToLower(helo)}
	if m := c.by.FindStringSubmatch(v); m != nil {
		out = append(out, strings.ToLower(m[1]))
	}
	out = append(out, ident)
	if m := c.number.FindStringSubmatch(v); m != nil {
		out = append(out, m[1])
	}
	auth := c.auth.FindStringSubmatch(v)
	if auth != nil {
		out = append(out, auth[1])
	}
	return relay{strings.Join(out, " "), auth != nil || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()}, true
}

// relays gives what SpamAssassin notes of the hosts on the way. Which of them it trusts depends on its config, which is not known here: those in
// front with private addresses count as trusted, as they do without a config.
func (t *Tokenizer) relays(received []string, add func(string)) {
	ours := true
	for _, v := range received[:min(len(received), maxRelays)] {
		r, ok := t.patterns.relay(v)
		if !ok {
			continue
		}
		names := [2]string{"*RU", "x-spam-relays-external"}
		if ours = ours && r.private; ours {
			names = [2]string{"*RT", "x-spam-relays-internal"}
		}
		for _, name := range names {
			t.line(r.words, "H"+name+":", inHeader, add)
		}
	}
}

// cutFold takes prefix off, in upper or lower case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
