// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// world is what the name server knows when it is well: lists in order that do not have the client, and a domain that may send from there.
func world(t *testing.T) dnstest.Handler {
	t.Helper()
	return dnstest.Zones(t,
		"2.0.0.127.bl.example.org. 60 IN A 127.0.0.2", "1.2.0.192.bl.example.org. 60 IN A 127.0.0.2",
		"test.example.com.uri.example.org. 60 IN A 127.0.0.2",
		`quarantine.example.com. 60 IN TXT "v=spf1 ip4:192.0.2.9 -all"`, `_dmarc.quarantine.example.com. 60 IN TXT "v=DMARC1; p=quarantine"`)
}

// askers is a chain of all filters that ask the DNS, each with a deadline of its own; uribl has three times its timeout for all questions.
const askers = `%schain:
  - - dnsbl: {zones: {bl.example.org: {score: 6}}, timeout: 1s, require: %d}
    - uribl: {zones: {uri.example.org: {score: 6, test_entry: test.example.com}}, timeout: 400ms, require: %[2]d}
    - auth: {timeout: 1s}
policies: [{name: default, do: {%s}}]
`

// askersDeadline is what no message may wait longer for.
const askersDeadline = 1200 * time.Millisecond

// asking is a letter that all askers have questions about.
func asking(client string) letter {
	l := from(client, "quarantine")
	l.text += "Go to http://shop.example.com/now\r\n"
	return l
}

// broken are the ways in which a name server can fail.
func broken(t *testing.T) map[string]dnstest.Handler {
	t.Helper()
	well := world(t)
	return map[string]dnstest.Handler{
		"silent":    dnstest.Silent,
		"SERVFAIL":  dnstest.Says(t, dns.RcodeServerFailure),
		"refuses":   dnstest.Says(t, dns.RcodeRefused),
		"late":      late(well),
		"nonsense":  nonsense,
		"elsewhere": elsewhere,
	}
}

// late answers rightly, when nobody waits any more.
func late(well dnstest.Handler) dnstest.Handler {
	return func(w dns.ResponseWriter, m *dns.Msg) {
		<-time.After(2 * askersDeadline)
		well(w, m)
	}
}

// nonsense answers with octets that are no message: first with the right ID, then with none.
func nonsense(w dns.ResponseWriter, m *dns.Msg) {
	_, _ = w.Write([]byte{byte(m.Id >> 8), byte(m.Id), 0x81, 0x80, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xc0, 0x0c})
	_, _ = w.Write([]byte(strings.Repeat("x", 500)))
}

// elsewhere answers another question than it was asked.
func elsewhere(w dns.ResponseWriter, m *dns.Msg) {
	r := new(dns.Msg).SetReply(m)
	r.Question[0].Name = "elsewhere.example."
	r.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: "elsewhere.example.", Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: []byte{127, 0, 0, 2}}}
	_ = w.WriteMsg(r)
}

// With the options as they are, a name server that fails costs the points of what it would have told, and no more: mail flows. It is said in the findings,
// the metrics and the log.
func TestNameServerBroken(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, postconf.AfterQueueLMTP, "")
	check := func(t *testing.T, addr fmt.Stringer) {
		t.Helper()
		since := len(r.Weir.Log())
		configure(ctx, t, r, fmt.Sprintf(askers, names(addr), 0, ""))
		m := deliver(ctx, t, r, asking(bad))
		found(t, m, "dnsbl.no_answer", "uribl.no_answer", "auth.temperror", "-dnsbl.listed", "-auth.dmarc_quarantine", "-failure.dnsbl", "-failure.auth")
		if got := result(t, m); !strings.Contains(got, "; score=0;") {
			t.Errorf("got %s, want no points for what nobody knows", got)
		}
		inTime(t, r, since, askersDeadline)
		if n := metric(ctx, t, r, `mailweir_dnsbl_answers_total{list="bl.example.org",result="no_answer"}`); n != 1 {
			t.Errorf("the metrics tell of %v questions to the list without an answer, want 1", n)
		}
		if n := metric(ctx, t, r, fmt.Sprintf(`mailweir_dns_queries_total{result="temporary",server="%s"}`, addr)); n == 0 {
			t.Error("the metrics do not tell that the name server fails")
		}
	}
	t.Run("dead", func(t *testing.T) { check(t, dnstest.Dead(t).Addr) })
	for name, h := range broken(t) {
		t.Run(name, func(t *testing.T) { check(t, dnstest.Serve(t, h).Addr) })
	}
}

// Who asks for answers gets them, or the mail waits: with require, and with auth.temperror put off. When the server is well again the mail comes by itself.
func TestNameServerBrokenAndRequired(t *testing.T) {
	t.Parallel() // It waits more than it works.
	test := func(t *testing.T, way postconf.Mode, cases map[string]dnstest.Handler) {
		ctx := need(t)
		r := start(ctx, t, way, "")
		for name, h := range cases {
			t.Run(name, func(t *testing.T) {
				s, since := dnstest.Serve(t, h), len(r.Weir.Log())
				configure(ctx, t, r, fmt.Sprintf(askers, names(s.Addr), 1, "auth.temperror: [defer]"))
				wait(ctx, t, r, way, asking(stranger))
				logged(t, r, since, "msg=message", "fate=defer", "failure.dnsbl", "failure.uribl", "auth.temperror", `reply="451 4.`)
				s.Become(world(t))
				comesBack(ctx, t, r, way, asking(stranger))
				inTime(t, r, since, askersDeadline)
			})
		}
	}
	t.Run("after the queue", func(t *testing.T) { test(t, postconf.AfterQueueSMTP, broken(t)) })
	t.Run("before the queue", func(t *testing.T) {
		test(t, postconf.BeforeQueue, map[string]dnstest.Handler{"silent": dnstest.Silent, "SERVFAIL": dnstest.Says(t, dns.RcodeServerFailure)})
	})
}

// comesBack wants a letter that waits to be delivered by itself: by Postfix's own queue, or by a client that tries again and again.
func comesBack(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, l letter) {
	t.Helper()
	comes(ctx, t, r, way, l)
	found(t, only(t, r), "-dnsbl.no_answer", "-uribl.no_answer", "-auth.temperror", "-dnsbl.listed")
}

// A server that answers a question when it is asked again, or one of two that answers, is as good as one that is well.
func TestNameServerFlapping(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, postconf.AfterQueueLMTP, "")
	well := world(t)
	t.Run("every other time", func(t *testing.T) {
		var asked sync.Map // What was asked once, and not yet answered.
		s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
			q := m.Question[0]
			q.Name = strings.ToLower(q.Name)
			if _, again := asked.LoadAndDelete(q); again {
				well(w, m)
				return
			}
			asked.Store(q, true)
		})
		configure(ctx, t, r, fmt.Sprintf(askers, patient(s.Addr), 1, "auth.temperror: [defer]"))
		for range 5 {
			r.Sink.Reset()
			postOK(t, r, asking(stranger))
			comes(ctx, t, r, postconf.AfterQueueLMTP, letter{}) // What has no answer in time waits.
			found(t, only(t, r), "-dnsbl.no_answer", "-uribl.no_answer", "-auth.temperror")
		}
	})
	t.Run("one of two servers is dead", func(t *testing.T) {
		dead, s := dnstest.Dead(t), dnstest.Serve(t, well)
		configure(ctx, t, r, fmt.Sprintf(askers, names(dead.Addr, s.Addr), 1, "auth.temperror: [defer]"))
		found(t, deliver(ctx, t, r, asking(bad)), "-dnsbl.no_answer", "-uribl.no_answer", "-auth.temperror", "dnsbl.listed", "auth.dmarc_quarantine")
		if up := metric(ctx, t, r, fmt.Sprintf(`mailweir_dns_server_up{server="%s"}`, dead.Addr)); up != 0 {
			t.Errorf("the metrics have the dead server up: %v", up)
		}
		logged(t, r, 0, "name server does not answer, left out for a while", dead.Addr.String())
	})
}

// patient is names with room for a second try within a list's timeout.
func patient(servers ...fmt.Stringer) string {
	return strings.Replace(names(servers...), "timeout: 300ms", "timeout: 100ms", 1)
}
