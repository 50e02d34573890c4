// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// zones are those of a list server, in the form of rbldnsd's files, each with the test entry of RFC 5782.
var zones = map[string]string{
	"bl.example.org:ip4set":   "127.0.0.2\n192.0.2.1 :127.0.0.2:listed\n",
	"bl.example.org:ip6trie":  ":127.0.0.2:listed\n2001:db8::1/128\n",
	"two.example.org:ip4set":  "127.0.0.2\n192.0.2.1 :127.0.0.4:listed\n192.0.2.2 :127.0.0.10:listed\n",
	"good.example.org:ip4set": "127.0.0.2\n192.0.2.3\n",
}

// tap is a name server that asks another one and remembers what it was asked: rbldnsd does not tell.
func tap(t *testing.T, behind *dnstest.Server) *dnstest.Server {
	t.Helper()
	return dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		answer, err := dns.Exchange(m, behind.Addr.String())
		if err != nil {
			answer = new(dns.Msg).SetRcode(m, dns.RcodeServerFailure)
		}
		answer.RecursionAvailable = true // rbldnsd is no recursive server; what stands before it on a real host is.
		_ = w.WriteMsg(answer)
	})
}

// news are the questions of a server since the last call.
func news(s *dnstest.Server, seen *int) []string {
	all := s.Questions()
	list := all[*seen:]
	*seen = len(all)
	slices.Sort(list)
	return list
}

// scanner is a clamd that finds nothing, and knows how often it was asked.
func scanner(t *testing.T) *fake.Server {
	t.Helper()
	return fake.Listen(t, fake.Say("stream: OK\x00"))
}

// stopped is a chain with a list whose word is law, in front of a scanner.
const stopped = `%sstop_early: true
scanners: {it: {clamd: {address: '%s'}}}
chain:
  - - dnsbl: {zones: {bl.example.org: {conclusive: true, score: 6}}}
  - - virus: {scanners: [it]}
policies: [{name: default, do: {listed: [reject]}}]
`

// The two questions by which the filter finds out that a list is one (RFC 5782 section 5), which it asks beside the first question of all and once a
// minute before it believes a listing.
var selfTest = []string{"1.0.0.127.bl.example.org A", "2.0.0.127.bl.example.org A"}

// A listed client is stopped with one look-up for its address, and no scanner is asked.
func TestListedClientIsStopped(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		list, clamd := tap(t, dnstest.RBLDNSD(t, zones)), scanner(t)
		r := start(ctx, t, way, fmt.Sprintf(stopped, names(list.Addr), clamd.Addr()))
		scans := func() float64 {
			return metric(ctx, t, r, `mailweir_scanner_scans_total{scanner="it",verdict="clean"}`)
		}
		seen := 0

		// The first of all costs its own look-up and the self test of the list.
		refuse(ctx, t, r, way, letter{client: bad})
		want := []string{selfTest[0], "1.2.0.192.bl.example.org A", selfTest[1]}
		if diff := cmp.Diff(want, news(list, &seen)); diff != "" {
			t.Errorf("questions about the first message (-want +got):\n%s", diff)
		}
		if n, asked := scans(), clamd.Accepted(); n != 0 || asked != 0 {
			t.Errorf("the scanner was asked %v times, want never; %d connections", n, asked)
		}
		// Nobody else is stopped, and he is asked about just once. The scanner is asked.
		found(t, deliver(ctx, t, r, letter{client: stranger}), "-dnsbl.conclusive", "-dnsbl.no_answer")
		if diff := cmp.Diff([]string{"9.2.0.192.bl.example.org A"}, news(list, &seen)); diff != "" {
			t.Errorf("questions about who is not listed (-want +got):\n%s", diff)
		}
		before := scans() // The message as it is, and what is in it.
		if before == 0 {
			t.Error("the scanner was not asked about who is not listed")
		}
		// Another listed client, of IPv6: one look-up.
		refuse(ctx, t, r, way, letter{client: bad6})
		want = []string{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example.org A"}
		if diff := cmp.Diff(want, news(list, &seen)); diff != "" {
			t.Errorf("questions about a listed IPv6 address (-want +got):\n%s", diff)
		}
		// The first one again: the answer is in the cache.
		refuse(ctx, t, r, way, letter{client: bad})
		if got := news(list, &seen); len(got) > 0 {
			t.Errorf("asked again: %q", got)
		}
		if n := scans(); n != before {
			t.Errorf("the scanner was asked %v times, want %v", n, before)
		}
		listedMetrics(ctx, t, r)
	})
}

// listedMetrics wants the metrics to tell what happened in TestListedClientIsStopped.
func listedMetrics(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	all := metrics(ctx, t, r)
	for name, want := range map[string]float64{
		`mailweir_dnsbl_answers_total{list="bl.example.org",result="listed"}`:     3,
		`mailweir_dnsbl_answers_total{list="bl.example.org",result="not_listed"}`: 1,
		`mailweir_dnsbl_answers_total{list="bl.example.org",result="no_answer"}`:  0,
		`mailweir_dnsbl_list_up{list="bl.example.org"}`:                           1,
		`mailweir_gateway_recipients_total{fate="reject",listener="rig"}`:         3,
		`mailweir_gateway_recipients_total{fate="deliver",listener="rig"}`:        1,
	} {
		if got, ok := all[name]; !ok || got != want {
			t.Errorf("%s: got %v (%t), want %v", name, got, ok, want)
		}
	}
	logged(t, r, 0, "msg=message", "client="+bad, "fate=reject", "code=dnsbl.conclusive", `reply="554 5.7.1`)
	logged(t, r, 0, "msg=message", "client=\"2001:db8::1\"", "fate=reject")
}

// Our own people are asked about nowhere, whatever way they are known by.
func TestOwnPeopleAreNotAskedAbout(t *testing.T) {
	ctx := need(t)
	list, clamd := dnstest.Serve(t, dnstest.Silent), scanner(t)
	extra := fmt.Sprintf(stopped, names(list.Addr), clamd.Addr())
	r := start(ctx, t, postconf.AfterQueueLMTP, extra)
	deliver(ctx, t, r, letter{client: home})
	scans := clamd.Accepted()
	configure(ctx, t, r, extra+"networks: {trusted: [192.0.2.0/24]}\n")
	deliver(ctx, t, r, letter{client: bad})
	if q := list.Questions(); len(q) > 0 {
		t.Errorf("asked: %q", q)
	}
	if n := clamd.Accepted(); scans == 0 || n != 2*scans {
		t.Errorf("the scanner was asked %d and then %d times, want it for both messages: it is not about spam", scans, n-scans)
	}
}

// Points of several lists, by code, with a list of the good; through a real recursive name server.
func TestListsGivePoints(t *testing.T) {
	ctx := need(t)
	lists := dnstest.RBLDNSD(t, zones)
	s := dnstest.Unbound(t, map[string]*dnstest.Server{"bl.example.org": lists, "two.example.org": lists, "good.example.org": lists})
	r := start(ctx, t, postconf.AfterQueueSMTP, names(s.Addr)+`chain:
  - - dnsbl:
        threshold: 2
        zones:
          bl.example.org: {score: 2}
          two.example.org: {codes: {127.0.0.4: 1.5, 127.0.0.8-127.0.0.15: 6}}
          good.example.org: {allow: true, score: -3}
policies: [{name: default, do: {dnsbl.threshold: [{header: "X-Lists: two"}]}}]
`)
	for _, c := range []struct {
		client, score string
		codes         []string
		tagged        bool
	}{
		{bad, "3.5", []string{"dnsbl.listed", "dnsbl.threshold"}, false},
		{"192.0.2.2", "6", []string{"dnsbl.listed", "-dnsbl.threshold"}, true},
		{"192.0.2.3", "-3", []string{"dnsbl.allowed", "-dnsbl.listed"}, false},
		{bad6, "2", []string{"dnsbl.listed", "-dnsbl.threshold"}, false},
		{stranger, "0", []string{"-dnsbl.listed", "-dnsbl.no_answer"}, false},
	} {
		t.Run(c.client, func(t *testing.T) {
			m := deliver(ctx, t, r, letter{client: c.client})
			found(t, m, c.codes...)
			if got := result(t, m); !strings.Contains(got, "; score="+c.score+";") {
				t.Errorf("got %s, want a score of %s", got, c.score)
			}
			tagged(t, m, c.tagged)
			if has := m.Field("X-Lists") != ""; has != slices.Contains(c.codes, "dnsbl.threshold") {
				t.Errorf("X-Lists is there: %t", has)
			}
		})
	}
}

// tagged wants the marks of spam on a message, or none.
func tagged(t *testing.T, m *sink.Message, want bool) {
	t.Helper()
	subject, flag := m.Field("Subject"), m.Field("X-Spam-Flag")
	if got := subject != "test"; got != want || want && !strings.HasPrefix(subject, "[SPAM]") {
		t.Errorf("Subject: %s, want it tagged: %t", subject, want)
	}
	if got := flag == "YES"; got != want {
		t.Errorf("X-Spam-Flag: %q, want YES: %t", flag, want)
	}
}
