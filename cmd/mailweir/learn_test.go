// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters/bayes"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/quarantine"
)

// letter is a message of its own.
func letter(n int, about string) string {
	return fmt.Sprintf("From: a%d@example.org\r\nTo: b@example.net\r\nSubject: %s %d\r\nMessage-ID: <%d@example.org>\r\n\r\nAll about %s, number %d.\r\n", n, about, n, n, about, n)
}

// learnRun runs "mailweir learn" with a database in dir, and gives all it wrote, with dir cut from names.
func learnRun(t *testing.T, dir string, stdin io.Reader, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetIn(stdin)
	cmd.SetArgs(append([]string{"learn", "--database", filepath.Join(dir, "learned.db")}, args...))
	smallModel(t, filepath.Join(dir, "learned.db"))
	err := cmd.ExecuteContext(t.Context())
	text := regexp.MustCompile(`(?m)^\d+ messages, \d+ a second\n`).ReplaceAllString(out.String(), "")               // Progress, on a slow machine.
	text = regexp.MustCompile(`(?m)^beside each other: \d+ ham$`).ReplaceAllString(text, "beside each other: N ham") // Package learn's to say.
	switch {
	case errors.Is(err, errFault):
		text += "exit 1\n"
	case err != nil:
		text += "exit 2: " + err.Error() + "\n"
	}
	return strings.ReplaceAll(text, dir+"/", "")
}

// smallModel makes a database with a model that is small, if there is none.
func smallModel(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	s, err := store.Open(t.Context(), path, store.Options{Bits: 12})
	if err != nil {
		t.Fatal(err)
	}
	var empty bytes.Buffer
	if err := errors.Join(s.Export(t.Context(), store.Site, &empty), s.Import(t.Context(), store.Site, &empty)); err != nil {
		t.Fatal(err)
	}
}

func TestLearn(t *testing.T) {
	dir := write(t, map[string]string{
		"spam/1.eml": letter(1, "pills"), "spam/2.eml": letter(2, "pills"), "spam/.hidden": "x", "spam/deep/3.eml": letter(3, "pills"),
		"ham.mbox":                      "From a@example.org Mon Jan  1 00:00:00 2024\n" + letter(4, "tea") + "\nFrom b@example.org Mon Jan  1 00:00:00 2024\n" + letter(5, "tea"),
		"md/cur/1700000002.M1.host:2,S": letter(6, "tea"), "md/new/1700000001.M1.host": letter(7, "tea"), "md/tmp/x": letter(8, "no"),
		"md/.Junk/cur/1": letter(9, "no"), "md/dovecot-uidlist": "3 V1", "junk/list.txt": "no mail\n", "junk/a.eml": letter(10, "tea"),
	})
	md := filepath.Join(dir, "md")
	if err := os.MkdirAll(filepath.Join(md, ".Junk", "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	in := func(names ...string) []string {
		for i := range names {
			if i > 0 {
				names[i] = filepath.Join(dir, names[i])
			}
		}
		return names
	}
	for _, tt := range []struct {
		args  []string
		stdin string
		want  string
	}{
		{in("spam", "spam"), "", "learned 3, were ham before 0, known 0, unreadable 0\n"},
		{in("spam", "spam"), "", "learned 0, were ham before 0, known 3, unreadable 0\n"},
		{in("ham", "ham.mbox", "md"), "", "learned 4, were spam before 0, known 0, unreadable 0\n"},
		{in("ham", "spam/1.eml"), "", "learned 0, were spam before 1, known 0, unreadable 0\n"},
		{in("ham", "junk"), "", "mailweir: junk/list.txt: no message: none of the usual header fields\nlearned 1, were spam before 0, known 0, unreadable 1\nexit 1\n"},
		{[]string{"spam", "-"}, letter(11, "pills"), "learned 1, were ham before 0, known 0, unreadable 0\n"},
		{[]string{"spam", "-"}, "From x\n" + letter(12, "pills") + "\nFrom x\n\n", "mailweir: -:2: no message: none of the usual header fields\nlearned 1, were ham before 0, known 0, unreadable 1\nexit 1\n"},
		{[]string{"ham", "--user", "Someone@Example.ORG", "-"}, letter(11, "pills"), "learned 1, were spam before 0, known 0, unreadable 0\n"},
		{[]string{"status"}, "", "database: learned.db\nlearned: 6 ham, 4 spam\nbeside each other: N ham\nusers with data of their own: 1\n"},
		{[]string{"status", "--user", "someone@example.org"}, "", "database: learned.db\nuser: someone@example.org\nlearned: 1 ham, 0 spam\nbeside each other: N ham\n"},
		{in("forget", "spam", "ham.mbox", "md/tmp/x"), "", "forgotten 5, not known 1, unreadable 0\n"},
		{in("ham", "none"), "", "exit 2: none: neither a file or folder, nor the ID of a message in the quarantine\n"},
		{[]string{"ham", "--user", "someone", "-"}, "", "exit 2: --user \"someone\": want an address, as in user@example.org\n"},
		{[]string{"ham", "-", "-"}, "", "exit 2: - is named twice\n"},
	} {
		if diff := cmp.Diff(tt.want, learnRun(t, dir, strings.NewReader(tt.stdin), tt.args...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.args, diff)
		}
	}
}

// TestLearnOrder: messages are visited as they have arrived.
func TestLearnOrder(t *testing.T) {
	dir := write(t, map[string]string{
		"inmail.10": "", "inmail.9": "", "inmail.010": "", "inmail.9a": "", "b/2": "", "b/10": "",
		"md/new/1700000003.b.host": "", "md/cur/1700000002.a.host:2,S": "", "md/cur/999999999.z.host:2,": "", "md/tmp/1": "",
	})
	var got []string
	err := eachInFolder(dir, func(s source) error {
		got = append(got, strings.TrimPrefix(s.path, dir+"/"))
		return nil
	})
	want := []string{
		"b/2", "b/10", "inmail.9", "inmail.9a", "inmail.010", "inmail.10",
		"md/cur/999999999.z.host:2,", "md/cur/1700000002.a.host:2,S", "md/new/1700000003.b.host",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestLearnQuarantine: a folder of the quarantine is learned from as the filter saw its messages, with their envelopes.
func TestLearnQuarantine(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept")
	q, err := quarantine.Open(kept, quarantine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	env := &mail.Envelope{ID: "A1", MailFrom: mail.ParsePath("<a@example.org>"), Client: mail.Client{Name: "mx.example.org", HELO: "mx.example.org"}, Received: time.Now()}
	rcpts := []mail.Path{mail.ParsePath("<b@example.net>")}
	text := letter(1, "pills")
	id, err := q.Put(t.Context(), quarantine.NewEntry(env, nil, rcpts, make([]policy.Disposition, 1)), strings.NewReader(text), int64(len(text)))
	if err = errors.Join(err, q.Close()); err != nil {
		t.Fatal(err)
	}
	cfg := writeConfig(t, fmt.Sprintf("quarantine: {dir: %q}\nwork_dir: %q\nlisten: [{address: \"127.0.0.1:0\", next_hop: \"127.0.0.1:25\"}]\n", kept, dir))
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"spam", kept}, "learned 1, were ham before 0, known 0, unreadable 0\n"},
		{[]string{"ham", "--config", cfg, string(id)}, "learned 0, were spam before 1, known 0, unreadable 0\n"},
		{[]string{"ham", "--config", cfg, "20010101-000000.000-A1"}, "exit 2: 20010101-000000.000-A1: neither a file or folder, nor the ID of a message in the quarantine\n"},
		{[]string{"spam", "--config", cfg, "A1"}, "learned 0, were ham before 1, known 0, unreadable 0\n"},
		{[]string{"spam", "--config", cfg, "A2"}, "exit 2: A2: neither a file or folder, nor the ID of a message in the quarantine\n"},
	} {
		if got := learnRun(t, dir, nil, tt.args...); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.args, got, tt.want)
		}
	}
	path := filepath.Join(kept, id.Time().Format("2006-01-02"), string(id)+".eml")
	got, err := keptEnvelope(source{path: path})
	if err != nil || got == nil || got.Client.HELO != "mx.example.org" || len(got.RcptTo) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLearnCopies(t *testing.T) {
	const backup = "v\t3\tdb_version # this must be the first line!!!\nv\t20\tnum_spam\nv\t30\tnum_nonspam\nt\t2\t1\t1700000000\t0123456789\ns\ts\tx@sa_generated\n"
	dir := write(t, map[string]string{"m.eml": letter(1, "pills"), "backup": backup, "broken": backup + "t\t1\n", "other": "hello\n"})
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := unix.Mkfifo(file("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"spam", file("m.eml")}, "learned 1, were ham before 0, known 0, unreadable 0\n"},
		{[]string{"export", file("saved")}, ""},
		{[]string{"export", file("saved")}, "exit 2: saved is there already; --force writes over it\n"},
		{[]string{"export", "--force", file("saved")}, ""},
		{[]string{"import", file("saved")}, "exit 2: import: something was learned already; move the database away, or name a new one by --database\n"},
		{[]string{"export", "--force", file("pipe")}, "exit 2: pipe is no regular file; - is standard output\n"},
		{[]string{"import", file("other")}, "exit 2: neither a file of \"mailweir learn export\" nor of \"sa-learn --backup\"\n"},
		{[]string{"import", file("broken")}, "exit 2: line 6: not a backup of sa-learn\n"},
		{[]string{"import", "--user", "a@example.org", file("backup")}, "exit 2: what SpamAssassin has learned can be imported for the site only, without --user\n"},
		{[]string{"import", file("backup")}, "imported from SpamAssassin 30 ham, 20 spam, 1 tokens; too few, they count from 200 ham and 200 spam on\n"},
		{[]string{"status"}, "database: learned.db\nlearned: 0 ham, 1 spam\nbeside each other: N ham\nfrom SpamAssassin: 30 ham, 20 spam, 1 tokens; too few, they count from 200 ham and 200 spam on\nusers with data of their own: 0\n"},
		{[]string{"import", "--database", file("new.db"), file("saved")}, "imported 0 ham, 1 spam\n"},
		{[]string{"export", "--force", file("saved")}, ""},
		{[]string{"import", "--database", file("newer.db"), file("saved")}, "imported 0 ham, 1 spam\nfrom SpamAssassin: 30 ham, 20 spam, 1 tokens; too few, they count from 200 ham and 200 spam on\n"},
		{[]string{"spam", "--database", file("new.db"), file("m.eml")}, "learned 0, were ham before 0, known 1, unreadable 0\n"},
		{[]string{"ham", "--user", "a@example.org", file("m.eml")}, "learned 1, were spam before 0, known 0, unreadable 0\n"},
		{[]string{"export", "--force", file("saved")}, "not in it: the own data of 1 users; --user exports that of one\n"},
		{[]string{"export", "--force", "--user", "a@example.org", file("saved")}, ""},
	} {
		if got := learnRun(t, dir, nil, tt.args...); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.args, got, tt.want)
		}
	}
	if fi, err := os.Lstat(file("pipe")); err != nil || fi.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe became %v, %v", fi.Mode(), err)
	}
	fi, err := os.Stat(file("learned.db"))
	if err != nil || fi.Mode().Perm()&0o007 != 0 {
		t.Errorf("others can read the database: %v, %v", fi.Mode(), err)
	}
}

// TestLearnConfig: the database is that of the filter in the chain.
func TestLearnConfig(t *testing.T) {
	want := &bayes.Options{Database: "/x", MinHam: 200, MinSpam: 100}
	cfg := &config.Config{Chain: [][]config.FilterSpec{{{Name: "html"}}, {{Name: "bayes", Options: want}}}}
	if got, err := bayesOptions(cfg); got != want || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := bayesOptions(&config.Config{}); !errors.Is(err, errNoBayes) {
		t.Errorf("without the filter: got %v", err)
	}
	for st, text := range map[store.Status]string{
		{Ham: 200, Spam: 100, Compared: 200}: "yes",
		{Ham: 200, Spam: 100, Compared: 199}: "not yet, from 200 ham on that was learned when spam was known; see mailweir learn mixed",
		{Ham: 199, Spam: 100}:                "not yet, from 200 ham and 100 spam on",
		{Ham: 200, Spam: 99}:                 "not yet, from 200 ham and 100 spam on",
	} {
		if got := enough(st, nil, want); got != text {
			t.Errorf("%+v: got %q", st, got)
		}
	}
}

// TestLearnFromSpamAssassin: what was imported is said to count when it does.
func TestLearnFromSpamAssassin(t *testing.T) {
	o := &bayes.Options{MinHam: 10, MinSpam: 10}
	for _, tt := range []struct {
		ham, spam int
		told      string
		counts    string
	}{
		{200, 199, "200 ham, 199 spam, 1 tokens; too few, they count from 200 ham and 200 spam on", "not yet, from 10 ham and 10 spam on"},
		{199, 200, "199 ham, 200 spam, 1 tokens; too few, they count from 200 ham and 200 spam on", "not yet, from 10 ham and 10 spam on"},
		{200, 200, "200 ham, 200 spam, 1 tokens", "what SpamAssassin has learned; our own from 10 ham and 10 spam on"},
	} {
		backup := fmt.Sprintf("v\t3\tdb_version # this must be the first line!!!\nv\t%d\tnum_spam\nv\t%d\tnum_nonspam\nt\t100\t0\t1700000000\t0123456789\n", tt.spam, tt.ham)
		c, err := salearn.ReadBackup(strings.NewReader(backup))
		if err != nil {
			t.Fatal(err)
		}
		if got := fromSpamAssassin(c); got != tt.told {
			t.Errorf("got %q, want %q", got, tt.told)
		}
		if got := enough(store.Status{}, c, o); got != tt.counts {
			t.Errorf("got %q, want %q", got, tt.counts)
		}
		if got := enough(store.Status{Ham: 10, Spam: 10, Compared: 10}, c, o); got != "yes" {
			t.Errorf("got %q", got)
		}
		if _, counts := c.LogOdds([]salearn.Token{0x0123456789}); counts != (min(tt.ham, tt.spam) >= salearn.MinMessages) {
			t.Errorf("%d ham, %d spam: package salearn says %v", tt.ham, tt.spam, counts)
		}
	}
}

// TestLearnDeadDatabase: a database that does not answer is told of, without its password.
func TestLearnDeadDatabase(t *testing.T) {
	dir := write(t, map[string]string{"m.eml": letter(1, "pills")})
	got := learnRun(t, dir, nil, "spam", "--database", "postgres://mailweir:geheim@/x?host="+dir, filepath.Join(dir, "m.eml"))
	if !strings.HasPrefix(got, "exit 2: learned data: open postgres://mailweir:xxxxx@/x") || strings.Contains(got, "geheim") {
		t.Errorf("got %q", got)
	}
}

// TestLearnHostileMbox: messages of an mbox are taken one after the other, however many there are, and none is too large.
func TestLearnHostileMbox(t *testing.T) {
	dir := write(t, map[string]string{"mbox": strings.Repeat("From x\n\n", 100_000)})
	visited, fault := 0, errors.New("enough")
	err := eachMessage(filepath.Join(dir, "mbox"), func(source) error {
		if visited++; visited == 3 {
			return fault
		}
		return nil
	})
	if visited != 3 || !errors.Is(err, fault) {
		t.Errorf("got %d, %v", visited, err)
	}
	large := filepath.Join(dir, "large")
	f, err := os.Create(large)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(maxLearned+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	if m := newLearnReader().read(source{name: "large", path: large, size: -1}); m.err == nil || !strings.Contains(m.err.Error(), "octets are too many") {
		t.Errorf("got %v", m.err)
	}
}

func TestProgress(t *testing.T) {
	now := time.Unix(0, 0)
	var b bytes.Buffer
	p := newProgress(&b, func() time.Time { return now })
	for range 25 {
		now = now.Add(time.Second)
		p.step()
	}
	if got, want := b.String(), "10 messages, 1 a second\n20 messages, 1 a second\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Reset()
	p.terminal = true
	now = now.Add(time.Minute)
	p.step()
	p.clear()
	p.clear()
	if got, want := b.String(), "26 messages, 0 a second\r\x1b[K"; got != want {
		t.Errorf("on a terminal: got %q, want %q", got, want)
	}
}
