// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
)

// The detail tells whose data has spoken.
func TestWhose(t *testing.T) {
	for _, c := range []struct {
		name       string
		site, user int
		want       string
	}{
		{"the site alone", 25, 0, "site: "},
		{"the user alone", 0, 25, "user: "},
		{"both", 25, 25, "site and user: "},
	} {
		o := options(t)
		o.Users = true
		for owner, n := range map[string]int{store.Site: c.site, "to@example.net": c.user} {
			if n > 0 {
				teach(t, o.Database, owner, n)
			}
		}
		f := newFilter(t, o, nil)
		if got := inspect(t, f, filtertest.Envelope(), text(1000, true)); !strings.HasPrefix(got.Detail, c.want) {
			t.Errorf("%s: got %q, want %q in front", c.name, got.Detail, c.want)
		}
		lines, err := f.(filters.Explainer).Explain(t.Context(), filtertest.Envelope(), filtertest.Message(t, text(1000, true)))
		all := strings.Join(lines, "\n")
		if err != nil || strings.Contains(all, " user: ") != (c.user > 0) || strings.Contains(all, " pairs ") == (c.user+c.site == 0) {
			t.Errorf("%s: explained as %v\n%s", c.name, err, all)
		}
	}
}

// Of many users those stay whose mail came last.
func TestManyUsers(t *testing.T) {
	o := options(t)
	o.Users = true
	u := newFilter(t, o, nil).(*filter).users
	first := u.of("user0@example.org")
	for i := range maxUsers + 100 {
		u.of(fmt.Sprintf("user%d@example.org", i))
		if u.of("user0@example.org") != first {
			t.Fatalf("after %d users one whose mail comes all the time is forgotten", i)
		}
	}
	if len(u.by) != maxUsers || u.last.Len() != maxUsers {
		t.Errorf("%d and %d users are watched", len(u.by), u.last.Len())
	}
	if u.by["user1@example.org"] != nil {
		t.Error("the one whose mail came first is still watched")
	}
}

// A user's model that had to make room is read again when mail for the user comes.
func TestUserMakesRoom(t *testing.T) {
	o := options(t)
	o.Users = true
	for _, user := range []string{"a@example.net", "b@example.net"} {
		teach(t, o.Database, user, 25)
	}
	s, err := store.Open(t.Context(), o.Database, store.Options{Bits: o.Bits, Memory: 1})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	f := newFilter(t, o, func() time.Time { return now }).(*filter)
	f.site.store = s
	for range 3 {
		for _, user := range []string{"a@example.net", "b@example.net"} {
			env := filtertest.Envelope()
			env.RcptTo = []mail.Path{mail.NewPath(user)}
			if got := inspect(t, f, env, text(1000, true)); got.Code != codeSpam {
				t.Errorf("%s: got %+v", user, got)
			}
		}
		if a, b := s.Held("a@example.net"), s.Held("b@example.net"); a != nil || b == nil {
			t.Errorf("held: %v, %v", a != nil, b != nil)
		}
	}
}

// However many users' data is to be read, only so many reads are under way at once.
func TestReadsAtOnce(t *testing.T) {
	var readers readers
	var messages sync.WaitGroup
	places := make(chan struct{}, maxReads)
	started, end := make(chan struct{}, 100), make(chan struct{})
	log := filters.LogOrNone(nil)
	for range 20 {
		r := &reader{remote: true, readers: &readers, places: places}
		messages.Go(func() {
			r.look(t.Context(), log, func(context.Context) { started <- struct{}{}; <-end })
		})
	}
	messages.Wait() // None of them waits for a server.
	for range maxReads {
		<-started
	}
	if len(started) != 0 || len(places) != maxReads {
		t.Errorf("%d more have started, %d places are taken", len(started), len(places))
	}
	close(end)
	readers.end()
	if len(places) != 0 {
		t.Errorf("%d places are still taken", len(places))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range maxReads {
		places <- struct{}{}
	}
	r := &reader{readers: &readers, places: places}
	r.look(ctx, log, func(context.Context) { t.Error("read without a place") })
	if !r.reading.TryLock() {
		t.Error("nobody reads, but it is locked")
	}
}

// A panic of what reads is logged, and does not stop the server; the next one reads again.
func TestReaderPanics(t *testing.T) {
	log, hook := logtest.NewNullLogger()
	var readers readers
	r := &reader{readers: &readers, places: make(chan struct{}, 1)}
	again := false
	r.look(t.Context(), log, func(context.Context) { panic("planted") })
	r.look(t.Context(), log, func(context.Context) { again = true })
	readers.end()
	if e := hook.LastEntry(); !again || e == nil || e.Level != logrus.ErrorLevel || e.Data["err"] != "planted" {
		t.Errorf("read again: %v; log %v", again, e)
	}
}

// A verdict that is not a number is an error, and never one of no points.
func TestNotFinite(t *testing.T) {
	f := newFilter(t, options(t), nil).(*filter)
	for _, score := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, known := range []int{0, 100} {
			if got, err := f.finding(learn.Verdict{Score: score, Ham: known, Spam: known, Compared: known}, "site"); err == nil {
				t.Errorf("%v, %d known: got %+v", score, known, got)
			}
		}
	}
}

// A message that asks after the filter was closed, as one of a config that was replaced may, gets no answer and holds nothing up.
func TestNobodyReadsAtTheEnd(t *testing.T) {
	var all readers
	r := &reader{readers: &all, places: make(chan struct{}, 1)}
	all.end()
	for range 2 {
		r.look(t.Context(), filters.LogOrNone(nil), func(context.Context) { t.Error("somebody reads") })
	}
	all.end()
}
