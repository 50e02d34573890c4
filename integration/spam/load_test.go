// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// many sends so many letters by some connections at a time, each to a recipient and from a domain of its own, so that no answer is known before.
func many(t *testing.T, r *rig.Rig, n int) {
	t.Helper()
	const workers = 5
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				l := from(fmt.Sprintf("192.0.2.%d", 20+i), "quarantine")
				l.to = fmt.Sprintf("<b%d@example.net>", i)
				l.from = fmt.Sprintf("<ann@d%d.example.com>", i)
				l.text = strings.ReplaceAll(l.text, "quarantine.example.com", fmt.Sprintf("d%d.example.com", i)) + fmt.Sprintf("http://shop%d.test/\r\n", i)
				postOK(t, r, l)
			}
		})
	}
	wg.Wait()
}

// eachOnce wants every letter of many at the sink, once, and nothing else.
func eachOnce(t *testing.T, r *rig.Rig, n int) {
	t.Helper()
	got := outcomes(r)
	for i := range n {
		if to := fmt.Sprintf("b%d@example.net", i); got[to] != 1 {
			t.Errorf("%s got %d messages, want 1", to, got[to])
		}
	}
	if len(r.Sink.Messages()) != n {
		t.Errorf("%d messages came out, want %d", len(r.Sink.Messages()), n)
	}
}

// outcomes tells how many messages came out for each recipient.
func outcomes(r *rig.Rig) map[string]int {
	got := map[string]int{}
	for _, m := range r.Sink.Messages() {
		for _, to := range m.RcptTo {
			got[sink.Address(to)]++
		}
	}
	return got
}

// With a name server that says nothing, as many messages as come are each held up for no longer than one is.
func TestNameServerSilentUnderLoad(t *testing.T) {
	t.Parallel()
	ctx := need(t)
	const n = 60
	s := dnstest.Serve(t, dnstest.Silent)
	r := start(ctx, t, postconf.AfterQueueLMTP, fmt.Sprintf(askers, names(s.Addr), 0, ""))
	many(t, r, n)
	if err := r.Sink.Wait(ctx, func(m []*sink.Message) bool { return len(m) >= n }); err != nil {
		t.Fatal(err)
	}
	drained(ctx, t, r)
	eachOnce(t, r, n)
	inTime(t, r, 0, askersDeadline)
	silentAbout(t, r, 0, "fate=defer") // Nobody asked for that.
}

// inTurns calls each of the functions in turn, some times a second, until stop is called.
func inTurns(turns ...func()) (stop func()) {
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(150 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			turns[i%len(turns)]()
			select {
			case <-tick.C:
			case <-ended:
				return
			}
		}
	}()
	return func() {
		close(ended)
		<-stopped
	}
}

// With a name server that is well, silent and wrong in turns, and answers that are required, all mail comes out at last, each message once.
func TestNameServerFlapsUnderLoad(t *testing.T) {
	t.Parallel()
	ctx := need(t)
	const n = 60
	s := dnstest.Serve(t, dnstest.Silent)
	r := start(ctx, t, postconf.AfterQueueSMTP, fmt.Sprintf(askers, names(s.Addr), 1, "auth.temperror: [defer]"))
	well := world(t)
	var turns []func()
	for _, h := range []dnstest.Handler{well, dnstest.Silent, well, nonsense, dnstest.Says(t, dns.RcodeServerFailure)} {
		turns = append(turns, func() { s.Become(h) })
	}
	stop := inTurns(turns...)
	many(t, r, n)
	stop()
	s.Become(well)
	drained(ctx, t, r)
	eachOnce(t, r, n)
	inTime(t, r, 0, askersDeadline)
	// Nobody was taken for what he is not, whatever the server said in between.
	for _, m := range r.Sink.Messages() {
		found(t, m, "-dnsbl.listed", "-uribl.listed", "-auth.dmarc_quarantine", "-auth.temperror")
	}
}

// The same with a server for points.
func TestSpamServerFlapsUnderLoad(t *testing.T) {
	t.Parallel()
	for _, p := range peers() {
		t.Run(p.filter, func(t *testing.T) {
			ctx := need(t)
			const n = 60
			s := newChanging(t)
			r := start(ctx, t, postconf.AfterQueueLMTP, fmt.Sprintf(asked, p.filter, s.Addr(), true))
			stop := inTurns(func() { s.become(p.well) }, func() { s.become(silent) }, func() { s.become(p.well) }, func() { s.become(fake.Rude) })
			many(t, r, n)
			stop()
			s.become(p.well)
			drained(ctx, t, r)
			eachOnce(t, r, n)
			inTime(t, r, 0, time.Second)
			for _, m := range r.Sink.Messages() {
				found(t, m, p.filter+".score")
			}
		})
	}
}

// All that can be asked is dead at once: with the options as they are, mail flows, and is not taken for spam nor for ham.
func TestEverythingDead(t *testing.T) {
	ctx := need(t)
	chain := fmt.Sprintf(everything, names(dnstest.Dead(t).Addr), folder(t), 2)
	chain = strings.Replace(chain, "    - auth\n", fmt.Sprintf("    - auth\n    - spamd: {servers: ['%s'], timeout: 1s}\n    - rspamd: {servers: ['%s'], timeout: 1s}\n",
		fake.Dead(t), fake.Dead(t)), 1)
	for _, way := range []postconf.Mode{postconf.AfterQueueLMTP, postconf.BeforeQueue} {
		t.Run(string(way), func(t *testing.T) {
			r := start(ctx, t, way, chain)
			m := deliver(ctx, t, r, letter{client: bad})
			found(t, m, "dnsbl.no_answer", "uribl.no_answer", "auth.temperror", "spamd.no_answer", "rspamd.no_answer", "bayes.untrained")
			if strings.Contains(result(t, m), "failure.") {
				t.Errorf("got %s, want no failure", result(t, m))
			}
			tagged(t, m, false)
			inTime(t, r, 0, time.Second)
		})
	}
}
