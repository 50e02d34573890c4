// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// The lines of README.md that put mailweir into Postfix do so, and those that take it out leave nothing behind but what is said to stay.
func TestREADME(t *testing.T) {
	ctx := need(t)
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	p, next := untouched(ctx, t)
	w := bareWeir(ctx, t, postconf.AfterQueueLMTP)
	run := func(begin string) {
		script := shellBlock(t, string(text), begin)
		script = strings.ReplaceAll(script, "127.0.0.1:10025", w.NextHop())
		script = strings.ReplaceAll(script, "[127.0.0.1]:10024", bracketed(t, w.Addr()))
		sh(ctx, t, p.ConfigDir(), script)
	}
	before := effective(ctx, t, p.ConfigDir())
	run("postconf -M mailweir/unix=")
	if out, err := w.Run(ctx, "postfix", "check", "--config-dir", p.ConfigDir(), "--service", p.Addr("in")+"/inet"); err != nil {
		t.Errorf("postfix check: %v:\n%s", err, out)
	}
	passes(ctx, t, p, next, true)
	run("postconf -X content_filter")
	after := strings.ReplaceAll(effective(ctx, t, p.ConfigDir()), "smtpd_forbid_bare_newline = normalize\n", "")
	if diff := cmp.Diff(strings.ReplaceAll(before, "smtpd_forbid_bare_newline = normalize\n", ""), after); diff != "" {
		t.Errorf("configuration (-before +after):\n%s", diff)
	}
	passes(ctx, t, p, next, false)
}

// passes sends messages until one comes out that went through mailweir, or that did not. After a reload Postfix may take some by what was so before.
func passes(ctx context.Context, t *testing.T, p *postfixtest.Instance, next *sink.Server, through bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ctx.Err() == nil && time.Now().Before(end); {
		next.Reset()
		if _, err := smtptest.Send(p.Addr("in"), smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean}); err != nil {
			continue // Postfix is about to reload.
		}
		try, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := next.Wait(try, func(m []*sink.Message) bool { return len(m) > 0 })
		cancel()
		if err == nil && (next.Messages()[0].Field("Mailweir-Result") != "") == through {
			return
		}
	}
	t.Errorf("no message came out with mailweir in the way: %v", through)
}

// shellBlock is the block of a page that begins with these words.
func shellBlock(t *testing.T, text, begin string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "```sh\n"+begin)
	script, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("no block begins with %s", begin)
	}
	return begin + script
}

// bracketed is an address as Postfix's transports have it.
func bracketed(t *testing.T, addr string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return "[" + host + "]:" + port
}

// sh runs commands for the Postfix of a folder.
func sh(ctx context.Context, t *testing.T, dir, script string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, "sh", "-ec", script)
	cmd.Env = append(os.Environ(), "MAIL_CONFIG="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
}
