// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

const letter = "From: a@example.org\r\nSubject: x\r\n\r\ntext\r\n"

// rig is a filter with a clock.
type rig struct {
	t       *testing.T
	options *Options
	f       *filter

	mu  sync.Mutex
	now time.Time
}

func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, options: DefaultOptions(), now: time.Unix(1_700_000_000, 0)}
	r.options.File = filepath.Join(t.TempDir(), "greylist")
	if change != nil {
		change(r.options)
	}
	r.f = r.filter(nil)
	return r
}

func (r *rig) filter(reg prometheus.Registerer) *filter {
	r.t.Helper()
	f, err := newFilter(r.options, filters.Deps{Now: r.clock, Registerer: reg})
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func from(addr, sender string, rcpts ...string) *mail.Envelope {
	env := filtertest.Envelope()
	env.Client = mail.Client{Addr: addr}
	env.MailFrom = mail.NewPath(sender)
	env.RcptTo = nil
	for _, rcpt := range rcpts {
		env.RcptTo = append(env.RcptTo, mail.NewPath(rcpt))
	}
	return env
}

// comes has a message come, and treats it as a policy would that goes by the greylist alone. It gives back who has to wait.
func (r *rig) comes(env *mail.Envelope, msg *mail.Message) string {
	r.t.Helper()
	found, err := r.f.Inspect(r.t.Context(), env, msg)
	if err != nil {
		r.t.Fatal(err)
	}
	var o filters.Outcome
	told := ""
	for i := range env.RcptTo {
		fate := fateDeliver
		for _, f := range found {
			if len(f.For) == 0 || slices.Contains(f.For, i) {
				told += fmt.Sprintf("%d %s ", i, f.Code)
				if f.Class == filters.Grey {
					fate = fateDefer
				}
			}
		}
		o.Recipients = append(o.Recipients, filters.Settled{Fate: fate})
	}
	r.f.Follow(r.t.Context(), env, msg, o)
	return strings.TrimSpace(told)
}

func TestSuite(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{New: func(t testing.TB) filters.Filter {
		o := DefaultOptions()
		o.File = filepath.Join(t.TempDir(), "greylist")
		f, err := New(o, filters.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}})
}

// step is a message some time after the one before.
type step struct {
	after  time.Duration
	client string
	sender string
	rcpt   string
	wait   bool
}

func TestWay(t *testing.T) {
	const m, h, d = time.Minute, time.Hour, 24 * time.Hour
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"comes back", []step{
			{0, "192.0.2.1", "a@example.org", "u@example.net", true},
			{4 * m, "192.0.2.1", "a@example.org", "u@example.net", true},
			{m, "192.0.2.1", "a@example.org", "u@example.net", false},
			{34 * d, "192.0.2.1", "a@example.org", "u@example.net", false},
			{34 * d, "192.0.2.1", "a@example.org", "u@example.net", false},
			{36 * d, "192.0.2.1", "a@example.org", "u@example.net", true},
		}},
		{"comes back too late", []step{
			{0, "192.0.2.1", "a@example.org", "u@example.net", true},
			{49 * h, "192.0.2.1", "a@example.org", "u@example.net", true},
			{10 * m, "192.0.2.1", "a@example.org", "u@example.net", false},
		}},
		{"another recipient, sender, network", []step{
			{0, "192.0.2.1", "a@example.org", "u@example.net", true},
			{10 * m, "192.0.2.1", "a@example.org", "v@example.net", true},
			{0, "192.0.2.1", "b@example.org", "u@example.net", true},
			{0, "198.51.100.1", "a@example.org", "u@example.net", true},
		}},
		{"the same network", []step{
			{0, "192.0.2.1", "a@example.org", "u@example.net", true},
			{10 * m, "192.0.2.254", "A@EXAMPLE.org", "U@example.net", false},
			{0, "2001:db8::1", "a@example.org", "u@example.net", true},
			{10 * m, "2001:db8::ffff:1", "a@example.org", "u@example.net", false},
			{0, "2001:db8:0:1::1", "a@example.org", "u@example.net", true},
			{0, "::ffff:192.0.2.7", "a@example.org", "u@example.net", false},
		}},
		{"each message with a sender of its own", []step{
			{0, "192.0.2.1", "bounce-1234-u=example.net@lists.example.org", "u@example.net", true},
			{10 * m, "192.0.2.1", "bounce-1299-u=example.net@lists.example.org", "u@example.net", false},
			{0, "192.0.2.1", "prvs=12345abcde=a@example.org", "u@example.net", true},
			{10 * m, "192.0.2.1", "prvs=0123fedcba=a@example.org", "u@example.net", false},
			{0, "192.0.2.1", "SRS0=hjk2s=XY=example.com=a@example.org", "u@example.net", true},
			{10 * m, "192.0.2.1", "SRS0=k9s2k=XY=example.com=a@example.org", "u@example.net", false},
			{0, "198.51.100.1", "a+1@example.org", "u@example.net", true},
			{10 * m, "198.51.100.1", "a+zwei@example.org", "u@example.net", false},
		}},
		{"a client that others came back from", []step{
			{0, "192.0.2.1", "a@example.org", "1@example.net", true},
			{0, "192.0.2.1", "a@example.org", "2@example.net", true},
			{0, "192.0.2.1", "a@example.org", "3@example.net", true},
			{10 * m, "192.0.2.1", "a@example.org", "1@example.net", false},
			{0, "192.0.2.1", "a@example.org", "1@example.net", false}, // Counts once.
			{0, "192.0.2.1", "a@example.org", "2@example.net", false},
			{0, "192.0.2.1", "x@example.org", "5@example.net", true},
			{0, "192.0.2.1", "a@example.org", "3@example.net", false},
			{0, "192.0.2.1", "b@example.org", "6@example.net", false},
			{0, "198.51.100.1", "b@example.org", "6@example.net", true},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Clients = 3 })
			msg := filtertest.Message(t, letter)
			for i, s := range tt.steps {
				r.pass(s.after)
				if got := r.comes(from(s.client, s.sender, s.rcpt), msg); (got != "") != s.wait {
					t.Errorf("step %d, %+v: got %q", i, s, got)
				}
				if i == 1 { // The config is read again: the old filter is still there and goes on.
					r.f = r.filter(nil)
				}
			}
		})
	}
}

// TestOwnQueue: after the queue it is our own Postfix that comes again. The message passes, and the client has earned nothing.
func TestOwnQueue(t *testing.T) {
	for _, tt := range []struct {
		name, first, second string
		want                string
	}{
		{"the same message", "AAAA", "AAAA", "0 greylist.wait"},
		{"another message", "AAAA", "BBBB", ""},
		{"before the queue", "", "", ""},
	} {
		r := newRig(t, func(o *Options) { o.Clients = 1 })
		msg := filtertest.Message(t, letter)
		env := from("192.0.2.1", "a@example.org", "u@example.net")
		env.Client.Ident = tt.first
		r.comes(env, msg)
		r.pass(10 * time.Minute)
		env.Client.Ident = tt.second
		if got := r.comes(env, msg); got != "" {
			t.Errorf("%s: it has to wait again: %s", tt.name, got)
		}
		if got := r.comes(from("192.0.2.1", "b@example.org", "u@example.net"), msg); got != tt.want {
			t.Errorf("%s: another one of the client: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestRecipients: some may have to wait and others not.
func TestRecipients(t *testing.T) {
	r := newRig(t, nil)
	msg := filtertest.Message(t, letter)
	r.comes(from("192.0.2.1", "a@example.org", "2@example.net"), msg)
	r.pass(10 * time.Minute)
	all := from("192.0.2.1", "a@example.org", "1@example.net", "2@example.net", "3@example.net")
	if got, want := r.comes(all, msg), "0 greylist.wait 2 greylist.wait"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.pass(10 * time.Minute)
	if got := r.comes(all, msg); got != "" {
		t.Errorf("the second time: %q", got)
	}
	found, err := r.f.Inspect(t.Context(), from("192.0.2.1", "b@example.org", "1@example.net", "2@example.net"), msg)
	if err != nil || len(found) != 1 || !slices.Equal(found[0].For, []int{0, 1}) { // Or each would learn it of the other.
		t.Errorf("for all: %+v, %v", found, err)
	}
}

// TestClockBack: who came while the clock was ahead does not wait until it gets there.
func TestClockBack(t *testing.T) {
	r := newRig(t, nil)
	env, msg := from("192.0.2.1", "a@example.org", "u@example.net"), filtertest.Message(t, letter)
	r.pass(12 * time.Hour)
	r.comes(env, msg)
	r.pass(-12*time.Hour + 10*time.Minute)
	if got := r.comes(env, msg); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestPool: a provider comes again from another network, and SPF says that it is the same.
func TestPool(t *testing.T) {
	zone := &authntest.Zone{TXT: map[string][]string{"example.org": {"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all"}}}
	attempt := func(r *rig, client string) string {
		env, msg := from(client, "a@example.org", "u@example.net"), filtertest.Message(t, letter)
		if _, err := (&check.Checker{Resolver: zone}).Shared(t.Context(), env, msg); err != nil {
			t.Fatal(err)
		}
		return r.comes(env, msg)
	}
	r := newRig(t, nil)
	attempt(r, "192.0.2.1")
	r.pass(10 * time.Minute)
	if got := attempt(r, "203.0.113.1"); got == "" {
		t.Error("a client that the domain does not know passes")
	}
	if got := attempt(r, "198.51.100.1"); got != "" {
		t.Errorf("another client of the domain: %s", got)
	}
}

// TestNobody: who is one of us, or not known, has never to wait.
func TestNobody(t *testing.T) {
	r := newRig(t, nil)
	r.f.trusted = filtersTrusted(t)
	msg := filtertest.Message(t, letter)
	for _, addr := range []string{"", "127.0.0.1", "::1", "203.0.113.7"} {
		if got := r.comes(from(addr, "a@example.org", "u@example.net"), msg); got != "" {
			t.Errorf("%q: %s", addr, got)
		}
	}
	env := from("192.0.2.1", "a@example.org", "u@example.net")
	env.Client.Source = "LOCAL"
	if got := r.comes(env, msg); got != "" {
		t.Errorf("local: %s", got)
	}
}

// TestNotifications have no sender; they are told apart by their author.
func TestNotifications(t *testing.T) {
	r := newRig(t, nil)
	one := filtertest.Message(t, "From: <MAILER-DAEMON@mx.example.org>\r\n\r\n")
	other := filtertest.Message(t, "From: <MAILER-DAEMON@mx.example.com>\r\n\r\n")
	env := from("192.0.2.1", "", "u@example.net")
	r.comes(env, one)
	r.comes(env, filtertest.Message(t, "\r\n"))
	r.pass(10 * time.Minute)
	if got := r.comes(env, one); got != "" {
		t.Errorf("the same: %s", got)
	}
	if got := r.comes(env, other); got == "" {
		t.Error("another author passes")
	}
}

// TestFates: what is noted depends on what became of the message.
func TestFates(t *testing.T) {
	for _, tt := range []struct {
		settled filters.Settled
		want    string // Of a second attempt at once, and of one after the delay.
	}{
		{filters.Settled{Fate: "defer"}, "wait pass"},
		{filters.Settled{Fate: "deliver"}, "pass pass"},
		{filters.Settled{Fate: "deliver", Spam: true}, "wait pass"},
		{filters.Settled{Fate: "reject"}, "wait wait"},
		{filters.Settled{Fate: "quarantine"}, "wait wait"},
		{filters.Settled{Fate: "discard"}, "wait wait"},
	} {
		r := newRig(t, nil)
		msg := filtertest.Message(t, letter)
		env := from("192.0.2.1", "a@example.org", "u@example.net")
		r.f.Follow(t.Context(), env, msg, filters.Outcome{Recipients: []filters.Settled{tt.settled}})
		var got []string
		for range 2 {
			found, err := r.f.Inspect(t.Context(), env, msg)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, map[bool]string{true: "wait", false: "pass"}[len(found) > 0])
			r.pass(10 * time.Minute)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.settled, s, tt.want)
		}
	}
}

// TestFlood: where so many come that nobody would be known again nobody has to wait; who has come back stays known, and others wait as ever.
func TestFlood(t *testing.T) {
	small := func(o *Options) { o.MaxEntries = minEntries }
	r := newRig(t, small)
	for g := r.wideGroup("192.0.2.1"); g == r.wideGroup("198.51.100.1") || g == r.wideGroup("203.0.113.1"); g = r.wideGroup("192.0.2.1") {
		r = newRig(t, small) // By chance the flood's neighbours.
	}
	msg := filtertest.Message(t, letter)
	r.comes(from("198.51.100.1", "a@example.org", "u@example.net"), msg)
	r.pass(10 * time.Minute)
	r.comes(from("198.51.100.1", "a@example.org", "u@example.net"), msg)
	r.comes(from("203.0.113.1", "a@example.org", "u@example.net"), msg)
	last := ""
	for i := range 2 * minEntries {
		last = r.comes(from("192.0.2.1", "a@example.org", fmt.Sprintf("u%d@example.net", i)), msg)
	}
	if last != "0 greylist.full" {
		t.Errorf("in the flood: %q", last)
	}
	for addr, want := range map[string]string{"198.51.100.1": "", "203.0.113.1": "0 greylist.wait", "198.51.100.77": ""} {
		if got := r.comes(from(addr, "a@example.org", "u@example.net"), msg); got != want {
			t.Errorf("%s: got %q, want %q", addr, got, want)
		}
	}
}

// TestFloodOfNetworks: who has a wide network cannot push out what others have to be known by. From there nobody has to wait; whoever comes from
// elsewhere does as ever, and passes when he comes again.
func TestFloodOfNetworks(t *testing.T) {
	for name, client := range map[string]func(i int) string{
		"IPv4": func(i int) string { return fmt.Sprintf("198.51.%d.%d", i%256, i/256) },
		"IPv6": func(i int) string { return fmt.Sprintf("2001:db8:%x::1", i) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.MaxEntries = minEntries })
			msg := filtertest.Message(t, letter)
			others := make([]*mail.Envelope, 100)
			for i := range others {
				others[i] = from(fmt.Sprintf("203.%d.113.1", i), "a@example.org", "u@example.net")
				r.comes(others[i], msg)
			}
			last := ""
			for i := range 4 * minEntries {
				last = r.comes(from(client(i), "a@example.org", fmt.Sprintf("u%d@example.net", i)), msg)
			}
			if last != "0 greylist.full" {
				t.Errorf("in the flood: %q", last)
			}
			for i := range others {
				stranger := from(fmt.Sprintf("192.%d.2.1", i), "a@example.org", "u@example.net")
				if r.wideGroup(fmt.Sprintf("192.%d.2.1", i)) == r.wideGroup(client(0)) {
					continue // One of 256 shares the flood's fate.
				}
				if got := r.comes(stranger, msg); got != "0 greylist.wait" {
					t.Errorf("a stranger: %q", got)
				}
			}
			r.pass(10 * time.Minute)
			for i, env := range others {
				if r.wideGroup(fmt.Sprintf("203.%d.113.1", i)) == r.wideGroup(client(0)) {
					continue
				}
				if got := r.comes(env, msg); got != "" || r.state(env, msg) != statePassed {
					t.Errorf("who comes again: %q, %v", got, r.state(env, msg))
				}
			}
		})
	}
}

// TestFloodAndPassed: a flood of spam from one network takes no room from those who have passed, even if they take more than their share.
func TestFloodAndPassed(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MaxEntries = minEntries })
	msg := filtertest.Message(t, letter)
	const passed = minEntries * 6 / 10
	for range 2 {
		for i := range passed {
			r.comes(from(fmt.Sprintf("203.%d.113.1", i%100), "a@example.org", fmt.Sprintf("u%d@example.net", i/100)), msg)
			if i%100 == 99 {
				r.pass(time.Second)
			}
		}
		r.pass(10 * time.Minute)
	}
	for class, fate := range []filters.Settled{classWaiting: {Fate: fateDeliver, Spam: true}, classPassed: {Fate: fateDeliver}} {
		before := r.f.store.Len(class)
		for i := range 4 * minEntries {
			env := from("198.51.100.1", "a@example.org", fmt.Sprintf("%s%d@example.net", strings.Repeat("x", class), i))
			r.f.Follow(t.Context(), env, msg, filters.Outcome{Recipients: []filters.Settled{fate}})
		}
		if n := r.f.store.Len(class) - before; n > minEntries/4 {
			t.Errorf("%+v: the flood has %d entries", fate, n)
		}
		for i := range passed {
			addr := fmt.Sprintf("203.%d.113.1", i%100)
			env := from(addr, "a@example.org", fmt.Sprintf("u%d@example.net", i/100))
			if got := r.state(env, msg); got != statePassed && r.wideGroup(addr) != r.wideGroup("198.51.100.1") {
				t.Fatalf("%+v: number %d, who had passed, is %v", fate, i, got)
			}
		}
	}
}

// wideGroup is the group of the wide network of an address.
func (r *rig) wideGroup(addr string) uint8 {
	return r.f.secret.Group(network(netip.MustParseAddr(addr), wideBits4, wideBits6))
}

// state is what is known of a message to its first recipient.
func (r *rig) state(env *mail.Envelope, msg *mail.Message) state {
	r.t.Helper()
	tr, ok := r.f.tripletsOf(env, msg)
	if !ok {
		r.t.Fatal("it is nobody's")
	}
	s, _ := r.f.stateOf(tr, env.RcptTo[0])
	return s
}

// TestPolicy is the way of a message from its score to its fate.
func TestPolicy(t *testing.T) {
	set, err := policy.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil)
	env := from("192.0.2.1", "a@example.org", "u@example.net")
	found, err := r.f.Inspect(t.Context(), env, filtertest.Message(t, letter))
	if err != nil {
		t.Fatal(err)
	}
	for score, want := range map[float64]policy.Fate{0: policy.Deliver, 1.9: policy.Deliver, 2: policy.Defer, 7: policy.Defer, 12: policy.Quarantine} {
		if got := set.DecideAll(env, append(found, filters.Finding{Code: "rules.x", Class: filters.Spam, Score: score}))[0].Fate; got != want {
			t.Errorf("score %v: got %s, want %s", score, got, want)
		}
	}
}

func TestMetrics(t *testing.T) {
	r := newRig(t, nil)
	reg := prometheus.NewRegistry()
	r.f = r.filter(reg)
	msg := filtertest.Message(t, letter)
	env := from("192.0.2.1", "a@example.org", "u@example.net")
	r.comes(env, msg)
	r.comes(env, msg)
	r.pass(10 * time.Minute)
	r.comes(env, msg)
	want := `
# HELP mailweir_greylist_entries Entries that are kept, by class.
# TYPE mailweir_greylist_entries gauge
mailweir_greylist_entries{class="client"} 1
mailweir_greylist_entries{class="passed"} 1
mailweir_greylist_entries{class="waiting"} 0
# HELP mailweir_greylist_recipients_total Recipients of messages by what is known of who sends to them.
# TYPE mailweir_greylist_recipients_total counter
mailweir_greylist_recipients_total{state="back"} 1
mailweir_greylist_recipients_total{state="client"} 0
mailweir_greylist_recipients_total{state="early"} 1
mailweir_greylist_recipients_total{state="full"} 0
mailweir_greylist_recipients_total{state="new"} 1
mailweir_greylist_recipients_total{state="passed"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_greylist_entries", "mailweir_greylist_recipients_total"); err != nil {
		t.Error(err)
	}
	if err := r.f.Close(); err != nil {
		t.Error(err)
	}
}

// TestUnsaved: a file that cannot be written to keeps nobody from being known.
func TestUnsaved(t *testing.T) {
	r := newRig(t, nil)
	reg := prometheus.NewRegistry()
	r.f = r.filter(reg)
	if err := os.RemoveAll(filepath.Dir(r.options.File)); err != nil {
		t.Fatal(err)
	}
	msg := filtertest.Message(t, letter)
	env := from("192.0.2.1", "a@example.org", "u@example.net")
	r.comes(env, msg)
	r.pass(10 * time.Minute)
	if got := r.comes(env, msg); got != "" {
		t.Errorf("got %s", got)
	}
	if n := testutil.ToFloat64(r.f.metrics.failures); n != 1 {
		t.Errorf("%v failures told", n)
	}
}

func TestOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"absolute path":  func(o *Options) { o.File = "greylist" },
		"delay":          func(o *Options) { o.Delay = 0 },
		"expire_retry":   func(o *Options) { o.ExpireRetry = o.Delay },
		"keep":           func(o *Options) { o.Keep = time.Hour },
		"clients":        func(o *Options) { o.Clients = -1 },
		"max_entries":    func(o *Options) { o.MaxEntries = 1 },
		"no such file":   func(o *Options) { o.File = "/nonexistent/greylist" },
		"want the absol": func(o *Options) { o.File = "" },
	} {
		o := DefaultOptions()
		o.File = filepath.Join(t.TempDir(), "greylist")
		change(o)
		if _, err := New(o, filters.Deps{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
