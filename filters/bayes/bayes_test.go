// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
)

func text(n int, spam bool) string {
	if spam {
		return fmt.Sprintf("From: Rich%d <rich@offers%d.test>\r\nTo: you@example.net\r\nSubject: cheap pills %d\r\n\r\nBuy cheap pills now! http://pills%d.test/buy\r\n", n, n, n, n)
	}
	return fmt.Sprintf("From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: minutes %d\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\n\r\nDear Bob, here are the minutes of meeting %d. Ann\r\n", n, n)
}

// teach has the owner learn n spam and n ham.
func teach(t testing.TB, path, owner string, n int) {
	t.Helper()
	s, err := store.Open(t.Context(), path, store.Options{Bits: 16})
	if err != nil {
		t.Fatal(err)
	}
	x := learn.NewExtractor()
	var items []store.Item
	for i := range 2 * n {
		msg := filtertest.Message(t, text(i, i%2 == 0))
		f, err := x.Features(nil, msg)
		if err != nil {
			t.Fatal(err)
		}
		d, err := x.Digest(msg)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, store.Item{Digest: d, Features: f, Spam: i%2 == 0})
	}
	if done, err := s.Learn(t.Context(), owner, items); err != nil || done.Learned != len(items) {
		t.Fatalf("got %+v, %v", done, err)
	}
}

func options(t testing.TB) *Options {
	o := DefaultOptions()
	o.Database, o.Bits, o.MinHam, o.MinSpam = filepath.Join(t.TempDir(), "learned.db"), 16, 20, 20
	return o
}

func newFilter(t testing.TB, o *Options, now func() time.Time) filters.Filter {
	t.Helper()
	f, err := New(o, filters.Deps{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			o := options(t)
			teach(t, o.Database, store.Site, 25)
			return newFilter(t, o, nil)
		},
		Messages: []string{text(1000, true), text(1000, false)},
	})
}

func inspect(t *testing.T, f filters.Filter, env *mail.Envelope, text string) filters.Finding {
	t.Helper()
	found, err := f.Inspect(t.Context(), env, filtertest.Message(t, text))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	return found[0]
}

func TestVerdicts(t *testing.T) {
	o := options(t)
	now := time.Unix(1_700_000_000, 0)
	f := newFilter(t, o, func() time.Time { return now })
	if got := inspect(t, f, filtertest.Envelope(), text(1000, true)); got.Code != codeUnsure || got.Score != 0 {
		t.Errorf("untrained: got %+v", got)
	}
	teach(t, o.Database, store.Site, 25)
	if got := inspect(t, f, filtertest.Envelope(), text(1000, true)); got.Code != codeUnsure {
		t.Errorf("before it looks again: got %+v", got)
	}
	now = now.Add(o.ReadEvery)
	if got := inspect(t, f, filtertest.Envelope(), text(1000, true)); got.Code != codeSpam || got.Score < o.Score {
		t.Errorf("spam: got %+v", got)
	}
	got := inspect(t, f, filtertest.Envelope(), text(1000, false))
	if got.Code != codeHam || got.Score != -o.HamScore {
		t.Errorf("ham: got %+v", got)
	}
	for _, word := range []string{"minutes", "Bob", "ann"} {
		if strings.Contains(got.Detail, word) {
			t.Errorf("%q is a word of the message", got.Detail)
		}
	}
}

// A user's own model counts for a message to that user alone.
func TestUsers(t *testing.T) {
	o := options(t)
	o.Users = true
	teach(t, o.Database, "to@example.net", 25)
	f := newFilter(t, o, nil)
	env := filtertest.Envelope()
	if got := inspect(t, f, env, text(1000, true)); got.Code != codeSpam {
		t.Errorf("to the user: got %+v", got)
	}
	env.RcptTo = append(env.RcptTo, mail.NewPath("other@example.net"))
	if got := inspect(t, f, env, text(1000, true)); got.Code != codeUnsure {
		t.Errorf("to two: got %+v", got)
	}
}

// What cannot be read at the start is an error; what cannot be read later does not take away what is known.
func TestBrokenDatabase(t *testing.T) {
	o := options(t)
	if err := os.WriteFile(o.Database, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(o, filters.Deps{}); err == nil {
		t.Error("a file that is no database is taken")
	}
	o = options(t)
	teach(t, o.Database, store.Site, 25)
	now := time.Unix(1_700_000_000, 0)
	f := newFilter(t, o, func() time.Time { return now })
	for _, name := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(o.Database+name, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(o.ReadEvery)
	if got := inspect(t, f, filtertest.Envelope(), text(1000, true)); got.Code != codeSpam {
		t.Errorf("got %+v", got)
	}
}

func TestPoints(t *testing.T) {
	o := DefaultOptions()
	for _, c := range []struct{ score, want float64 }{{0, 3.7}, {-0.5, 2.45}, {-3, -3.8}, {-4, -4}, {0.5, 4.95}, {2, 8}, {9, 8}} {
		if got := o.Points(learn.Verdict{Score: c.score, Ham: 100, Spam: 100, Compared: 100}); got != c.want {
			t.Errorf("%v: got %v points, want %v", c.score, got, c.want)
		}
	}
	if got := o.Points(learn.Verdict{Score: 9, Ham: 1, Spam: 100, Compared: 100}); got != 0 {
		t.Errorf("of one ham: got %v points", got)
	}
}

func TestValidate(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no database": func(o *Options) { o.Database = "" }, "relative": func(o *Options) { o.Database = "learned.db" },
		"min": func(o *Options) { o.MinHam = 0 }, "score": func(o *Options) { o.HamScore = -1 }, "max": func(o *Options) { o.MaxScore = 1 },
		"bits": func(o *Options) { o.Bits = 40 }, "often": func(o *Options) { o.ReadEvery = 0 }, "sender": func(o *Options) { o.AutoPerSender = 0 }, "share": func(o *Options) { o.AutoShare = 90 },
		"auto spam": func(o *Options) { o.AutoSpam = 0 }, "auto ham": func(o *Options) { o.AutoHam = 5 },
	} {
		o := options(t)
		if err := o.Validate(); err != nil {
			t.Fatal(err)
		}
		if change(o); o.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
