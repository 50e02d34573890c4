// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/dmarc/report"
)

var today = time.Date(2023, 11, 14, 0, 0, 0, 0, time.UTC)

// clock is a time that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func create(t *testing.T, c *clock) *Store {
	t.Helper()
	return New(filepath.Join(t.TempDir(), "odd? name#.db"), 10*day, c.now)
}

func row(domain, author string) report.Row {
	return report.Row{
		Day: today, Source: netip.MustParseAddr("2001:db8::1"), Count: 1, Disposition: "none", DKIM: true, HeaderFrom: author,
		Published:  report.Published{Domain: domain, Organisation: domain, Policy: "reject", Subdomains: "none", Percent: 100, Failure: "0", Aggregate: []string{"mailto:a@" + domain}},
		Signatures: []report.Signature{{Domain: domain, Selector: "s", Result: authn.Pass}}, SPFDomain: domain, SPFScope: "mfrom", SPFResult: authn.Fail,
	}
}

func add(t *testing.T, s *Store, rows ...report.Row) int {
	t.Helper()
	dropped, err := s.Add(t.Context(), rows...)
	if err != nil {
		t.Fatal(err)
	}
	return dropped
}

func rows(t *testing.T, s *Store, domain string, begin, end time.Time) []report.Row {
	t.Helper()
	list, err := s.Rows(t.Context(), domain, begin, end)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestStore(t *testing.T) {
	s := create(t, &clock{at: today})
	tomorrow := row("a.test", "x.a.test")
	tomorrow.Day = today.Add(day)
	add(t, s, row("a.test", "a.test"), row("a.test", "x.a.test"), row("b.test", "b.test"), tomorrow)
	stricter := row("a.test", "x.a.test")
	stricter.Published.Policy = "quarantine"
	add(t, s, stricter)

	again, err := Open(s.path)
	if err != nil {
		t.Fatal(err)
	}
	first, second := row("a.test", "x.a.test"), row("a.test", "a.test")
	first.Count, first.Published.Policy, second.Published.Policy = 2, "quarantine", "quarantine"
	same := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	if d := cmp.Diff([]report.Row{first, second}, rows(t, again, "a.test", today, today.Add(day)), same); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := rows(t, again, "", today, today.Add(2*day)); len(got) != 4 || got[3].Day != tomorrow.Day {
		t.Errorf("got %+v", got)
	}
	totals, err := again.Totals(t.Context(), today, today.Add(day))
	want := []Total{{today, first.Published, 2, 3}, {today, row("b.test", "").Published, 1, 1}}
	if d := cmp.Diff(want, totals); d != "" || err != nil {
		t.Errorf("%v, (-want +got):\n%s", err, d)
	}
	info, err := os.Stat(s.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: got %v", err)
	}
}

func TestExpire(t *testing.T) {
	c := &clock{at: today.Add(time.Hour)}
	s := create(t, c)
	add(t, s, row("a.test", "a.test"))
	for _, step := range []struct {
		days time.Duration
		want int
	}{{9, 2}, {10, 3}, {11, 3}, {30, 1}} {
		c.set(today.Add(step.days*day + time.Hour))
		r := row("b.test", fmt.Sprintf("%d.b.test", step.days))
		r.Day = today.Add(step.days * day)
		add(t, s, r)
		if got := rows(t, s, "", today, today.Add(100*day)); len(got) != step.want {
			t.Errorf("after %d days: %d rows, want %d", step.days, len(got), step.want)
		}
	}
	var left int
	err := s.use(t.Context(), false, func(tx *sql.Tx) error {
		return tx.QueryRowContext(t.Context(), "SELECT (SELECT COUNT(*) FROM policy) + (SELECT COUNT(*) FROM held)").Scan(&left)
	})
	if err != nil || left != 3 { // One policy, the organisation and the day.
		t.Errorf("%v, %d lines are left", err, left)
	}
}

// TestRoom: who sends from any number of names takes room from nobody but himself, and no more of it than there is.
func TestRoom(t *testing.T) {
	s := create(t, &clock{at: today})
	s.perOrganisation, s.perDay = 3, 5
	add(t, s, row("good.test", "good.test"))
	var many []report.Row
	for i := range 10 {
		r := row(fmt.Sprintf("%d.evil.test", i), fmt.Sprintf("%d.evil.test", i))
		r.Published.Organisation = "evil.test"
		many = append(many, r)
	}
	if n := add(t, s, many...); n != 7 {
		t.Errorf("%d dropped", n)
	}
	if n := add(t, s, row("good.test", "x.good.test"), row("good.test", "good.test"), row("late.test", "late.test"), many[0], many[9]); n != 2 {
		t.Errorf("%d dropped", n) // That of late.test, for the day is full, and the last one.
	}
	if got := rows(t, s, "good.test", today, today.Add(day)); len(got) != 2 || got[0].Count != 2 {
		t.Errorf("got %+v", got)
	}
	next := row("late.test", "late.test")
	next.Day = today.Add(day)
	if n := add(t, s, next); n != 0 {
		t.Error("no room on another day")
	}
}

// TestTogether: several processes count in one file.
func TestTogether(t *testing.T) {
	c := &clock{at: today}
	s := create(t, c)
	var wg sync.WaitGroup
	for range 4 {
		other := New(s.path, 10*day, c.now)
		wg.Go(func() {
			for range 10 {
				if _, err := other.Add(context.Background(), row("a.test", "a.test"), row("a.test", "b.a.test")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, r := range rows(t, s, "a.test", today, today.Add(day)) {
		if r.Count != 40 {
			t.Errorf("got %d of %s", r.Count, r.HeaderFrom)
		}
	}
}

func TestBroken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(file, []byte("this is no database, and longer than the header of one, which has a hundred octets; so it is refused....."), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(file, day, time.Now).Add(t.Context(), row("a.test", "a.test")); err == nil {
		t.Error("it was taken for a database")
	}
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rows(t.Context(), "", today, today.Add(day)); err == nil {
		t.Error("rows were read")
	}
	if _, err := New(filepath.Join(t.TempDir(), "no", "folder"), day, time.Now).Add(t.Context(), row("a.test", "a.test")); err == nil {
		t.Error("a folder was made")
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func BenchmarkAdd(b *testing.B) {
	s := New(filepath.Join(b.TempDir(), "db"), day, time.Now)
	n := 0
	for b.Loop() {
		var list []report.Row
		for range 100 {
			n++
			list = append(list, row("a.test", fmt.Sprintf("%d.a.test", n%5000)))
		}
		if _, err := s.Add(b.Context(), list...); err != nil {
			b.Fatal(err)
		}
	}
}
