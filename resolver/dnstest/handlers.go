// SPDX-License-Identifier: Apache-2.0

package dnstest

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// Says answers every question with the same records, in the form of a zone file.
func Says(t testing.TB, rcode int, answer ...string) Handler {
	t.Helper()
	records := Records(t, answer...)
	return func(w dns.ResponseWriter, m *dns.Msg) { Reply(w, m, rcode, records, nil) }
}

// Nothing answers every question with a reply code and an SOA record.
func Nothing(t testing.TB, rcode int, soa string) Handler {
	t.Helper()
	authority := Records(t, soa)
	return func(w dns.ResponseWriter, m *dns.Msg) { Reply(w, m, rcode, nil, authority) }
}

// Silent never answers.
func Silent(dns.ResponseWriter, *dns.Msg) {}

// Zones answers from records in the form of a zone file, as a recursive server does: it follows CNAME records, and what is not there is no
// such name.
func Zones(t testing.TB, records ...string) Handler {
	t.Helper()
	table := map[string][]dns.RR{}
	for _, rr := range Records(t, records...) {
		name := strings.ToLower(rr.Header().Name)
		table[name] = append(table[name], rr)
	}
	soa := Records(t, ". 300 IN SOA ns.test. root.test. 1 2 3 4 60")
	return func(w dns.ResponseWriter, m *dns.Msg) {
		name, qtype := strings.ToLower(m.Question[0].Name), m.Question[0].Qtype
		var answer []dns.RR
		found := false
		for range 10 {
			next := ""
			for _, rr := range table[name] {
				c, isCNAME := rr.(*dns.CNAME)
				if rr.Header().Rrtype == qtype || isCNAME {
					answer, found = append(answer, rr), found || !isCNAME
				}
				if isCNAME {
					next = strings.ToLower(c.Target)
				}
			}
			if next == "" || found {
				break
			}
			name = next
		}
		switch {
		case found:
			Reply(w, m, dns.RcodeSuccess, answer, nil)
		case len(table[name]) > 0:
			Reply(w, m, dns.RcodeSuccess, answer, soa)
		default:
			Reply(w, m, dns.RcodeNameError, answer, soa)
		}
	}
}

// Reply answers as a recursive server.
func Reply(w dns.ResponseWriter, m *dns.Msg, rcode int, answer, authority []dns.RR) {
	r := new(dns.Msg).SetRcode(m, rcode)
	r.RecursionAvailable = true
	r.Answer, r.Ns = answer, authority
	_ = w.WriteMsg(r) // Whoever asked may have gone.
}

// Records reads records in the form of a zone file.
func Records(t testing.TB, lines ...string) []dns.RR {
	t.Helper()
	var all []dns.RR
	for _, s := range lines {
		rr, err := dns.NewRR(s)
		if err != nil || rr == nil {
			t.Fatalf("record %q: %v", s, err)
		}
		all = append(all, rr)
	}
	return all
}
