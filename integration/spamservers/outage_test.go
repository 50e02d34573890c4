// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/rspamd"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/policy"
)

// server is what the outage is of.
type server interface {
	kill()
	start(t testing.TB)
	tcp() string
}

// outageOptions let a breaker open and close within a test.
func outageOptions(o *breaker.Options) {
	o.Timeout, o.InFlight, o.Failures, o.OffFor, o.OffAtMost = 10*time.Second, 4, 3, 200*time.Millisecond, time.Second
}

// TestOutage: the only server is killed under load, and started again. Every message is decided on, as the policy says; none waits for the dead;
// the breaker opens, and closes when the server is back.
func TestOutage(t *testing.T) {
	for _, required := range []bool{false, true} {
		want := policy.Deliver
		if required {
			want = policy.Defer
		}
		name := map[bool]string{false: "not required", true: "required"}[required]
		t.Run("spamd, "+name, func(t *testing.T) {
			sa := startSpamd(t)
			o := sa.options(func(o *spamd.Options) { o.Required = required })
			outageOptions(&o.Options)
			outage(t, sa, newWay(t, spamd.Kind(), o), "spamd", want)
		})
		t.Run("rspamd, "+name, func(t *testing.T) {
			rs := startRspamd(t)
			o := rs.options(func(o *rspamd.Options) { o.Required = required })
			outageOptions(&o.Options)
			outage(t, rs, newWay(t, rspamd.Kind(), o), "rspamd", want)
		})
	}
}

func outage(t *testing.T, s server, w *way, name string, want policy.Fate) {
	t.Helper()
	l := &load{way: w, name: name, want: want}
	l.run(t)
	defer l.stop()
	up := "mailweir_" + name + "_server_up"

	waitFor(t, "answers", func() bool { return l.answered.Load() >= 20 })
	if l.missed.Load() > 0 || w.gauge(t, up, s.tcp()) != 1 {
		t.Errorf("%d without an answer, up is %v: want none and 1", l.missed.Load(), w.gauge(t, up, s.tcp()))
	}
	s.kill()
	waitFor(t, "the breaker to open", func() bool { return w.gauge(t, up, s.tcp()) == 0 })
	before := l.missed.Load()
	waitFor(t, "mail that flows without an answer", func() bool { return l.missed.Load() >= before+200 })

	s.start(t)
	waitFor(t, "the breaker to close", func() bool { return w.gauge(t, up, s.tcp()) == 1 })
	before = l.answered.Load()
	waitFor(t, "answers again", func() bool { return l.answered.Load() >= before+20 })
	l.stop()
	if l.wrong.Load() > 0 {
		t.Errorf("%d messages had neither an answer nor the fate for none", l.wrong.Load())
	}
	t.Logf("%d answered, %d not, slowest of those that were not: %v", l.answered.Load(), l.missed.Load(), time.Duration(l.slowest.Load()))
}

// load sends messages all the time.
type load struct {
	way  *way
	name string
	want policy.Fate // Of messages without an answer.

	answered, missed, wrong, slowest atomic.Int64

	once    sync.Once
	done    chan struct{}
	senders sync.WaitGroup
}

const senders = 8

func (l *load) run(t *testing.T) {
	t.Helper()
	l.done = make(chan struct{})
	text := letter("hello", "one of many")
	for range senders {
		l.senders.Go(func() {
			for {
				select {
				case <-l.done:
					return
				default:
					l.count(l.way.send(t, filtertest.Envelope(), text))
				}
			}
		})
	}
}

func (l *load) count(o outcome) {
	code, class := l.name+".no_answer", filters.Spam
	if l.want == policy.Defer {
		code, class = "failure."+l.name, filters.Failure
	}
	_, scored := o.find(l.name + ".score")
	none, failed := o.find(code)
	switch {
	case scored && !failed && o.fate == policy.Deliver:
		l.answered.Add(1)
	case failed && !scored && none.Class == class && none.Score == 0 && o.fate == l.want:
		l.missed.Add(1)
		for old := l.slowest.Load(); int64(o.took) > old && !l.slowest.CompareAndSwap(old, int64(o.took)); old = l.slowest.Load() {
		}
	default:
		l.wrong.Add(1)
	}
}

func (l *load) stop() {
	l.once.Do(func() { close(l.done) })
	l.senders.Wait()
}

// waitFor waits for something to come about.
func waitFor(t *testing.T, what string, happens func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !happens() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("no %s within %v", what, patience)
		}
	}
}

// TestStopped: a server that is stopped, so that connections are taken and nothing is said, costs the messages under way their timeout, and the others nothing.
func TestStopped(t *testing.T) {
	rs := startRspamd(t)
	o := rs.options(nil)
	outageOptions(&o.Options)
	o.Timeout = 2 * time.Second
	w := newWay(t, rspamd.Kind(), o)
	l := &load{way: w, name: "rspamd", want: policy.Deliver}
	rs.pause(t, true)
	l.run(t)
	defer l.stop()
	waitFor(t, "the breaker to open", func() bool { return w.gauge(t, "mailweir_rspamd_server_up", rs.tcp()) == 0 })
	before := l.missed.Load()
	waitFor(t, "mail that flows without an answer", func() bool { return l.missed.Load() >= before+200 })
	rs.pause(t, false)
	waitFor(t, "answers", func() bool { return l.answered.Load() >= 20 })
	l.stop()
	if l.wrong.Load() > 0 {
		t.Errorf("%d messages had neither an answer nor the fate for none", l.wrong.Load())
	}
	t.Logf("%d answered, %d not, slowest of those that were not: %v", l.answered.Load(), l.missed.Load(), time.Duration(l.slowest.Load()))
}
