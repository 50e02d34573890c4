// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // To lock the database as another program would.

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
)

// taught is a chain with a learner that looks at its database once a second, and believes in 20 messages.
const taught = `chain: [[bayes: {database: %s, bits: 16, min_ham: 20, min_spam: 20, read_every: 1s}]]
`

func junk(n int) string {
	return fmt.Sprintf("From: Rich%d <rich@offers%d.test>\r\nTo: ben@example.net\r\nSubject: cheap pills %d\r\n\r\nBuy cheap pills now! http://pills%d.test/buy\r\n", n, n, n, n)
}

func minutes(n int) string {
	return fmt.Sprintf("From: Ann <ann@example.org>\r\nTo: ben@example.net\r\nSubject: minutes %d\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\n\r\n"+
		"Dear Ben, here are the minutes of meeting %d. Ann\r\n", n, n)
}

// teach has root learn 25 messages of each kind, as an operator does: ham beside spam that is known, without which nothing could be compared.
func teach(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	for _, class := range []string{"spam", "ham"} {
		text := map[string]func(int) string{"spam": junk, "ham": minutes}[class]
		dir := t.TempDir()
		for i := range 25 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(text(i)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := r.Weir.Run(ctx, "learn", class, dir); err != nil {
			t.Fatalf("learn %s: %v: %s", class, err, out)
		}
	}
}

// says sends spam until the learner says the code about it, which it may do as soon as it looks at its database again.
func says(ctx context.Context, t *testing.T, r *rig.Rig, code string) {
	t.Helper()
	eventually(ctx, t, func() error {
		m := deliver(ctx, t, r, letter{client: stranger, text: junk(1000)})
		if got := result(t, m); !strings.HasSuffix(got, "findings="+code) {
			return fmt.Errorf("got %s, want %s", got, code)
		}
		return nil
	})
}

// shelf is a database with the files that SQLite has beside it.
type shelf struct {
	t    *testing.T
	path string
}

func (s shelf) files() []string {
	s.t.Helper()
	list, err := filepath.Glob(s.path + "*")
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// own gives all files to a user, who alone may read and write them.
func (s shelf) own(uid int) {
	s.t.Helper()
	for _, f := range s.files() {
		if err := errors.Join(os.Chmod(f, 0o600), os.Chown(f, uid, uid)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// save remembers all files; restore puts them back in place of what is there then.
func (s shelf) save() (restore func()) {
	s.t.Helper()
	saved := files(s.t, filepath.Dir(s.path))
	return func() {
		for _, f := range s.files() {
			_ = os.Remove(f)
		}
		for f, text := range saved {
			if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
				s.t.Fatal(err)
			}
		}
		s.own(nobody)
	}
}

// damage are things that happen to a database while the server runs; each gives what undoes it.
func damage(s shelf) map[string]func() (undo func()) {
	return map[string]func() (undo func()){
		"overwritten": func() func() {
			undo := s.save()
			for _, f := range s.files() {
				if err := os.WriteFile(f, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
					s.t.Fatal(err)
				}
			}
			return undo
		},
		"cut short": func() func() {
			undo := s.save()
			if err := os.Truncate(s.path, 1000); err != nil {
				s.t.Fatal(err)
			}
			return undo
		},
		"gone": func() func() {
			undo := s.save()
			for _, f := range s.files() {
				_ = os.Remove(f)
			}
			return undo
		},
		"forbidden": func() func() {
			s.own(0)
			return func() { s.own(nobody) }
		},
	}
}

// What was read before goes on to serve when the database is damaged, gone or forbidden while the server runs; the log says so. What is learned when it is
// well again is taken up by itself.
func TestDatabaseBroken(t *testing.T) {
	t.Parallel() // It waits more than it works.
	ctx := need(t)
	database := filepath.Join(folder(t), "learned.db")
	r := start(ctx, t, postconf.AfterQueueLMTP, fmt.Sprintf(taught, database))
	says(ctx, t, r, "bayes.untrained") // It made the database itself.
	teach(ctx, t, r)
	says(ctx, t, r, "bayes.spam")
	found(t, deliver(ctx, t, r, letter{client: stranger, text: minutes(1000)}), "bayes.ham", "-bayes.spam")
	for name, do := range damage(shelf{t, database}) {
		t.Run(name, func(t *testing.T) {
			since := len(r.Weir.Log())
			undo := do()
			eventually(ctx, t, func() error {
				m := deliver(ctx, t, r, letter{client: stranger, text: junk(1000)})
				found(t, m, "bayes.spam", "-failure.bayes")
				if !strings.Contains(r.Weir.Log()[since:], "learned data cannot be read; what was read before is used") {
					return fmt.Errorf("the log does not tell")
				}
				return nil
			})
			undo()
			takesUp(ctx, t, r, name)
			inTime(t, r, since, time.Second)
		})
	}
}

// takesUp has another message learned, and waits until the server knows of it.
func takesUp(ctx context.Context, t *testing.T, r *rig.Rig, name string) {
	t.Helper()
	const count = `mailweir_bayes_learned_messages{class="ham"}`
	before := metric(ctx, t, r, count)
	file := filepath.Join(t.TempDir(), "message")
	if err := os.WriteFile(file, []byte(minutes(2000)+name+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := r.Weir.Run(ctx, "learn", "ham", file); err != nil {
		t.Fatalf("learn: %v: %s", err, out)
	}
	eventually(ctx, t, func() error {
		found(t, deliver(ctx, t, r, letter{client: stranger, text: junk(1000)}), "bayes.spam")
		if n := metric(ctx, t, r, count); n != before+1 {
			return fmt.Errorf("the server knows of %v ham, want %v", n, before+1)
		}
		return nil
	})
}

// A database that another program holds for itself makes nobody wait longer than the filter's timeout.
func TestDatabaseLocked(t *testing.T) {
	ctx := need(t)
	database := filepath.Join(folder(t), "learned.db")
	r := start(ctx, t, postconf.AfterQueueLMTP, "timeouts: {filter: 2s}\n"+fmt.Sprintf(taught, database))
	teach(ctx, t, r)
	says(ctx, t, r, "bayes.spam")
	since := len(r.Weir.Log())
	unlock := lock(ctx, t, database)
	short, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	eventually(short, t, func() error {
		found(t, deliver(ctx, t, r, letter{client: stranger, text: junk(1000)}), "bayes.spam")
		if !strings.Contains(r.Weir.Log()[since:], "learned data cannot be read; what was read before is used") {
			return fmt.Errorf("the log does not tell")
		}
		return nil
	})
	unlock()
	takesUp(ctx, t, r, "locked")
	silentAbout(t, r, since, "fate=defer", "left behind") // Nobody waits for a database.
	inTime(t, r, since, 2*time.Second)
}

// lock holds the database alone until the function that it returns is called.
func lock(ctx context.Context, t *testing.T, database string) (unlock func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+database+"?_pragma=locking_mode(EXCLUSIVE)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range []string{"PRAGMA journal_mode=DELETE", "BEGIN EXCLUSIVE"} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		shelf{t, database}.own(nobody)
	}
}

// A server does not start on what is no database, and does not take up a config with one: it says which, and what was in force stays so. No mail is lost.
func TestDatabaseBrokenFromTheBeginning(t *testing.T) {
	ctx := need(t)
	dir := folder(t)
	good, bad := filepath.Join(dir, "good.db"), filepath.Join(dir, "bad.db")
	if err := os.WriteFile(bad, []byte(strings.Repeat("no database ", 1000)), 0o666); err != nil {
		t.Fatal(err)
	}
	r := start(ctx, t, postconf.AfterQueueLMTP, fmt.Sprintf(taught, good))
	if err := r.Weir.Configure(fmt.Sprintf(taught, bad)); err != nil {
		t.Fatal(err)
	}
	if out, err := r.Weir.Run(ctx, "reload"); err == nil || !strings.Contains(out, bad) {
		t.Errorf("reload: %v: %s; want an error that names the database", err, out)
	}
	found(t, deliver(ctx, t, r, letter{client: stranger}), "bayes.untrained")
	if n := metric(ctx, t, r, `mailweir_config_reloads_total{result="kept"}`); n != 1 {
		t.Errorf("the metrics tell of %v configs that were not taken up, want 1", n)
	}
	if err := r.Weir.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := r.Weir.Start(ctx); err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("start: %v; want an error that names the database", err)
	}
	wait(ctx, t, r, postconf.AfterQueueLMTP, letter{client: stranger})
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	if err := r.Weir.Start(ctx); err != nil {
		t.Fatal(err)
	}
	found(t, again(ctx, t, r, postconf.AfterQueueLMTP, letter{}), "bayes.untrained")
}

// A database server that is dead, or that says nothing, keeps neither the server from its start nor a message from its way; both go on untrained, and it is said.
func TestDatabaseServerDead(t *testing.T) {
	ctx := need(t)
	for name, address := range map[string]string{"dead": fake.Dead(t), "silent": fake.Listen(t, silent).Addr()} {
		t.Run(name, func(t *testing.T) {
			r := start(ctx, t, postconf.BeforeQueue, fmt.Sprintf(taught, "'postgres://mailweir@"+address+"/mailweir?sslmode=disable'"))
			for range 3 {
				found(t, deliver(ctx, t, r, letter{client: stranger}), "bayes.untrained")
			}
			eventually(ctx, t, func() error {
				if !strings.Contains(r.Weir.Log(), "learned data cannot be read") {
					return errors.New("the log does not tell")
				}
				return nil
			})
			inTime(t, r, 0, time.Second)
			silentAbout(t, r, 0, "fate=defer")
		})
	}
}
