// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// Clients, of RFC 5737's and RFC 3849's addresses.
const (
	home     = ""                 // The loopback network, which is trusted: our own people.
	stranger = "192.0.2.9"        // Nobody knows him.
	bad      = "192.0.2.1"        // On lists.
	bad6     = "IPV6:2001:db8::1" // On lists, as XCLIENT writes it.
)

const head = "From: Ann <ann@example.org>\r\nTo: ben@example.net\r\nSubject: test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"

const plain = head + "\r\nHello\r\n"

// letter is a message and the client that it comes from.
type letter struct {
	client string
	helo   string // "" is client.example.test.
	from   string // "" is <ann@example.org>.
	to     string // "" is <ben@example.net>.
	text   string // "" is plain.
}

func (l letter) mail() smtptest.Mail {
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	return smtptest.Mail{HELO: l.helo, From: or(l.from, "<ann@example.org>"), To: []string{or(l.to, "<ben@example.net>")}, Body: []byte(or(l.text, plain))}
}

// post sends a letter in by the front door and gives the last reply.
func post(t *testing.T, r *rig.Rig, l letter) smtptest.Reply {
	t.Helper()
	return sendAs(t, r, l.client, l.mail()).Final()
}

// sendAs sends a message in by the front door, in the name of a client.
func sendAs(t *testing.T, r *rig.Rig, client string, m smtptest.Mail) *smtptest.Outcome {
	t.Helper()
	return sendTo(t, r.Postfix.Addr(rig.In), client, m)
}

// sendTo sends a message in by a door, in the name of a client.
func sendTo(t *testing.T, door, client string, m smtptest.Mail) *smtptest.Outcome {
	t.Helper()
	c, greeting, err := smtptest.Dial(door)
	if err != nil || !greeting.OK() {
		t.Fatalf("connect: %v, %v", greeting, err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Hello(m); err != nil {
		t.Fatal(err)
	}
	if client != home {
		// Postfix's XCLIENT_README: the server greets anew.
		if reply, err := c.Cmd("XCLIENT NAME=[UNAVAILABLE] ADDR=%s", client); err != nil || !reply.OK() {
			t.Fatalf("XCLIENT: %v, %v", reply, err)
		}
		if _, err := c.Hello(m); err != nil {
			t.Fatal(err)
		}
	}
	o, err := c.Send(m)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	_, _ = c.Cmd("QUIT")
	return o
}

// postOK sends a letter that has to be taken.
func postOK(t *testing.T, r *rig.Rig, l letter) {
	t.Helper()
	if reply := post(t, r, l); !reply.OK() {
		t.Fatalf("from %q: got %s, want it taken", l.client, reply)
	}
}

// deliver sends a letter and gives it as it comes out, alone.
func deliver(ctx context.Context, t *testing.T, r *rig.Rig, l letter) *sink.Message {
	t.Helper()
	r.Sink.Reset()
	postOK(t, r, l)
	arrived(ctx, t, r)
	return only(t, r)
}

// only is the one message at the sink.
func only(t *testing.T, r *rig.Rig) *sink.Message {
	t.Helper()
	all := r.Sink.Messages()
	if len(all) != 1 {
		t.Fatalf("%d messages came out, want one", len(all))
	}
	if m := all[0]; sink.Address(m.MailFrom) == "" {
		t.Fatalf("a notification came out:\n%s", m.Data)
	}
	return all[0]
}

// refuse sends a letter that has to be refused for good: to the client before the queue, by a notification behind it. Nothing else comes out.
func refuse(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, l letter) {
	t.Helper()
	r.Sink.Reset()
	reply := post(t, r, l)
	if way == postconf.BeforeQueue {
		if reply.Code != 554 || !strings.HasPrefix(reply.Lines[0], "5.7.") {
			t.Errorf("from %s: got %s, want 554 5.7.x", l.client, reply)
		}
		if n := len(r.Sink.Messages()); n != 0 {
			t.Errorf("%d messages came out", n)
		}
		return
	}
	if !reply.OK() {
		t.Fatalf("from %s: got %s, want Postfix to take it", l.client, reply)
	}
	arrived(ctx, t, r)
	all := r.Sink.Messages()
	if len(all) != 1 || sink.Address(all[0].MailFrom) != "" {
		t.Fatalf("%d messages came out, want Postfix's notification alone", len(all))
	}
}

// wait sends a letter that cannot be handed on now. Behind the queue Postfix keeps it; before the queue the client is asked to come back.
func wait(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, l letter) {
	t.Helper()
	r.Sink.Reset()
	reply := post(t, r, l)
	if way == postconf.BeforeQueue {
		if reply.Code/100 != 4 {
			t.Fatalf("from %s: got %s, want a transient refusal", l.client, reply)
		}
	} else {
		if !reply.OK() {
			t.Fatalf("from %s: got %s, want Postfix to take it", l.client, reply)
		}
		deferred := func(q []postfixtest.Queued) bool { return len(q) == 1 && q[0].Recipients[0].Reason != "" }
		if err := r.Postfix.WaitQueue(ctx, deferred); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.Sink.Messages()); n != 0 {
		t.Fatalf("%d messages came out, want them to wait", n)
	}
}

// again wants a letter that waited to come out, once: Postfix tries again by itself, a client comes back.
func again(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, l letter) *sink.Message {
	t.Helper()
	comes(ctx, t, r, way, l)
	return only(t, r)
}

// comes waits for a letter that waits: Postfix tries again and again, and so does a client.
func comes(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode, l letter) {
	t.Helper()
	if way == postconf.BeforeQueue {
		eventually(ctx, t, func() error {
			if reply := post(t, r, l); !reply.OK() {
				return fmt.Errorf("got %s", reply)
			}
			return nil
		})
	} else {
		drained(ctx, t, r)
	}
	arrived(ctx, t, r) // The queue may have looked empty too early.
}

// arrived waits until something has come out and nothing is left. For a moment on its way from Postfix to Postfix a message is in no list of the queue.
func arrived(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	if err := r.Sink.Wait(ctx, func(m []*sink.Message) bool { return len(m) > 0 }); err != nil {
		t.Fatalf("nothing came out: %v", err)
	}
	drained(ctx, t, r)
}

// drained waits until Postfix's queue is empty.
func drained(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	if err := r.Postfix.Drain(ctx); err != nil {
		t.Fatal(err)
	}
}

// result is the field that tells what was found.
func result(t *testing.T, m *sink.Message) string {
	t.Helper()
	all := m.Fields("Mailweir-Result")
	if len(all) != 1 {
		t.Fatalf("%d fields Mailweir-Result", len(all))
	}
	return all[0]
}

// found wants codes in the field that tells what was found; those with a "-" in front must not be there.
func found(t *testing.T, m *sink.Message, codes ...string) {
	t.Helper()
	field := result(t, m)
	_, list, _ := strings.Cut(strings.ReplaceAll(field, "\t", ""), "findings=") // It is folded behind commas.
	for _, c := range codes {
		name, unwanted := strings.CutPrefix(c, "-")
		if has := strings.Contains(","+list+",", ","+name+","); has == unwanted {
			t.Errorf("finding %s: is there %t: %s", name, has, field)
		}
	}
}

// kept wants that many messages in quarantine.
func kept(t *testing.T, r *rig.Rig, n int) []*rig.Kept {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // As for arrived, the queue may look empty before they are there.
	defer cancel()
	var k []*rig.Kept
	eventually(ctx, t, func() (err error) {
		if k, err = r.Weir.Kept(); err == nil && len(k) != n {
			err = fmt.Errorf("%d messages in quarantine, want %d", len(k), n)
		}
		return err
	})
	return k
}

// names makes the section dns of the config.
func names(servers ...fmt.Stringer) string {
	var list []string
	for _, s := range servers {
		list = append(list, fmt.Sprintf("%q", s.String()))
	}
	return "dns: {servers: [" + strings.Join(list, ", ") + "], timeout: 300ms, lookup_timeout: 1s, failure_ttl: 1s}\n"
}
