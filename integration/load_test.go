// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// load sends messages in by the front door, one after the other from several clients, until it is stopped. Each has a recipient of its own,
// by which it is known again.
type load struct {
	door  string
	wg    sync.WaitGroup
	ended context.CancelFunc

	mu       sync.Mutex
	sent     int
	accepted map[string]bool   // By recipient: those that were answered 250 for. Their value tells if they are infected.
	refused  map[string]string // Those that were not, with the last reply or error.
}

// startLoad starts clients that send. One message in seven is infected.
func startLoad(ctx context.Context, t *testing.T, r *rig.Rig, clients int) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	l := &load{door: r.Postfix.Addr(rig.In), ended: cancel, accepted: map[string]bool{}, refused: map[string]string{}}
	bad := []byte(infected(t)["zip"])
	for client := range clients {
		l.wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				rcpt := fmt.Sprintf("c%d-n%d@example.net", client, n)
				body := clean
				if n%7 == 3 {
					body = bad
				}
				l.one(rcpt, body, n%7 == 3)
			}
		})
	}
	t.Cleanup(l.stop)
	return l
}

func (l *load) one(rcpt string, body []byte, infected bool) {
	o, err := smtptest.Send(l.door, smtptest.Mail{From: "<ann@example.org>", To: []string{"<" + rcpt + ">"}, Body: body})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	switch {
	case o != nil && o.OK():
		l.accepted[rcpt] = infected
	case err != nil:
		l.refused[rcpt] = err.Error()
	default:
		l.refused[rcpt] = o.Final().String()
	}
}

// stop ends the clients and waits for them.
func (l *load) stop() {
	l.ended()
	l.wg.Wait()
}

// count is how many messages were accepted so far.
func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted)
}

// reach waits until so many messages were accepted.
func (l *load) reach(ctx context.Context, t *testing.T, n int) {
	t.Helper()
	for l.count() < n {
		select {
		case <-ctx.Done():
			t.Fatalf("only %d of %d messages were accepted", l.count(), n)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// tally is where messages have gone, by recipient.
type tally struct {
	out, kept map[string]int
	missing   []string // Accepted, and nowhere.
	stray     []string // Infected, and out; or clean, and kept.
	twice     int      // Copies beyond the first.
}

// count finds every accepted message again.
func countAll(ctx context.Context, t *testing.T, r *rig.Rig, l *load) tally {
	t.Helper()
	drained(ctx, t, r)
	c := tally{out: map[string]int{}, kept: map[string]int{}}
	for _, m := range r.Sink.Messages() {
		for _, rcpt := range m.RcptTo {
			c.out[sink.Address(rcpt)]++
		}
	}
	all, err := r.Weir.Kept()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		for _, rcpt := range k.Recipients {
			c.kept[sink.Address(rcpt.Path)]++
		}
	}
	for rcpt, infected := range l.accepted {
		right, wrong := c.out[rcpt], c.kept[rcpt]
		if infected {
			right, wrong = wrong, right
		}
		if wrong > 0 {
			c.stray = append(c.stray, rcpt)
		}
		if right == 0 {
			c.missing = append(c.missing, rcpt)
		}
		c.twice += max(right-1, 0)
	}
	slices.Sort(c.missing)
	return c
}

// nothingLost fails the test if an accepted message is missing or was treated wrongly.
func nothingLost(t *testing.T, l *load, c tally) {
	t.Helper()
	if len(c.missing) > 0 {
		t.Errorf("%d of %d accepted messages are missing: %s", len(c.missing), len(l.accepted), strings.Join(c.missing[:min(10, len(c.missing))], " "))
	}
	if len(c.stray) > 0 {
		t.Errorf("infected and out, or clean and kept: %s", c.stray)
	}
}

// Reload under load: nobody notices.
func TestReloadUnderLoad(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way})
		l := startLoad(ctx, t, r, 4)
		for i := range 6 {
			l.reach(ctx, t, 40*(i+1))
			if i%3 == 2 { // One that cannot be: the config in force stays.
				if err := r.Weir.Configure("chain: [[nonsense]]\n"); err != nil {
					t.Fatal(err)
				}
				if out, err := r.Weir.Run(ctx, "reload"); err == nil {
					t.Errorf("a config with a fault was taken: %s", out)
				}
				continue
			}
			if err := r.Weir.Configure(rig.DefaultExtra + fmt.Sprintf("limits: {parts: %d}\n", 1000+i)); err != nil {
				t.Fatal(err)
			}
			if err := r.Weir.Hangup(); err != nil {
				t.Fatal(err)
			}
		}
		l.stop()
		c := countAll(ctx, t, r, l)
		nothingLost(t, l, c)
		if c.twice > 0 {
			t.Errorf("%d messages came out twice", c.twice)
		}
		if len(l.refused) > 0 {
			t.Errorf("%d of %d messages were refused, such as %s", len(l.refused), l.sent, slices.Collect(maps.Values(l.refused))[0])
		}
	})
}

// The end and a new start under load: what is in work is finished, what comes meanwhile waits, nothing comes out twice.
func TestStopUnderLoad(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way})
		l := startLoad(ctx, t, r, 4)
		for i := range 4 {
			l.reach(ctx, t, l.count()+25*(i+1))
			if err := r.Weir.Stop(); err != nil {
				t.Errorf("stop: %v", err)
			}
			if err := r.Weir.Start(ctx); err != nil {
				t.Fatal(err)
			}
		}
		l.stop()
		c := countAll(ctx, t, r, l)
		nothingLost(t, l, c)
		if c.twice > 0 {
			t.Errorf("%d messages came out twice", c.twice)
		}
		for rcpt, why := range l.refused {
			if way != postconf.BeforeQueue || !strings.HasPrefix(why, "4") {
				t.Errorf("%s: got %s, want it taken, or before the queue a 4xx", rcpt, why)
			}
		}
	})
}
