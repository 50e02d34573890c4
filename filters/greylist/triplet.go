// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/author"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/seen"
)

// triplets are what a message is known by, but for the recipient.
type triplets struct {
	origins []string // Where it comes from: a network, and then a domain if SPF has passed for it.
	sender  string   // In the form that is compared.
	group   uint8    // Of the wide network that it comes from.
}

// tripletsOf gives what the message is known by. ok is false if it is not to wait at all: nobody knows where it comes from, or it is from one of us.
func (f *filter) tripletsOf(env *mail.Envelope, msg *mail.Message) (t *triplets, ok bool) {
	ip := env.Client.IP().WithZone("")
	if !ip.IsValid() || ip.IsLoopback() || env.Client.Local() ||
		slices.ContainsFunc(f.trusted, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return nil, false
	}
	t = &triplets{origins: []string{network(ip, bits4, bits6)}, sender: senderOf(env, msg), group: f.secret.Group(network(ip, wideBits4, wideBits6))}
	// Great providers come again from another address. SPF, if somebody has asked for it by now, tells that it is still them.
	if r, known := check.Known(msg); known && !env.MailFrom.IsNull() && r.MailFrom.Result == authn.Pass {
		t.origins = append(t.origins, r.MailFrom.Domain)
	}
	return t, true
}

// Networks whose addresses are one client: providers give out no less to one customer, and farms of servers stand in one.
const (
	bits4 = 24
	bits6 = 64
)

// Wide networks, each of which has a share of the room there is: nobody has many of them. Whoever has one has 256 networks of clients, or 4 billion
// with IPv6; if each of those had a share he could fill all of the room, and push out what is known of others.
const (
	wideBits4 = 16
	wideBits6 = 32
)

func network(ip netip.Addr, ipv4, ipv6 int) string {
	bits := ipv6
	if ip.Is4() {
		bits = ipv4
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// keys are those of one recipient, one for each origin.
func (t *triplets) keys(s *seen.Secret, rcpt mail.Path) []seen.Key {
	keys := make([]seen.Key, len(t.origins))
	for i, o := range t.origins {
		keys[i] = s.Key("triplet", o, t.sender, strings.ToLower(rcpt.Address))
	}
	return keys
}

// senderOf is the sender in the form that is compared: that of the reverse-path, or the author of a notification, which has none.
func senderOf(env *mail.Envelope, msg *mail.Message) string {
	if !env.MailFrom.IsNull() {
		return normal(env.MailFrom.Address)
	}
	if a := author.Read(msg.Header().Bodies("From")); len(a.Addresses) > 0 {
		return "<>" + normal(a.Addresses[0])
	}
	return "<>"
}

// maxAddress bounds the octets of an address that are compared (RFC 5321 section 4.5.3.1: 64 and 255, and room for what should not be).
const maxAddress = 512

// normal is an address without what changes from one message to the next: the tag behind a plus, numbers, and words in the local-part that look as if a
// program had made them up, as those of VERP, BATV and SRS do.
func normal(address string) string {
	address = strings.ToLower(address[:min(len(address), maxAddress)])
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		i = len(address)
	}
	local, domain := unsigned(strings.Trim(address[:i], `"`)), address[i:]
	if before, _, ok := strings.Cut(local, "+"); ok && before != "" {
		local = before
	}
	var b strings.Builder
	word := 0 // Where the word begins that is being read.
	for n := range len(local) + 1 {
		if n < len(local) && isAlnum(local[n]) {
			continue
		}
		if madeUp(local[word:n]) {
			b.WriteByte('#')
		} else {
			b.WriteString(local[word:n])
		}
		if n < len(local) {
			b.WriteByte(local[n])
		}
		word = n + 1
	}
	return b.String() + domain
}

// unsigned is a local-part that SRS has written, without the hashes and days, which are others on the next day: SRS0=hash=day=domain=local,
// SRS1=hash=host==hash=day=domain=local, where the first separator may be a plus or a minus too. Others stay as they are.
func unsigned(local string) string {
	const prefix = len("srs0=")
	if len(local) < prefix || strings.IndexByte("=+-", local[prefix-1]) < 0 {
		return local
	}
	begin, rest := local[:prefix-1]+"=", local[prefix:]
	switch begin {
	case "srs0=":
	case "srs1=":
		parts := strings.SplitN(rest, "=", 3)
		if len(parts) < 3 || parts[2] == "" {
			return local
		}
		begin, rest = begin+parts[1]+"=", parts[2][1:] // Behind the separator of the SRS0 address.
	default:
		return local
	}
	parts := strings.SplitN(rest, "=", 3)
	if len(parts) < 3 {
		return local
	}
	return begin + parts[2]
}

func isAlnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 }

// madeUp tells if a word is a number, or longer than names of people are and with a digit in it, or longer than any name.
func madeUp(word string) bool {
	const name, long = 5, 24
	digits := 0
	for i := range len(word) {
		if word[i] >= '0' && word[i] <= '9' {
			digits++
		}
	}
	return word != "" && digits == len(word) || digits > 0 && len(word) >= name || len(word) >= long
}
