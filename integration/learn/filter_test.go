// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/bayes"
	"github.com/mailweir/mailweir/learn/store/postgrestest"
	"github.com/mailweir/mailweir/mail"
)

// TestFilterFollows: the filter starts without its database, takes over what another process learns, and goes on with it when the database is away.
func TestFilterFollows(t *testing.T) {
	server := postgrestest.Start(t)
	o := bayes.DefaultOptions()
	o.Database = server.Database(t)
	server.Down(t)
	var clock atomic.Int64
	f, err := bayes.New(o, filters.Deps{Now: func() time.Time { return time.Unix(60*clock.Add(1), 0) }}) // Time to look again, each time.
	if err != nil {
		t.Fatal(err)
	}
	if got := code(t, f, letter(true, 1000)); got != "bayes.untrained" {
		t.Errorf("without a database: got %s", got)
	}
	server.Up(t)
	run(t, o.Database, "mixed", "--ham", write(t, false, 0, 300), "--spam", write(t, true, 0, 300))
	for end := time.Now().Add(limit); code(t, f, letter(true, 1000)) != "bayes.spam"; {
		if time.Now().After(end) {
			t.Fatal("the filter does not take over what was learned")
		}
	}
	server.Down(t)
	for n := range 20 {
		if spam, ham := code(t, f, letter(true, 1000+n)), code(t, f, letter(false, 1000+n)); spam != "bayes.spam" || ham != "bayes.ham" {
			t.Errorf("with a dead database, letter %d: got %s for spam, %s for ham", n, spam, ham)
		}
	}
}

// code is what the filter finds.
func code(t *testing.T, f filters.Filter, text string) string {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Inspect(t.Context(), &mail.Envelope{}, msg)
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	return found[0].Code
}
