// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// two is a name server for two lists: bl.example.org answers as it is told, two.example.org is in order and has the client bad.
func two(t *testing.T, list dnstest.Handler) *dnstest.Server {
	t.Helper()
	well := dnstest.Zones(t, "2.0.0.127.two.example.org. 60 IN A 127.0.0.2", "1.2.0.192.two.example.org. 60 IN A 127.0.0.2")
	return dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if len(m.Question) == 1 && strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".bl.example.org.") {
			list(w, m)
			return
		}
		well(w, m)
	})
}

// all has every name at one address.
func all(t *testing.T, address string) dnstest.Handler {
	t.Helper()
	return func(w dns.ResponseWriter, m *dns.Msg) {
		dnstest.Reply(w, m, dns.RcodeSuccess, dnstest.Records(t, m.Question[0].Name+" 60 IN A "+address), nil)
	}
}

// twoLists is a chain with the list that answers as it is told, whose word is law, and one in order.
const twoLists = `%schain:
  - - dnsbl:
        timeout: 1s
        require: %d
        zones: {bl.example.org: {score: 6, conclusive: true}, two.example.org: {score: 2}}
policies: [{name: default, do: {listed: [reject]}}]
`

// A list that has everybody, that does not answer our name server, that is gone or sold: nobody is rejected for it, the other list counts, and it is said.
func TestListLies(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, postconf.AfterQueueSMTP, "")
	in := dnstest.Zones(t, "2.0.0.127.bl.example.org. 60 IN A 127.0.0.2")
	for _, c := range []struct {
		name, why string
		list      dnstest.Handler
	}{
		{"has everybody", "the list has what must not be listed, or all", all(t, "127.0.0.2")},
		{"has blocked us", "the list does not answer our name server", all(t, "127.255.255.254")},
		{"has blocked us with 127.0.0.1", "the list does not answer our name server", all(t, "127.0.0.1")},
		{"is gone", "the list does not have its test entry, it may be dead", dnstest.Says(t, dns.RcodeNameError)},
		{"is sold", "the answer is outside of 127.0.0.0/8, the list may be gone", all(t, "203.0.113.80")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, since := two(t, c.list), len(r.Weir.Log())
			configure(ctx, t, r, fmt.Sprintf(twoLists, names(s.Addr), 0))
			m := deliver(ctx, t, r, letter{client: bad})
			found(t, m, "dnsbl.no_answer", "dnsbl.listed", "-dnsbl.conclusive")
			if got := result(t, m); !strings.Contains(got, "; score=2;") {
				t.Errorf("got %s, want the points of the list that is in order", got)
			}
			if up := metric(ctx, t, r, `mailweir_dnsbl_list_up{list="bl.example.org"}`); up != 0 {
				t.Error("the metrics have it in use")
			}
			logged(t, r, since, "DNS list switched off for a while", "bl.example.org", c.why)

			// It is asked nothing any more, and nobody waits for it.
			asked := s.Asked()
			found(t, deliver(ctx, t, r, letter{client: stranger}), "dnsbl.no_answer", "-dnsbl.listed", "-dnsbl.conclusive")
			if n := s.Asked() - asked; n != 1 {
				t.Errorf("%d questions, want one to the other list: %q", n, s.Questions()[asked:])
			}

			// Whoever requires both makes the mail wait. An operator who has seen to it that the list is well again need not wait until it is tried by itself.
			configure(ctx, t, r, fmt.Sprintf(twoLists, names(s.Addr), 2))
			wait(ctx, t, r, postconf.AfterQueueSMTP, letter{client: stranger})
			logged(t, r, since, "msg=message", "fate=defer", "failure.dnsbl")
			well := two(t, in)
			configure(ctx, t, r, fmt.Sprintf(twoLists, names(well.Addr), 2))
			found(t, again(ctx, t, r, postconf.AfterQueueSMTP, letter{client: stranger}), "-dnsbl.no_answer", "-failure.dnsbl")
			inTime(t, r, since, time.Second)
		})
	}
}

// A list that does not answer is waited for until its timeout, five times; then nobody waits for it. After half a minute it is tried again, and is
// back by itself. Meanwhile the other list counts, though both are asked through the same name server.
func TestListDeadAndBack(t *testing.T) {
	t.Parallel() // It waits more than it works.
	ctx := need(t)
	s := two(t, dnstest.Says(t, dns.RcodeServerFailure))
	r := start(ctx, t, postconf.BeforeQueue, fmt.Sprintf(twoLists, names(s.Addr), 0))
	const up = `mailweir_dnsbl_list_up{list="bl.example.org"}`
	for i := range 5 {
		if metric(ctx, t, r, up) != 1 {
			t.Fatalf("off after %d failures", i)
		}
		found(t, deliver(ctx, t, r, letter{client: fmt.Sprintf("192.0.2.%d", 100+i)}), "dnsbl.no_answer")
	}
	if metric(ctx, t, r, up) != 0 {
		t.Fatal("the list is still in use after five failures")
	}
	asked := s.Asked()
	found(t, deliver(ctx, t, r, letter{client: bad}), "dnsbl.no_answer", "dnsbl.listed", "-dnsbl.conclusive")
	for _, q := range s.Questions()[asked:] {
		if strings.HasSuffix(q, ".bl.example.org A") {
			t.Errorf("asked while it is off: %s", q)
		}
	}
	// It becomes well; nobody tells mailweir.
	s.Become(dnstest.Zones(t, "2.0.0.127.two.example.org. 60 IN A 127.0.0.2", "1.2.0.192.two.example.org. 60 IN A 127.0.0.2",
		"2.0.0.127.bl.example.org. 60 IN A 127.0.0.2", "1.2.0.192.bl.example.org. 60 IN A 127.0.0.2"))
	eventually(ctx, t, func() error {
		if reply := post(t, r, letter{client: bad}); reply.Code != 554 {
			return fmt.Errorf("got %s", reply)
		}
		return nil
	})
	if metric(ctx, t, r, up) != 1 {
		t.Error("the metrics do not have it back")
	}
	logged(t, r, 0, "DNS list in use again", "bl.example.org")
	inTime(t, r, 0, time.Second)
}

// A list that answers too late costs its timeout and no more, beside another list whose word is law: that one is not kept waiting.
func TestListSlow(t *testing.T) {
	ctx := need(t)
	s := two(t, func(w dns.ResponseWriter, m *dns.Msg) {
		<-time.After(2 * time.Second)
		all(t, "127.0.0.2")(w, m)
	})
	extra := strings.Replace(fmt.Sprintf(twoLists, names(s.Addr), 0), "two.example.org: {score: 2}", "two.example.org: {conclusive: true}", 1)
	r := start(ctx, t, postconf.BeforeQueue, extra)
	refuse(ctx, t, r, postconf.BeforeQueue, letter{client: bad})
	found(t, deliver(ctx, t, r, letter{client: stranger}), "dnsbl.no_answer", "-dnsbl.conclusive")
	inTime(t, r, 0, time.Second)
}
