// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
)

// Who shows all ham and then all spam gets no points that nothing was compared for; they begin when some mail was learned as it came.
func TestBlocks(t *testing.T) {
	o := DefaultOptions()
	o.Database, o.Bits = t.TempDir()+"/learned.db", 18
	w := newWriter(3)
	var list []shown
	for range 100 {
		list = append(list, shown{w.ham(), false})
	}
	for range 100 {
		list = append(list, shown{w.spam(), true})
	}
	show(t, o.Database, list...)
	now := time.Unix(1_700_000_000, 0)
	f := newFilter(t, o, func() time.Time { return now })
	if got := inspect(t, f, filtertest.Envelope(), w.spam()); got.Code != codeUnsure {
		t.Errorf("got %+v", got)
	}
	for range o.MinHam {
		show(t, o.Database, shown{w.ham(), false}, shown{w.spam(), true})
	}
	now = now.Add(o.ReadEvery)
	if got := inspect(t, f, filtertest.Envelope(), w.spam()); got.Code != codeSpam {
		t.Errorf("after some of each: got %+v", got)
	}
}

// What SpamAssassin had learned counts from the first message on.
func TestImported(t *testing.T) {
	o := options(t)
	s, err := store.Open(t.Context(), o.Database, store.Options{Bits: o.Bits})
	if err != nil {
		t.Fatal(err)
	}
	tokens := salearn.NewTokenizer()
	backup := "v\t3\tdb_version\nv\t300\tnum_spam\nv\t300\tnum_nonspam\n"
	seen := map[salearn.Token][2]int{}
	for class, spam := range []bool{true, false} {
		list, err := tokens.Tokens(filtertest.Message(t, text(1000, spam)))
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range list {
			n := seen[token]
			n[class] = 200
			seen[token] = n
		}
	}
	for token, n := range seen {
		backup += fmt.Sprintf("t\t%d\t%d\t1700000000\t%010x\n", n[0], n[1], uint64(token))
	}
	c, err := salearn.ReadBackup(strings.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ImportSpamAssassin(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	f := newFilter(t, o, nil)
	if got := inspect(t, f, filtertest.Envelope(), text(1000, true)); got.Code != codeSpam || got.Score < o.Score || !strings.Contains(got.Detail, "SpamAssassin") {
		t.Errorf("spam: got %+v", got)
	}
	if got := inspect(t, f, filtertest.Envelope(), text(1000, false)); got.Code != codeHam {
		t.Errorf("ham: got %+v", got)
	}
}

// A dead server keeps nothing from starting and no message waiting.
func TestDeadServer(t *testing.T) {
	o := options(t)
	o.Database = "postgres://mailweir:secret@127.0.0.1:1/mailweir?sslmode=disable"
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	f := newFilter(t, o, nil).(*filter)
	got := inspect(t, f, filtertest.Envelope(), text(1, true))
	if got.Code != codeUnsure || strings.Contains(got.Detail, "secret") {
		t.Errorf("got %+v", got)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// A file that is removed takes nothing away; one that is made in its place is taken over, without a reload.
func TestDatabaseReplaced(t *testing.T) {
	o := options(t)
	teach(t, o.Database, store.Site, 25)
	now := time.Unix(1_700_000_000, 0)
	f := newFilter(t, o, func() time.Time { return now })
	look := func() string {
		now = now.Add(o.ReadEvery)
		return inspect(t, f, filtertest.Envelope(), text(1000, true)).Code
	}
	if err := os.Remove(o.Database); err != nil {
		t.Fatal(err)
	}
	if got := look(); got != codeSpam {
		t.Errorf("without the file: got %s", got)
	}
	if _, err := os.Stat(o.Database); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the filter has made a file: %v", err)
	}
	teach(t, o.Database, store.Site, 1)
	if got := look(); got != codeUnsure {
		t.Errorf("with a new one of two messages: got %s", got)
	}
	if err := os.Remove(o.Database); err != nil {
		t.Fatal(err)
	}
	teach(t, o.Database, store.Site, 30)
	if got := look(); got != codeSpam {
		t.Errorf("with a third one: got %s", got)
	}
}
