// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

var clean = []byte(head + "\r\nHello\r\n")

// ESMTP parameters and addresses come out as they would without mailweir: what Postfix does to them by itself is seen at the door beside.
func TestEnvelopeSurvives(t *testing.T) {
	envelopes := []struct {
		name, from, to string
		body           []byte
	}{
		{"8BITMIME", "<ann@example.org> BODY=8BITMIME", "<ben@example.net>", []byte(head + "\r\n\xe9\r\n")},
		{"7BIT", "<ann@example.org> BODY=7BIT", "<ben@example.net>", clean},
		{"null reverse-path", "<>", "<ben@example.net>", clean},
		{"SMTPUTF8", "<änn@example.org> SMTPUTF8", "<bén@example.net>", []byte("From: änn@example.org\r\nSubject: ü\r\n\r\nHello\r\n")},
		{"DSN", "<ann@example.org> RET=HDRS ENVID=QQ314159", "<ben@example.net> NOTIFY=SUCCESS,DELAY,FAILURE ORCPT=rfc822;Ben+2Bx@example.net", clean},
		{"DSN never", "<ann@example.org> RET=FULL ENVID=a+2Bb", "<ben@example.net> NOTIFY=NEVER", clean},
		{"ORCPT of another type", "<ann@example.org>", "<ben@example.net> NOTIFY=FAILURE ORCPT=x400;/c=us/admd=x/", clean},
		{"quoted local part with a blank", `<"ann a"@example.org>`, `<"b c"@example.net>`, clean},
		{"quoted local part with an at sign", "<ann@example.org>", `<"x@y"@example.net>`, clean},
		{"quoted local part with a bracket", "<ann@example.org>", `<"x>y"@example.net>`, clean},
		{"quoted pair", "<ann@example.org>", `<"x\"y"@example.net>`, clean},
		{"postmaster", "<ann@example.org>", "<postmaster>", clean},
		{"source route", "<ann@example.org>", "<@relay.example.org:ben@example.net>", clean},
		{"AUTH", "<ann@example.org> AUTH=<>", "<ben@example.net>", clean},
		{"upper case", "<Ann@EXAMPLE.org>", "<BEN@example.NET>", clean},
	}
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		// Postfix offers AUTH only with an authentication server, which there is none of; it takes and drops the parameter then.
		r := start(ctx, t, rig.Options{Mode: way})
		for _, e := range envelopes {
			t.Run(e.name, func(t *testing.T) {
				want := passage(ctx, t, r, rig.Beside, smtptest.Mail{From: e.from, To: []string{e.to}, Body: e.body})
				got := passage(ctx, t, r, rig.In, smtptest.Mail{From: e.from, To: []string{e.to}, Body: e.body})
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("envelope at the last hop (-without mailweir +with):\n%s", diff)
				}
			})
		}
	})
}

// sizeParam is not the same with and without mailweir: fields are added.
var sizeParam = regexp.MustCompile(` SIZE=\d+`)

// passage sends a message by a door and gives its envelope at the sink, or the refusal.
func passage(ctx context.Context, t *testing.T, r *rig.Rig, door string, m smtptest.Mail) []string {
	t.Helper()
	r.Sink.Reset()
	o, err := smtptest.Send(r.Postfix.Addr(door), m)
	if err != nil {
		t.Fatal(err)
	}
	if !o.OK() {
		return []string{"refused", fmt.Sprint(o.Final().Code)}
	}
	got := arrive(ctx, t, r, 1)[0]
	return append([]string{sizeParam.ReplaceAllString(got.MailFrom, "")}, got.RcptTo...)
}

func TestThousandRecipients(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way})
		var to, want []string
		for i := range 1000 {
			want = append(want, fmt.Sprintf("r%04d@example.net", i))
			to = append(to, "<"+want[i]+">")
		}
		sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: to, Body: clean})
		drained(ctx, t, r)
		got, _ := sortOut(r.Sink.Messages())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("recipients (-want +got):\n%s", diff)
		}
		if n := strings.Count(r.Weir.Log(), "nrcpt=1000"); n != 1 {
			t.Errorf("mailweir saw a message with 1000 recipients %d times, want once", n)
		}
	})
}

// refuseOne makes the next hop refuse one recipient.
var refuseOne = []string{"smtpd_recipient_restrictions=check_recipient_access,inline:{bad@example.net=REJECT},permit_mynetworks,reject"}

// The next hop refuses one recipient: the others get the message, and the one who sent it learns of it.
func TestOneRecipientRefused(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		o := rig.Options{Mode: way, Reinject: refuseOne}
		notifications := 1
		if way == postconf.BeforeQueue { // The client itself is told. (With speed_adjust Postfix asks for no recipient before it has the message.)
			o.In, notifications = []string{"smtpd_proxy_options="}, 0
		}
		r := start(ctx, t, o)
		said := send(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>", "<bad@example.net>", "<cleo@example.net>"}, Body: clean})
		if len(said.Dot) != 1 || !said.Dot[0].OK() {
			t.Fatalf("got %v, want it taken", said)
		}
		if way == postconf.BeforeQueue && said.Rcpt[1].Code/100 != 5 {
			t.Errorf("RCPT of the bad recipient: got %s, want a permanent refusal", said.Rcpt[1])
		}
		drained(ctx, t, r)
		delivered, notices := sortOut(r.Sink.Messages())
		if diff := cmp.Diff([]string{"ben@example.net", "cleo@example.net"}, delivered); diff != "" {
			t.Errorf("recipients (-want +got):\n%s", diff)
		}
		if len(notices) != notifications {
			t.Errorf("got %d notifications, want %d", len(notices), notifications)
		}
		for _, m := range notices {
			if !strings.Contains(string(m.Data), "bad@example.net") || sink.Address(m.RcptTo[0]) != "ann@example.org" {
				t.Errorf("notification to %s does not speak of the recipient:\n%s", m.RcptTo, m.Data)
			}
		}
	})
}

// With speed_adjust it is all or nothing: nobody gets a message that the client is told was refused.
func TestOneRecipientRefusedLate(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, rig.Options{Mode: postconf.BeforeQueue, Reinject: refuseOne})
	o := send(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>", "<bad@example.net>"}, Body: clean})
	if got := o.Final(); got.Code/100 != 5 {
		t.Errorf("got %s, want a permanent refusal", got)
	}
	kept(ctx, t, r, 0, 0)
}

// sortOut gives the addresses that messages were delivered to, in order, and the notifications among the messages.
func sortOut(messages []*sink.Message) (delivered []string, notices []*sink.Message) {
	for _, m := range messages {
		if sink.Address(m.MailFrom) == "" {
			notices = append(notices, m)
			continue
		}
		for _, rcpt := range m.RcptTo {
			delivered = append(delivered, sink.Address(rcpt))
		}
	}
	slices.Sort(delivered)
	return delivered, notices
}

// Postfix's log of the second pass names the true client and the first queue ID.
func TestXForward(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way, Main: map[string]string{
			"smtpd_authorized_xclient_hosts": "127.0.0.0/8",
			"smtpd_relay_restrictions":       "check_client_access inline:{192.0.2.77=OK}, reject",
		}})
		c, _, err := smtptest.Dial(r.Postfix.Addr(rig.In))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		for _, line := range []string{
			"EHLO proxy.example.org", "XCLIENT NAME=client.example.com ADDR=192.0.2.77 PORT=2525", "EHLO helo.example.com",
		} {
			if reply, err := c.Cmd("%s", line); err != nil || !reply.OK() {
				t.Fatalf("%s: %v, %v", line, reply, err)
			}
		}
		o, err := c.Send(smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: clean})
		if err != nil || !o.OK() {
			t.Fatalf("send: %v, %v", o, err)
		}
		arrive(ctx, t, r, 1)
		want := regexp.MustCompile(`postfix/reinject/smtpd.*orig_client=client\.example\.com\[192\.0\.2\.77\]`)
		if way != postconf.BeforeQueue {
			id := regexp.MustCompile(`queued as (\S+)`).FindStringSubmatch(o.Dot[0].String())
			if id == nil {
				t.Fatalf("no queue ID in %s", o.Dot[0])
			}
			want = regexp.MustCompile(`postfix/reinject/smtpd.*orig_queue_id=` + id[1] + `, orig_client=client\.example\.com\[192\.0\.2\.77\]`)
			if !strings.Contains(r.Weir.Log(), "queue_id="+id[1]) {
				t.Errorf("mailweir's log lacks queue_id=%s", id[1])
			}
		}
		log, err := r.Postfix.Log()
		if err != nil {
			t.Fatal(err)
		}
		if !want.MatchString(log) {
			t.Errorf("Postfix's log has nothing like %s", want)
		}
		if !strings.Contains(r.Weir.Log(), "client=192.0.2.77") {
			t.Error("mailweir's log lacks client=192.0.2.77")
		}
	})
}
