// SPDX-License-Identifier: Apache-2.0

package postfixconf_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// recipe is a Postfix that runs with a recipe.
type recipe struct {
	ctx  context.Context //nolint:containedctx // It lives for one test.
	next *sink.Server
	p    *postfixtest.Instance
}

// start starts a private Postfix with a recipe's main.cf, in which words are replaced: hosts by those of the test, for one. Its tables are
// taken from the recipe's folder.
func start(t *testing.T, name string, o sink.Options, replace func(next string) []string) *recipe {
	t.Helper()
	if why := postfixtest.Missing(); why != "" {
		t.Skip(why)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	next, err := sink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	tables := tables(t, name, replace(next.Addr()))
	r := strings.NewReplacer(append(replace(next.Addr()), "/etc/postfix", tables)...)
	p, err := postfixtest.Start(ctx, postfixtest.Options{
		NextHop: next.Addr(),
		Main:    parameters(r.Replace(read(t, "recipes", name, "main.cf"))),
		// By XCLIENT a test can be a stranger.
		Listeners: []postfixtest.Listener{{Name: "in", Options: []string{
			"smtpd_authorized_xclient_hosts=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := p.Log()
			t.Log(log)
		}
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &recipe{ctx, next, p}
}

func asItIs(string) []string { return nil }

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tables copies the tables of a recipe into a folder that Postfix may read.
func tables(t *testing.T, name string, replace []string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mailweir-recipe-") //nolint:usetesting // Where other users may go, too.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join("recipes", name))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text := strings.NewReplacer(replace...).Replace(read(t, "recipes", name, f.Name()))
		if err := os.WriteFile(filepath.Join(dir, f.Name()), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// parameters reads a main.cf: comments out, continuation lines joined.
func parameters(text string) map[string]string {
	text = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`\n[ \t]+`).ReplaceAllString(text, " ")
	all := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, "="); ok {
			all[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return all
}

// rcpt asks for a recipient, as a client inside or as a stranger.
func (r *recipe) rcpt(t *testing.T, address string, stranger bool) smtptest.Reply {
	t.Helper()
	c, _, err := smtptest.Dial(r.p.Addr("in"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	lines := []string{"EHLO client.example.test"}
	if stranger {
		lines = append(lines, "XCLIENT NAME=client.example.com ADDR=192.0.2.99", "EHLO client.example.com")
	}
	for _, line := range append(lines, "MAIL FROM:<cleo@example.com>") {
		if reply, err := c.Cmd("%s", line); err != nil || !reply.OK() {
			t.Fatalf("%s: %v, %v", line, reply, err)
		}
	}
	reply, err := c.Cmd("RCPT TO:<%s>", address)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// pass sends a message in, which has to arrive for these recipients.
func (r *recipe) pass(t *testing.T, to ...string) {
	t.Helper()
	m := smtptest.Mail{From: "<cleo@example.com>", Body: []byte("Subject: x\r\n\r\nHello\r\n")}
	for _, a := range to {
		m.To = append(m.To, "<"+a+">")
	}
	o, err := smtptest.Send(r.p.Addr("in"), m)
	if err != nil || !o.OK() {
		t.Fatalf("send: %v, %v", o, err)
	}
	arrived := func(all []*sink.Message) bool {
		n := 0
		for _, m := range all {
			n += len(m.RcptTo)
		}
		return n == len(to)
	}
	if err := r.next.Wait(r.ctx, arrived); err != nil {
		t.Fatal(err)
	}
}

func TestMailboxesByLMTP(t *testing.T) {
	// One mailbox is full: its message waits, the other's is there.
	full := func(step sink.Step, arg string) sink.Act {
		if step == sink.Dot && strings.Contains(arg, "full@") {
			return sink.Act{Reply: "452 4.2.2 mailbox full"}
		}
		return sink.Act{}
	}
	r := start(t, "mailboxes-lmtp", sink.Options{LMTP: true, Script: full}, func(next string) []string {
		host, port, _ := strings.Cut(next, ":")
		return []string{"[mailbox1.example.org]:24", "[" + host + "]:" + port, "[mailbox2.example.org]:24", "[" + host + "]:" + port}
	})
	r.pass(t, "ann@example.org")
	r.next.Reset()
	o, err := smtptest.Send(r.p.Addr("in"), smtptest.Mail{
		From: "<cleo@example.com>", To: []string{"<ben@staff.example.org>", "<full@staff.example.org>"}, Body: []byte("\r\nx\r\n"),
	})
	if err != nil || !o.OK() {
		t.Fatalf("send: %v, %v", o, err)
	}
	waiting := func(q []postfixtest.Queued) bool {
		return len(q) == 1 && len(q[0].Recipients) == 1 && q[0].Recipients[0].Address == "full@staff.example.org"
	}
	if err := r.p.WaitQueue(r.ctx, waiting); err != nil {
		t.Error(err)
	}
	if m := r.next.Messages(); len(m) != 1 || sink.Address(m[0].RcptTo[0]) != "ben@staff.example.org" {
		t.Errorf("got %d messages, want one for ben@staff.example.org", len(m))
	}
}

func TestRecipientsByList(t *testing.T) {
	r := start(t, "recipients-list", sink.Options{}, asItIs)
	for _, stranger := range []bool{true, false} {
		if got := r.rcpt(t, "nobody@example.org", stranger); got.Code != 550 {
			t.Errorf("unknown recipient, stranger %v: got %s, want 550", stranger, got)
		}
		if got := r.rcpt(t, "ann@example.org", stranger); got.Code != 250 {
			t.Errorf("known recipient, stranger %v: got %s, want 250", stranger, got)
		}
	}
	r.pass(t, "ann@example.org", "ben@example.org")
}

func TestRecipientsByVerification(t *testing.T) {
	unknown := func(step sink.Step, arg string) sink.Act {
		if step == sink.RCPT && strings.Contains(arg, "nobody@") {
			return sink.Act{Reply: "550 5.1.1 secret words of the mailbox server"}
		}
		return sink.Act{}
	}
	r := start(t, "recipients-verify", sink.Options{Script: unknown}, asItIs)
	if got := r.rcpt(t, "nobody@example.org", true); got.Code != 550 || strings.Contains(got.String(), "secret") {
		t.Errorf("unknown recipient: got %s, want 550 in our words", got)
	}
	if got := r.rcpt(t, "ann@example.org", true); got.Code != 250 {
		t.Errorf("known recipient: got %s, want 250", got)
	}
	if got := r.rcpt(t, "ann@example.net", true); got.Code/100 != 5 {
		t.Errorf("another's domain: got %s, want it refused", got)
	}
	r.pass(t, "ann@example.org")
}

func TestHiddenAliases(t *testing.T) {
	r := start(t, "hidden-aliases", sink.Options{}, func(string) []string {
		return []string{"smtpd_recipient_restrictions", "relay_domains = example.org\nsmtpd_recipient_restrictions"}
	})
	if got := r.rcpt(t, "all-staff@example.org", true); got.Code != 550 || !strings.Contains(got.String(), "User unknown") {
		t.Errorf("list, asked for by a stranger: got %s, want 550 User unknown", got)
	}
	if got := r.rcpt(t, "all-staff@example.org", false); got.Code != 250 {
		t.Errorf("list, asked for from inside: got %s, want 250", got)
	}
	if got := r.rcpt(t, "ann@example.org", true); got.Code != 250 {
		t.Errorf("person, asked for by a stranger: got %s, want 250", got)
	}
	r.pass(t, "all-staff@example.org")
}

func TestTwoHosts(t *testing.T) {
	free, err := postfixtest.FreeAddrs(1)
	if err != nil {
		t.Fatal(err)
	}
	bracketed := func(address string) string {
		host, port, _ := strings.Cut(address, ":")
		return "[" + host + "]:" + port
	}
	r := start(t, "two-hosts", sink.Options{}, func(next string) []string {
		return []string{"[gw1.example.org]:25", bracketed(free[0]), "[gw2.example.org]:25", bracketed(next)} // The first is down.
	})
	r.pass(t, "ann@example.org")

	zone := read(t, "recipes", "two-hosts", "zone")
	for _, name := range []string{"mx", "out"} {
		if n := len(regexp.MustCompile(`(?m)^`+name+`\s+IN\s+A\s`).FindAllString(zone, -1)); n != 2 {
			t.Errorf("zone: %s has %d addresses, want 2", name, n)
		}
	}
}

func TestResolver(t *testing.T) {
	program, err := exec.LookPath("unbound-checkconf")
	if err != nil {
		t.Skip("unbound is not installed: no unbound-checkconf")
	}
	dir := t.TempDir()
	whole := filepath.Join(dir, "unbound.conf")
	text := read(t, "recipes", "resolver", "unbound.conf") + "  directory: " + dir + "\n  chroot: \"\"\n  username: \"\"\n"
	if err := os.WriteFile(whole, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, whole).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
