// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// MX is a mail exchanger (RFC 5321 section 5.1). A host of "." says that the domain takes no mail (RFC 7505).
type MX struct {
	Preference uint16
	Host       string // Lower case, no full stop at its end.
}

var (
	errLame    = errors.New("the server refers to others and does not ask them")
	errChain   = errors.New("the chain of CNAME records is endless or does not end in the answer")
	errRecords = fmt.Errorf("more than %d records", maxRecords)
)

// rcodeError is a reply code that is no answer.
type rcodeError int

func (e rcodeError) Error() string {
	if s, ok := dns.RcodeToString[int(e)]; ok {
		return s
	}
	return fmt.Sprintf("reply code %d", int(e))
}

// verdict is what a reply says about a question.
type verdict struct {
	kind   error // Nil, ErrNoName, ErrNoData, ErrTemporary or ErrLimit.
	cause  error
	values any
	size   int64
	ttl    time.Duration // 0 is not to be kept.
}

// judge reads a reply to the question. Only what the chain of CNAME records from the question's name leads to counts: other records are
// what nobody asked for (RFC 5452 section 6).
func judge(msg *dns.Msg, q question) verdict {
	switch {
	case msg.Rcode != dns.RcodeSuccess && msg.Rcode != dns.RcodeNameError:
		return verdict{kind: ErrTemporary, cause: rcodeError(msg.Rcode)}
	case len(msg.Answer) > maxRecords:
		return verdict{kind: ErrLimit, cause: errRecords}
	}
	name, ttl, ok := follow(msg.Answer, canonical(msg.Question[0].Name), q.qtype)
	if !ok {
		return verdict{kind: ErrTemporary, cause: errChain}
	}
	v := collect(msg.Answer, name, q.qtype, ttl)
	if v.values != nil {
		return v
	}
	negative, hasSOA := negativeTTL(msg.Ns)
	if msg.Rcode == dns.RcodeNameError {
		return verdict{kind: ErrNoName, ttl: min(ttl, negative)}
	}
	if !hasSOA && !msg.Authoritative && isReferral(msg) {
		return verdict{kind: ErrTemporary, cause: errLame}
	}
	if !hasSOA && ttl != maxChainTTL {
		// A server that looks up names for others would have gone on behind the CNAME.
		return verdict{kind: ErrTemporary, cause: errChain}
	}
	return verdict{kind: ErrNoData, ttl: min(ttl, negative)}
}

// maxChainTTL is the TTL of a chain without records: any other is smaller (RFC 2181 section 8).
const maxChainTTL = time.Duration(1<<31) * time.Second

// follow goes along the CNAME records from a name, and tells where they end and the least TTL of them. ok is false if there are too many.
func follow(answer []dns.RR, from string, qtype uint16) (name string, ttl time.Duration, ok bool) {
	name, ttl = from, maxChainTTL
	for range maxChain + 1 {
		next := ""
		for _, rr := range answer {
			h := rr.Header()
			if h.Class != dns.ClassINET || canonical(h.Name) != name {
				continue
			}
			if h.Rrtype == qtype {
				return name, ttl, true
			}
			if c, isCNAME := rr.(*dns.CNAME); isCNAME && next == "" {
				next, ttl = canonical(c.Target), min(ttl, ttlOf(h))
			}
		}
		if next == "" {
			return name, ttl, true
		}
		name = next
	}
	return "", 0, false
}

// collect gathers the records of a name.
func collect(answer []dns.RR, name string, qtype uint16, ttl time.Duration) verdict {
	var addrs []netip.Addr
	var words []string
	var mxs []MX
	v := verdict{}
	for _, rr := range answer {
		h := rr.Header()
		if h.Rrtype != qtype || h.Class != dns.ClassINET || canonical(h.Name) != name {
			continue
		}
		ttl = min(ttl, ttlOf(h))
		switch rr := rr.(type) {
		case *dns.A:
			addrs = appendAddr(addrs, rr.A)
		case *dns.AAAA:
			addrs = appendAddr(addrs, rr.AAAA)
		case *dns.TXT:
			words = append(words, unescape(strings.Join(rr.Txt, "")))
		case *dns.PTR:
			words = appendHost(words, rr.Ptr)
		case *dns.MX:
			if host, ok := hostOf(rr.Mx); ok {
				mxs = append(mxs, MX{rr.Preference, host})
			}
		}
	}
	switch {
	case len(addrs) > 0:
		v = verdict{values: addrs, size: int64(len(addrs)) * 24}
	case len(words) > 0:
		v = verdict{values: words, size: sizeOf(words)}
	case len(mxs) > 0:
		v = verdict{values: mxs, size: 24 * int64(len(mxs))}
		for _, m := range mxs {
			v.size += int64(len(m.Host))
		}
	}
	v.ttl = ttl
	return v
}

func sizeOf(words []string) int64 {
	n := 16 * int64(len(words))
	for _, w := range words {
		n += int64(len(w))
	}
	return n
}

func appendAddr(all []netip.Addr, ip []byte) []netip.Addr {
	if a, ok := netip.AddrFromSlice(ip); ok {
		return append(all, a.Unmap())
	}
	return all
}

func appendHost(all []string, name string) []string {
	if host, ok := hostOf(name); ok && host != "." {
		return append(all, host)
	}
	return all
}

// hostOf is a name out of a record, "." for the root. ok is false for what is no name that can be looked up.
func hostOf(name string) (string, bool) {
	if name == "." {
		return ".", true
	}
	return canonicalName(name)
}

// canonical is a name of a message, in the form in which the library gives it, for comparing.
func canonical(name string) string { return strings.ToLower(name) }

// ttlOf is the TTL of a record. One with the highest bit set counts as 0 (RFC 2181 section 8).
func ttlOf(h *dns.RR_Header) time.Duration {
	if h.Ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(h.Ttl) * time.Second
}

// negativeTTL is how long it may be kept that there is nothing: the lesser of the SOA record's TTL and its MINIMUM field (RFC 2308 section 5). Without an
// SOA record it is not to be kept.
func negativeTTL(authority []dns.RR) (ttl time.Duration, hasSOA bool) {
	for _, rr := range authority {
		if soa, ok := rr.(*dns.SOA); ok {
			return min(ttlOf(&soa.Hdr), time.Duration(soa.Minttl)*time.Second), true
		}
	}
	return 0, false
}

// isReferral tells if a reply only names other servers (RFC 2308 section 2.2.1).
func isReferral(msg *dns.Msg) bool {
	for _, rr := range msg.Ns {
		if rr.Header().Rrtype == dns.TypeNS {
			return !msg.RecursionAvailable
		}
	}
	return false
}

// unescape takes the escapes out of a text as the library gives it: \" and \\ and \DDD (RFC 1035 section 5.1).
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]) {
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+s[i+3]-'0')
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
