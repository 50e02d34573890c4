// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store/postgrestest"
)

// TestDatabases has every kind of database do the same.
func TestDatabases(t *testing.T) {
	kinds := []struct {
		name  string
		start func(*testing.T) (fresh func(*testing.T) string)
	}{
		{"sqlite", func(*testing.T) func(*testing.T) string {
			return func(t *testing.T) string { return filepath.Join(t.TempDir(), "learn ?#%.db") }
		}},
		{"postgres", func(t *testing.T) func(*testing.T) string { return postgrestest.Start(t).Database }},
	}
	tests := []struct {
		name string
		run  func(t *testing.T, fresh func(*testing.T) string)
	}{
		{"once", testOnce},
		{"in one batch", testOneBatch},
		{"forget", testForget},
		{"two processes", testTwoProcesses},
		{"many at once", testManyAtOnce},
		{"owners", testOwners},
		{"odd owners", testOddOwners},
		{"export", testExport},
		{"export of what was imported", testExportImported},
		{"cancelled", testCancelled},
		{"another database", testAnotherDatabase},
		{"SpamAssassin", testSpamAssassin},
		{"status", testStatus},
		{"length of the journal", testJournalLength},
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			fresh := kind.start(t)
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) { tt.run(t, fresh) })
			}
		})
	}
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Bits: 12, UserBits: 10, Memory: 3 * 32 << 10})
	if err != nil {
		t.Fatal(err)
	}
	s.journal = 200
	return s
}

// item makes a message's features out of a number: spam has some features in common, and so has ham.
func item(n int, spam bool) Item {
	it := Item{Digest: learn.Digest{byte(n), byte(n >> 8)}, Features: &learn.Features{}, Spam: spam}
	base := uint32(1 << 20)
	if spam {
		base = 1 << 24
	}
	for i := range uint32(20) {
		it.Features.Views[learn.Text] = append(it.Features.Views[learn.Text], base*(1+i), uint32(n+1)*2654435761+i)
		it.Features.Grams = append(it.Features.Grams, base*(3+i))
	}
	return it
}

func written(t *testing.T, s *Store, owner string) []byte {
	t.Helper()
	m, err := s.Model(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func testOnce(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	both := []Item{item(1, true), item(2, false)}
	for i, want := range []Done{{Learned: 2}, {Known: 2}} {
		if got, err := s.Learn(t.Context(), Site, both); err != nil || got != want {
			t.Errorf("time %d: got %+v, %v, want %+v", i, got, err, want)
		}
	}
	turned := item(1, true)
	turned.Spam = false
	if got, err := s.Learn(t.Context(), Site, []Item{turned}); err != nil || got != (Done{Changed: 1}) {
		t.Errorf("as ham: got %+v, %v", got, err)
	}
	m, err := s.Model(t.Context(), Site)
	if err != nil {
		t.Fatal(err)
	}
	if ham, spam := m.Counts(); ham != 2 || spam != 0 {
		t.Errorf("got %d ham, %d spam, want 2 and none", ham, spam)
	}
}

func testForget(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	it := item(1, true)
	if _, err := s.Learn(t.Context(), Site, []Item{it}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if got, err := s.Forget(t.Context(), Site, it.Digest, it.Features); err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
}

// Two processes that have the same database open come to the same model, also after it was written as a whole.
func testTwoProcesses(t *testing.T, fresh func(*testing.T) string) {
	path := fresh(t)
	a, b := open(t, path), open(t, path)
	written(t, b, Site)
	for n := range 3 {
		var items []Item
		for i := range 110 {
			items = append(items, item(n*10_000+i, i%2 == 0))
		}
		if _, err := a.Learn(t.Context(), Site, items); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Learn(t.Context(), Site, []Item{item(50_000+n, true)}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written(t, a, Site), written(t, b, Site)) {
			t.Fatalf("the models differ in round %d", n)
		}
	}
	if !bytes.Equal(written(t, open(t, path), Site), written(t, a, Site)) {
		t.Error("a third one differs")
	}
}

func testOwners(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	for i := range 10 {
		if _, err := s.Learn(t.Context(), fmt.Sprintf("user%d@example.org", i), []Item{item(i, true)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.held); n > 3 {
		t.Errorf("%d models are held in memory", n)
	}
	m, err := s.Model(t.Context(), "user0@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if _, spam := m.Counts(); spam != 1 {
		t.Errorf("got %d spam, want 1", spam)
	}
}

func testExport(t *testing.T, fresh func(*testing.T) string) {
	from := open(t, fresh(t))
	if _, err := from.Learn(t.Context(), Site, []Item{item(1, true), item(2, false), item(3, true)}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := from.Export(t.Context(), Site, &b); err != nil {
		t.Fatal(err)
	}
	path := fresh(t)
	to, watching := open(t, path), open(t, path)
	written(t, watching, Site)
	if err := to.Import(t.Context(), Site, bytes.NewReader(b.Bytes()[:b.Len()/2])); !errors.Is(err, ErrExport) {
		t.Errorf("half an export: got %v", err)
	}
	if err := to.Import(t.Context(), Site, bytes.NewReader(b.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := to.Import(t.Context(), Site, bytes.NewReader(b.Bytes())); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second time: got %v", err)
	}
	if got, err := to.Learn(t.Context(), Site, []Item{item(1, true), item(4, false)}); err != nil || got != (Done{Known: 1, Learned: 1}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if !bytes.Equal(written(t, to, Site), written(t, watching, Site)) {
		t.Error("another process does not see what was imported")
	}
	if c, err := to.Imported(t.Context()); c != nil || err != nil {
		t.Errorf("from SpamAssassin: got %v, %v", c, err)
	}
}

// What was imported from SpamAssassin goes with the site's export, and takes the place of what was there; a user's import has nothing of it.
func testExportImported(t *testing.T, fresh func(*testing.T) string) {
	counts := func(text string) *salearn.Counts {
		c, err := salearn.ReadBackup(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const begin = "v\t3\tdb_version # this must be the first line!!!\nv\t7\tnum_spam\nv\t5\tnum_nonspam\n"
	from, to := open(t, fresh(t)), open(t, fresh(t))
	if err := errors.Join(from.ImportSpamAssassin(t.Context(), counts(begin+"t\t2\t1\t1700000000\t0123456789\n")), to.ImportSpamAssassin(t.Context(), counts(begin))); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := from.Export(t.Context(), Site, &b); err != nil {
		t.Fatal(err)
	}
	if err := to.Import(t.Context(), Site, bytes.NewReader(b.Bytes()[:b.Len()-2])); !errors.Is(err, ErrExport) {
		t.Errorf("without its end: got %v", err)
	}
	for _, step := range []struct {
		owner  string
		tokens int
	}{{"user@example.org", 0}, {Site, 1}} {
		if err := to.Import(t.Context(), step.owner, bytes.NewReader(b.Bytes())); err != nil {
			t.Fatal(err)
		}
		c, err := to.Imported(t.Context())
		if err != nil || c == nil || c.Len() != step.tokens {
			t.Errorf("%q: got %+v, %v, want %d tokens", step.owner, c, err, step.tokens)
		}
	}
}

func testCancelled(t *testing.T, fresh func(*testing.T) string) {
	s := open(t, fresh(t))
	before := written(t, s, Site)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Learn(ctx, Site, []Item{item(1, true)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !bytes.Equal(written(t, s, Site), before) {
		t.Error("something was learned")
	}
}
