// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"net/netip"
	"strings"
)

// clientAddr is the address in what stands between "from" and "by". What the server saw stands in a comment: (name [192.0.2.1]) as Postfix, Sendmail
// and Exim write it, (192.0.2.1) as qmail and Exchange do. What the client said of itself stands in front of it, or is marked HELO or helo=, and does
// not count. But if Exim and CommuniGate have no name for the address they write the address itself in front, and what the client said, if anything,
// behind it; GMX writes it last.
func clientAddr(from string) netip.Addr {
	rest, comments := splitComments(from)
	for _, c := range comments {
		if a := bracketed(c); a.IsValid() {
			return a
		}
	}
	for _, c := range comments {
		if a := bare(c); a.IsValid() {
			return a
		}
	}
	if len(comments) > 0 {
		if c := lower(comments[0]); !strings.Contains(c, "helo") && !strings.Contains(c, "ehlo") {
			return netip.Addr{} // What is in front is what the client said of itself.
		}
	}
	return bracketed(rest)
}

// splitComments takes the comments of the outermost level out of s.
func splitComments(s string) (rest string, comments []string) {
	var b strings.Builder
	depth, start := 0, 0
	for i := range len(s) {
		switch {
		case s[i] == '(':
			if depth == 0 {
				start = i + 1
			}
			depth++
		case s[i] == ')' && depth > 0:
			if depth--; depth == 0 {
				comments = append(comments, s[start:i])
			}
		case depth == 0:
			b.WriteByte(s[i])
		}
	}
	return b.String(), comments
}

// bracketed is the first address in square brackets that is not what the client said of itself.
func bracketed(s string) netip.Addr {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '[')
		if i < 0 {
			return netip.Addr{}
		}
		i += at
		n := strings.IndexByte(s[i:], ']')
		if n < 0 {
			return netip.Addr{}
		}
		if a := parseAddr(s[i+1 : i+n]); a.IsValid() && !claimed(s[:i]) {
			return a
		}
		at = i + n + 1
	}
}

// bare is the first word of a comment that is an address and not what the client said of itself.
func bare(s string) netip.Addr {
	before := ""
	for w := range strings.FieldsSeq(s) {
		if a := parseAddr(strings.Trim(w, ",;")); a.IsValid() && !claimed(before) {
			return a
		}
		before = w + " "
	}
	return netip.Addr{}
}

// claimed tells if what follows is what the client said of itself: HELO or helo= stands before it, or before the word that it is in.
func claimed(before string) bool {
	before = lower(before)
	at := strings.LastIndexAny(before, " \t") + 1
	if word := before[at:]; strings.HasPrefix(word, "helo=") || strings.HasPrefix(word, "ehlo=") {
		return true
	}
	before = strings.TrimRight(before[:at], " \t")
	word := before[strings.LastIndexAny(before, " \t")+1:]
	return word == "helo" || word == "ehlo" || word == "helo=" || word == "ehlo="
}

// parseAddr reads an address of RFC 5321 section 4.1.3, or one as people write them.
func parseAddr(s string) netip.Addr {
	if len(s) > 5 && strings.EqualFold(s[:5], "ipv6:") {
		s = s[5:]
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
