// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store/postgrestest"
)

// The same message several times in one batch, and turned within it.
func testOneBatch(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	turned := item(1, true)
	turned.Spam = false
	items := []Item{item(1, true), item(2, true), item(1, true), turned, item(2, true)}
	if got, err := s.Learn(t.Context(), Site, items); err != nil || got != (Done{Learned: 2, Changed: 1, Known: 2}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if n, err := s.ForgetAll(t.Context(), Site, []Item{item(1, true), item(1, true), item(3, true)}); err != nil || n != 1 {
		t.Errorf("forgot %d, %v, want 1", n, err)
	}
	m, err := s.Model(t.Context(), Site)
	if err != nil {
		t.Fatal(err)
	}
	if ham, spam := m.Counts(); ham != 0 || spam != 1 {
		t.Errorf("got %d ham, %d spam, want none and 1", ham, spam)
	}
}

// Hosts that learn at the same time, partly the same, lose nothing and learn nothing twice; and all of them have the same model in the end.
func testManyAtOnce(t *testing.T, fresh func(*testing.T) string) {
	at := fresh(t)
	const hosts, rounds, size = 4, 12, 100
	stores := make([]*Store, hosts)
	var wg sync.WaitGroup
	var mu sync.Mutex
	learned := 0
	for h := range stores {
		stores[h] = open(t, at)
		wg.Go(func() {
			for r := range rounds {
				var items []Item
				for i := range size { // Half of it is what the next host learns, too.
					items = append(items, item((r*hosts+h)*size/2+i, i%2 == 0))
				}
				done, err := stores[h].Learn(t.Context(), Site, items)
				if err != nil {
					t.Errorf("host %d: %v", h, err)
				}
				mu.Lock()
				learned += done.Learned
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	want := (rounds*hosts + 1) * size / 2
	first := written(t, stores[0], Site)
	for h, s := range append(stores, open(t, at)) {
		if !bytes.Equal(written(t, s, Site), first) {
			t.Errorf("host %d has another model", h)
		}
	}
	m, err := stores[0].Model(t.Context(), Site)
	if err != nil {
		t.Fatal(err)
	}
	if ham, spam := m.Counts(); learned != want || ham+spam != want {
		t.Errorf("%d learned, the model knows %d, want %d", learned, ham+spam, want)
	}
}

// What Postfix lets through as an address need not be UTF-8.
func testOddOwners(t *testing.T, fresh func(*testing.T) string) {
	at := fresh(t)
	for _, owner := range []string{"a\xff@example.org", "a\x00@example.org", "A@example.org", strings.Repeat("x", 1000) + "@example.org"} {
		if got, err := open(t, at).Learn(t.Context(), owner, []Item{item(1, true)}); err != nil || got.Learned != 1 {
			t.Errorf("%.20q: got %+v, %v", owner, got, err)
		}
		if got, err := open(t, at).Learn(t.Context(), owner, []Item{item(1, true)}); err != nil || got.Known != 1 {
			t.Errorf("%.20q again: got %+v, %v", owner, got, err)
		}
	}
}

// A database that takes the place of another one, as when it is made anew, is not mixed with what is in memory.
func testAnotherDatabase(t *testing.T, fresh func(*testing.T) string) {
	old, other := open(t, fresh(t)), open(t, fresh(t))
	for n := range 5 {
		if _, err := old.Learn(t.Context(), Site, []Item{item(n, true)}); err != nil {
			t.Fatal(err)
		}
	}
	var items []Item
	for n := range 20 {
		items = append(items, item(100+n, n%2 == 0))
	}
	if _, err := other.Learn(t.Context(), Site, items); err != nil {
		t.Fatal(err)
	}
	old.db = other.db
	if !bytes.Equal(written(t, old, Site), written(t, other, Site)) {
		t.Error("the models differ")
	}
}

func testSpamAssassin(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	if c, err := s.Imported(t.Context()); c != nil || err != nil {
		t.Errorf("before: got %v, %v", c, err)
	}
	for _, spam := range []int{7, 9} {
		backup := fmt.Sprintf("v\t3\tdb_version # this must be the first line!!!\nv\t%d\tnum_spam\nv\t5\tnum_nonspam\n", spam)
		for n := range 1000 {
			backup += fmt.Sprintf("t\t%d\t%d\t1700000000\t%010x\n", n%7, n%5, n*987654321)
		}
		c, err := salearn.ReadBackup(strings.NewReader(backup))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ImportSpamAssassin(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		got, err := s.Imported(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Spam != uint32(spam) || got.Ham != 5 || got.Len() != 1000 {
			t.Errorf("got %d spam, %d ham, %d tokens", got.Spam, got.Ham, got.Len())
		}
	}
}

func testStatus(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	if _, err := s.Learn(t.Context(), Site, []Item{item(1, true), item(2, false), item(3, true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Learn(t.Context(), "user@example.org", []Item{item(1, true)}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Status(t.Context(), Site)
	if err != nil || got.Ham != 1 || got.Spam != 2 || got.Users != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A database that is away is an error, in bounded time; once it is back, everything goes on, with what was learned before.
func TestDeadPostgres(t *testing.T) {
	server := postgrestest.Start(t)
	s := open(t, server.Database(t))
	if _, err := s.Learn(t.Context(), Site, []Item{item(1, true)}); err != nil {
		t.Fatal(err)
	}
	before := written(t, s, Site)
	server.Down(t)
	if _, err := s.Model(t.Context(), Site); err == nil {
		t.Error("no error from reading")
	}
	if _, err := s.Learn(t.Context(), Site, []Item{item(2, true)}); err == nil || !strings.HasPrefix(err.Error(), "learn: open postgres://") {
		t.Errorf("learning: got %v", err)
	}
	server.Up(t)
	if !bytes.Equal(written(t, s, Site), before) {
		t.Error("it is not what it was")
	}
	if got, err := s.Learn(t.Context(), Site, []Item{item(1, true), item(2, true)}); err != nil || got != (Done{Learned: 1, Known: 1}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A host that stops in the middle of learning, with its connection open, keeps the others waiting, but what it did counts for nothing.
func TestPostgresHostStops(t *testing.T) {
	s := open(t, postgrestest.Start(t).Database(t))
	if _, err := s.Learn(t.Context(), Site, []Item{item(1, true)}); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stopped")
	err := s.db.write(t.Context(), maxWrite, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.db.claim(ctx, tx, Site); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		if _, err := s.Learn(short, Site, []Item{item(2, true)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while it has stopped: got %v", err)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if got, err := s.Learn(t.Context(), Site, []Item{item(2, true)}); err != nil || got.Learned != 1 {
		t.Errorf("afterwards: got %+v, %v", got, err)
	}
}

// A password is never shown.
func TestShownURL(t *testing.T) {
	for at, want := range map[string]string{
		"postgres://u:geheim@db.example.org/learn":                            "postgres://u:xxxxx@db.example.org/learn",
		"postgresql://u@db.example.org/learn?password=geheim&sslmode=require": "postgresql://u@db.example.org/learn?password=xxxxx&sslmode=require",
		"/var/lib/mailweir/learned.db":                                        "/var/lib/mailweir/learned.db",
	} {
		db, err := newDatabase(at)
		if err != nil || db.name != want {
			t.Errorf("%s: got %v, %v, want %s", at, db, err, want)
		}
	}
	for _, at := range []string{"postgres://u:geheim@db:port/x", "postgres://u:geheim@db/x?sslmode=what", "postgres://%zzgeheim"} {
		if _, err := Open(t.Context(), at, Options{}); !errors.Is(err, errURL) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: got %v", at, err)
		}
	}
}
