// SPDX-License-Identifier: Apache-2.0

package known

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

// Addresses of servers: that of all good domains, and another one.
const (
	good = "192.0.2.1"
	bad  = "198.51.100.1"
)

func zone() *authntest.Zone {
	z := &authntest.Zone{TXT: map[string][]string{"_dmarc.strict.test": {"v=DMARC1; p=reject"}}}
	for _, d := range []string{"friend.test", "strict.test", "gmail.com", "stranger.test", "list.test"} {
		z.TXT[d] = []string{"v=spf1 ip4:192.0.2.1 -all"}
	}
	return z
}

// rig is a filter with a clock.
type rig struct {
	t       testing.TB
	options *Options
	deps    filters.Deps
	dns     authn.Resolver
	f       *filter
	now     time.Time
}

func newRig(t testing.TB, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, options: DefaultOptions(), now: time.Unix(1_700_000_000, 0), dns: zone()}
	r.options.File = filepath.Join(t.TempDir(), "known")
	if change != nil {
		change(r.options)
	}
	r.deps.Now = func() time.Time { return r.now }
	r.restart()
	return r
}

func (r *rig) restart() {
	r.t.Helper()
	f, err := newFilter(r.options, r.deps, r.dns)
	if err != nil {
		r.t.Fatal(err)
	}
	r.f = f
}

// sends has a user send a message, which becomes what fates say, or is delivered.
func (r *rig) sends(user, head string, rcpts []string, fates ...filters.Settled) {
	r.t.Helper()
	env := &mail.Envelope{ID: "out", Outbound: true, MailFrom: mail.NewPath(user)}
	for _, rcpt := range rcpts {
		env.RcptTo = append(env.RcptTo, mail.NewPath(rcpt))
		if len(fates) < len(env.RcptTo) {
			fates = append(fates, filters.Settled{Fate: fateDeliver})
		}
	}
	msg := filtertest.Message(r.t, "From: "+user+"\r\n"+head+"\r\n")
	if found, err := r.f.Inspect(r.t.Context(), env, msg); err != nil || found != nil {
		r.t.Errorf("outbound: %v, %v", found, err)
	}
	r.f.Follow(r.t.Context(), env, msg, filters.Outcome{Recipients: fates})
}

// gets has a message come in. It gives the findings in short.
func (r *rig) gets(client, author, head string, rcpts ...string) string {
	r.t.Helper()
	env := filtertest.Envelope()
	env.Client = mail.Client{Addr: client, HELO: "x.test"}
	_, domain, _ := strings.Cut(author, "@")
	env.MailFrom = mail.NewPath("bounces@" + strings.TrimSuffix(domain, ">"))
	env.RcptTo = nil
	for _, rcpt := range rcpts {
		env.RcptTo = append(env.RcptTo, mail.NewPath(rcpt))
	}
	found, err := r.f.Inspect(r.t.Context(), env, filtertest.Message(r.t, "From: "+author+"\r\n"+head+"\r\n"))
	if err != nil {
		r.t.Fatal(err)
	}
	var told []string
	for _, f := range found {
		s := fmt.Sprintf("%s %v", strings.TrimPrefix(f.Code, "known."), f.Score)
		if f.For != nil {
			s += fmt.Sprint(f.For)
		}
		told = append(told, s)
	}
	return strings.Join(told, ", ")
}

func TestSuite(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			o := DefaultOptions()
			o.File = filepath.Join(t.TempDir(), "known")
			f, err := New(o, filters.Deps{})
			if err != nil {
				t.Fatal(err)
			}
			env := filtertest.Envelope()
			env.Outbound, env.MailFrom, env.RcptTo = true, env.RcptTo[0], []mail.Path{mail.NewPath("friend@example.org")}
			f.(filters.Follower).Follow(t.Context(), env, filtertest.Message(t, "Message-ID: <1@example.net>\r\n\r\n"),
				filters.Outcome{Recipients: []filters.Settled{{Fate: fateDeliver}}})
			return f
		},
		Messages: []string{"From: friend@example.org\r\nIn-Reply-To: <1@example.net>\r\n\r\n", "From: a@example.org, b@example.org\r\n\r\n"},
	})
}

const me, other = "me@ours.test", "other@ours.test"

func TestKnown(t *testing.T) {
	r := newRig(t, nil)
	r.sends(me, "Message-ID: <1@ours.test>\r\n", []string{"Ann@friend.test", "ann@strict.test", "ann@gmail.com", "list@list.test", "ann@plain.test"})
	r.restart()
	const answers = "In-Reply-To: <1@ours.test>\r\n"
	for _, tt := range []struct {
		name, client, author, head string
		rcpts                      []string
		want                       string
	}{
		{"a stranger", good, "x@stranger.test", "", []string{me}, "first_contact 0"},
		{"a correspondent", good, "Ann <ann@friend.test>", "", []string{me}, "correspondent -3"},
		{"with a tag", good, "ann+x@friend.test", "", []string{"ME+y@ours.test"}, "correspondent -3"},
		{"forged", bad, "ann@friend.test", "", []string{me}, "unproven 0"},
		{"a colleague of his", good, "bob@friend.test", "", []string{me}, "domain -1"},
		{"a host of his", good, "bob@sub.friend.test", "", []string{me}, "first_contact 0"},
		{"forged colleague", bad, "bob@friend.test", "", []string{me}, "unproven 0"},
		{"a correspondent among many", good, "ann@gmail.com", "", []string{me}, "correspondent -3"},
		{"one of these many", good, "bob@gmail.com", "", []string{me}, "first_contact 0"},
		{"to somebody else", good, "ann@friend.test", "", []string{other}, "first_contact 0"},
		{"to both", good, "ann@friend.test", "", []string{other, me, other}, "correspondent -3[1], first_contact 0[0 2]"},
		{"to several who do not know him", good, "x@stranger.test", "", []string{me, other}, "first_contact 0[0 1]"}, // Or each would learn it of the other.
		{"an answer", good, "ann@friend.test", answers, []string{me}, "answer -5"},
		{"an answer from a host that SPF excludes", bad, "ann@friend.test", answers, []string{me}, "unproven 0"},
		{"an answer from a domain without SPF", bad, "ann@plain.test", answers, []string{me}, "answer -5"},
		{"a forged answer", bad, "ann@strict.test", answers, []string{me}, "unproven 0"},
		{"a colleague answers", good, "bob@friend.test", answers, []string{me}, "answer -5"},
		{"a forged colleague answers", bad, "bob@friend.test", answers, []string{me}, "unproven 0"},
		{"an answer from elsewhere", good, "x@stranger.test", answers, []string{me}, "thread -1"},
		{"a forged one from elsewhere", bad, "x@stranger.test", answers, []string{me}, "unproven 0"},
		{"an answer to somebody else", good, "ann@friend.test", answers, []string{other, me}, "answer -5[1], first_contact 0[0]"},
		{"references", good, "ann@friend.test", "References: <0@x>\r\n\t<1@ours.\r\n test> <2@x>\r\n", []string{me}, "answer -5"},
		{"an answer to what was never sent", good, "ann@friend.test", "In-Reply-To: <2@ours.test>\r\n", []string{me}, "correspondent -3"},
		{"several authors", good, "ann@friend.test, x@stranger.test", answers, []string{me}, "first_contact 0"},
		{"two From", good, "ann@friend.test", "From: x@stranger.test\r\n", []string{me}, "first_contact 0"},
		{"no author", good, "", "", []string{me}, "first_contact 0"},
		{"too many references", good, "ann@friend.test", "References: <1@ours.test>" + strings.Repeat(" <x@x>", maxIDs) + "\r\n", []string{me}, "correspondent -3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.gets(tt.client, tt.author, tt.head, tt.rcpts...); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLearn: what makes a correspondent, and what does not.
func TestLearn(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(r *rig)
		want string
	}{
		{"delivered", func(r *rig) { r.sends(me, "", []string{"ann@friend.test"}) }, "correspondent -3"},
		{"the null sender", func(r *rig) { r.sends("", "", []string{"ann@friend.test"}) }, "first_contact 0"},
		{"deferred", func(r *rig) { r.sends(me, "", []string{"ann@friend.test"}, filters.Settled{Fate: "defer"}) }, "first_contact 0"},
		{"spam", func(r *rig) {
			r.sends(me, "", []string{"ann@friend.test"}, filters.Settled{Fate: "deliver", Spam: true})
		}, "first_contact 0"},
		{"refused for one", func(r *rig) {
			r.sends(me, "", []string{"ann@friend.test", "x@stranger.test"}, filters.Settled{Fate: "reject"})
		}, "first_contact 0"},
		{"out of office", func(r *rig) { r.sends(me, "Auto-Submitted: auto-replied; x\r\n", []string{"ann@friend.test"}) }, "first_contact 0"},
		{"not out of office", func(r *rig) { r.sends(me, "Auto-Submitted: no\r\n", []string{"ann@friend.test"}) }, "correspondent -3"},
		{"a receipt", func(r *rig) {
			r.sends(me, "Content-Type: Multipart/Report; report-type=disposition-notification; boundary=x\r\n", []string{"ann@friend.test"})
		}, "first_contact 0"},
		{"a list", func(r *rig) { r.sends(me, "Precedence: Bulk\r\n", []string{"ann@friend.test"}) }, "first_contact 0"},
		{"a year later", func(r *rig) {
			r.sends(me, "", []string{"ann@friend.test"})
			r.now = r.now.Add(366 * 24 * time.Hour)
		}, "first_contact 0"},
		{"again in between", func(r *rig) {
			for range 3 {
				r.sends(me, "", []string{"ann@friend.test"})
				r.now = r.now.Add(200 * 24 * time.Hour)
			}
		}, "correspondent -3"},
		{"from outside", func(r *rig) {
			env := filtertest.Envelope()
			env.MailFrom, env.RcptTo = mail.NewPath(me), []mail.Path{mail.NewPath("ann@friend.test")}
			r.f.Follow(r.t.Context(), env, filtertest.Message(r.t, ""), filters.Outcome{Recipients: []filters.Settled{{Fate: fateDeliver}}})
		}, "first_contact 0"},
		{"an outcome for others", func(r *rig) {
			r.sends(me, "", []string{"ann@friend.test"}, filters.Settled{Fate: "deliver"}, filters.Settled{Fate: "deliver"})
		}, "first_contact 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			tt.do(r)
			if got := r.gets(good, "ann@friend.test", "", me); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLimit: an account that somebody has broken into makes no more correspondents in a day than the limit, and says so once.
func TestLimit(t *testing.T) {
	log, hook := logtest.NewNullLogger()
	r := newRig(t, func(o *Options) { o.PerDay = 3 })
	r.deps.Log = log
	reg := prometheus.NewRegistry()
	r.deps.Registerer = reg
	r.restart()
	send := func(n int) {
		r.sends(me, fmt.Sprintf("Message-ID: <%d@ours.test>\r\n", n), []string{fmt.Sprintf("%d@friend.test", n)})
	}
	for n := range 5 {
		send(n)
		r.restart()
	}
	r.sends(other, "", []string{"9@friend.test"})
	known := ""
	for n := range 5 {
		known += map[bool]string{true: "y", false: "n"}[strings.HasPrefix(r.gets(good, fmt.Sprintf("%d@friend.test", n), "", me), "correspondent")]
	}
	if known != "yyynn" {
		t.Errorf("known are %s", known)
	}
	if got := r.gets(good, "x@stranger.test", "In-Reply-To: <4@ours.test>\r\n", me); got != "first_contact 0" {
		t.Errorf("an answer to what was sent beyond the limit: %s", got)
	}
	send(0)
	if got := r.gets(good, "9@friend.test", "", other); got != "correspondent -3" {
		t.Errorf("another user's: %s", got)
	}
	r.now = r.now.Add(24 * time.Hour)
	send(4)
	if got := r.gets(good, "4@friend.test", "", me); got != "correspondent -3" {
		t.Errorf("on the next day: %s", got)
	}
	warned := 0
	for _, e := range hook.AllEntries() {
		if e.Level == logrus.WarnLevel {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("%d warnings", warned)
	}
	want := `
# HELP mailweir_known_learned_total Recipients of mail of our own by what was learned: a new correspondent, one who is known, or none because of the limit per day.
# TYPE mailweir_known_learned_total counter
mailweir_known_learned_total{result="known"} 1
mailweir_known_learned_total{result="limit"} 2
mailweir_known_learned_total{result="new"} 5
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_known_learned_total"); err != nil {
		t.Error(err)
	}
	if err := r.f.Close(); err != nil {
		t.Error(err)
	}
}

// TestAtOnce: messages that are on their way at the same time share the limit.
func TestAtOnce(t *testing.T) {
	r := newRig(t, func(o *Options) { o.PerDay = 3 })
	one, two := r.f.userOf(me), r.f.userOf(me)
	for n := range 3 {
		one.writesTo(mail.NewPath(fmt.Sprintf("%d@gmail.com", n)))
		two.writesTo(mail.NewPath(fmt.Sprintf("%d@gmail.com", 10+n)))
	}
	if n := r.f.store.Len(classPair); n != 3 {
		t.Errorf("%d correspondents", n)
	}
}

// TestQuestions: whoever signs as himself sees at his name server what is asked. It does not depend on whom the recipient knows.
func TestQuestions(t *testing.T) {
	r := newRig(t, nil)
	r.sends(me, "Message-ID: <1@ours.test>\r\n", []string{"ann@friend.test"})
	asked := map[string][]string{}
	for _, rcpt := range []string{me, other} {
		z := zone()
		r.dns = z
		r.restart()
		r.gets(bad, "ann@friend.test", "In-Reply-To: <1@ours.test>\r\n", rcpt)
		asked[rcpt] = slices.Sorted(slices.Values(z.Asked()))
	}
	if len(asked[me]) == 0 || !slices.Equal(asked[me], asked[other]) {
		t.Errorf("to who knows the author %q, to who does not %q", asked[me], asked[other])
	}
}

// TestNoDNS: without an answer nothing vouches for anybody.
func TestNoDNS(t *testing.T) {
	r := newRig(t, nil)
	r.sends(me, "", []string{"ann@friend.test"})
	r.dns = &authntest.Zone{Errs: map[string]error{"friend.test": authntest.Temporary("friend.test")}}
	r.restart()
	if got := r.gets(good, "ann@friend.test", "", me); got != "unproven 0" {
		t.Errorf("got %q", got)
	}
	r.dns = nil
	r.restart()
	if got := r.gets(good, "ann@friend.test", "", me); got != "unproven 0" {
		t.Errorf("without a name server: %q", got)
	}
}

func TestOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"absolute path":   func(o *Options) { o.File = "known" },
		"keep_sent":       func(o *Options) { o.KeepSent = 0 },
		"per_day":         func(o *Options) { o.PerDay = 0 },
		"max_entries":     func(o *Options) { o.MaxEntries = 1 },
		"no domain name":  func(o *Options) { o.SharedDomains = []string{"x"} },
		"more than 10000": func(o *Options) { o.SharedDomains = make([]string, maxDomains+1) },
		"known.answer":    func(o *Options) { o.Points.Answer = 1 },
		"no such file":    func(o *Options) { o.File = "/nonexistent/known" },
	} {
		o := DefaultOptions()
		o.File = filepath.Join(t.TempDir(), "known")
		change(o)
		if _, err := New(o, filters.Deps{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	r := newRig(t, func(o *Options) { o.SharedDomains = []string{"Friend.test"} })
	r.sends(me, "", []string{"ann@friend.test"})
	if got := r.gets(good, "bob@sub.friend.test", "", me) + ", " + r.gets(good, "ann@friend.test", "", me); got != "first_contact 0, correspondent -3" {
		t.Errorf("shared: %s", got)
	}
}

func TestCancelled(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.f.Inspect(ctx, filtertest.Envelope(), filtertest.Message(t, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzMessageIDs: they are bounded, and have neither blanks nor brackets.
func FuzzMessageIDs(f *testing.F) {
	f.Add(" <a@b>\r\n\t<c@\r\n d> x <> <<e> >")
	f.Add(strings.Repeat("<a>", 100))
	f.Fuzz(func(t *testing.T, body string) {
		ids := messageIDs(body)
		if len(ids) > maxIDs {
			t.Errorf("%d of them", len(ids))
		}
		for _, id := range ids {
			if id == "" || len(id) > maxID || strings.ContainsAny(id, "> \t\r\n") {
				t.Errorf("%q", id)
			}
		}
	})
}

// FuzzNormal: an address has one form.
func FuzzNormal(f *testing.F) {
	f.Add(`"a b"+c@Example.org`)
	f.Add("a@b@c.test.")
	f.Add(strings.Repeat("\xff", 300) + "@a.test")
	f.Fuzz(func(t *testing.T, address string) {
		whole, domain, ok := normal(address)
		if !ok {
			return
		}
		again, same, ok := normal(strings.ReplaceAll(whole, "+", "")) // A plus in front is no tag, and stays.
		tooLong := len(whole) > maxAddress                            // What is no UTF-8 takes three times the room.
		if !ok && !tooLong && strings.Trim(whole, "+") != "@"+domain || ok && same != domain || len(whole) > 3*maxAddress {
			t.Errorf("%q became %q and %q", address, whole, again)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	r := newRig(b, nil)
	env := filtertest.Envelope()
	msg := filtertest.Message(b, "From: a@stranger.test\r\nReferences: <1@a> <2@a> <3@a>\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if found, err := r.f.Inspect(b.Context(), env, msg); err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
	}
}
