// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// smuggled is a dialogue that hides in a body, behind what some servers take for its end.
const smuggled = "MAIL FROM:<ceo@bank.example>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nPay.\r\n"

// ends are what some servers end a body at. All but one are not CRLF.CRLF, and so must not end it; in CR CR LF . CRLF it may be seen, but
// what follows must not be taken for commands all the same.
var ends = []struct{ name, octets string }{
	{"LF.LF", "\n.\n"},
	{"LF.CRLF", "\n.\r\n"},
	{"CRLF.LF", "\r\n.\n"},
	{"CR.CR", "\r.\r"},
	{"CR.CRLF", "\r.\r\n"},
	{"CRLF.CR", "\r\n.\r"},
	{"CRCRLF.CRLF", "\r\r\n.\r\n"},
	{"CRLF.CRCRLF", "\r\n.\r\r\n"},
	{"CRLF.NUL CRLF", "\r\n.\x00\r\n"},
	{"NUL", "\r\n\x00.\r\n"},
}

// smuggle sends a body with an end that is none, then a hidden dialogue, then the true end. It gives the replies that came.
func smuggle(t *testing.T, address, end string, lmtp bool) []smtptest.Reply {
	t.Helper()
	c, _, err := smtptest.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	hello := "EHLO client.example.test"
	if lmtp {
		hello = "LHLO client.example.test"
	}
	for _, line := range []string{hello, "MAIL FROM:<ann@example.org>", "RCPT TO:<ben@example.net>", "DATA"} {
		if r, err := c.Cmd("%s", line); err != nil || !r.OK() {
			t.Fatalf("%s: %v, %v", line, r, err)
		}
	}
	if _, err := c.Write([]byte(head + "\r\nbefore" + end + smuggled + "\r\n.\r\nQUIT\r\n")); err != nil {
		t.Fatal(err)
	}
	var replies []smtptest.Reply
	for {
		r, err := c.ReadReply()
		if err != nil {
			return replies // Closed behind QUIT, or nothing more to come.
		}
		replies = append(replies, r)
		c.Timeout = 2 * time.Second // For what there should not be.
	}
}

// oneAtMost wants one message, the outer one, or none if it was refused; and no more than the replies to the dot and to QUIT.
func oneAtMost(ctx context.Context, t *testing.T, r *rig.Rig, end string, replies []smtptest.Reply) {
	t.Helper()
	if len(replies) == 0 || len(replies) > 2 {
		t.Errorf("got %v, want a reply to the dot, and one to QUIT", replies)
		return
	}
	drained(ctx, t, r)
	want := 0
	if replies[0].OK() {
		want = 1
	}
	messages := r.Sink.Messages()
	if len(messages) != want {
		t.Fatalf("got %d messages out, want %d after %v", len(messages), want, replies)
	}
	for _, m := range messages {
		if sink.Address(m.MailFrom) != "ann@example.org" || len(m.RcptTo) != 1 || sink.Address(m.RcptTo[0]) != "ben@example.net" {
			t.Errorf("got from %s to %s", m.MailFrom, m.RcptTo)
		}
		if !strings.Contains(end, "\r\n.\r\n") && !bytes.Contains(m.Data, []byte("victim@example.net")) {
			t.Error("the hidden dialogue is not in the body, where it belongs")
		}
	}
}

// Through Postfix with the fragments that operators are given.
func TestSmugglingThroughPostfix(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way})
		for _, end := range ends {
			if strings.Contains(end.octets, "\r\n.\r\n") {
				continue // Here Postfix is right to end the body, and the client has sent a second message.
			}
			t.Run(end.name, func(t *testing.T) {
				r.Sink.Reset()
				oneAtMost(ctx, t, r, end.octets, smuggle(t, r.Postfix.Addr(rig.In), end.octets, false))
			})
		}
	})
}

// Straight to mailweir, as if Postfix let everything through, with both settings of the listener.
func TestSmugglingPastPostfix(t *testing.T) {
	for _, setting := range []string{"refuse", "pass"} {
		rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
			ctx := need(t)
			r := start(ctx, t, rig.Options{Mode: way, Listener: "bare_newline: " + setting})
			for _, end := range ends {
				t.Run(setting+", "+end.name, func(t *testing.T) {
					r.Sink.Reset()
					oneAtMost(ctx, t, r, end.octets, smuggle(t, r.Weir.Addr(), end.octets, way == postconf.AfterQueueLMTP))
				})
			}
		})
	}
}

// A client that stalls within a body gets nothing of it executed as commands, however its stall and mailweir's timeout meet.
func TestStall(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		o := rig.Options{Mode: way, Extra: "timeouts: {idle: 1s, data: 2s}\n" + rig.DefaultExtra}
		if way == postconf.BeforeQueue {
			o.In = []string{"smtpd_proxy_options="} // Or Postfix stands in between.
		}
		r := start(ctx, t, o)
		doors := []string{r.Weir.Addr()}
		if way == postconf.BeforeQueue {
			doors = append(doors, r.Postfix.Addr(rig.In))
		}
		for _, door := range doors {
			stall(t, door, way == postconf.AfterQueueLMTP && door == r.Weir.Addr())
		}
		drained(ctx, t, r)
		for _, m := range r.Sink.Messages() {
			if bytes.Contains([]byte(m.MailFrom), []byte("ceo@bank.example")) {
				t.Errorf("the hidden message came out: %q to %q", m.MailFrom, m.RcptTo)
			}
		}
		if strings.Contains(r.Weir.Log(), "from=ceo@bank.example") {
			t.Error("mailweir took the hidden dialogue for commands")
		}
	})
}

func stall(t *testing.T, door string, lmtp bool) {
	t.Helper()
	c, _, err := smtptest.Dial(door)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	hello := "EHLO client.example.test"
	if lmtp {
		hello = "LHLO client.example.test"
	}
	for _, line := range []string{hello, "MAIL FROM:<ann@example.org>", "RCPT TO:<ben@example.net>", "DATA"} {
		if r, err := c.Cmd("%s", line); err != nil || !r.OK() {
			t.Fatalf("%s: %v, %v", line, r, err)
		}
	}
	// Postfix hands on in pieces of its buffer: fill some, and let the hidden dialogue begin one.
	filler := strings.Repeat(strings.Repeat("x", 62)+"\r\n", 5*1024)
	if _, err := c.Write([]byte(head + "\r\n" + filler)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // Longer than mailweir waits.
	for range 3 {
		_, _ = c.Write([]byte("x\r\n.\r\n" + smuggled + ".\r\n")) // An error is what we hope for.
	}
	c.Timeout = 5 * time.Second
	var codes []string
	for {
		r, err := c.ReadReply()
		if err != nil {
			break
		}
		codes = append(codes, fmt.Sprint(r.Code))
	}
	if slices.Contains(codes, "250") && len(codes) > 0 && codes[0] == "250" {
		t.Errorf("%s: a body that stalled was taken: %v", door, codes)
	}
}
