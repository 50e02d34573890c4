// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// submission are the entries of master.cf for a service that users send by from wherever they are, which hands over to a listener of mailweir of its own.
func submission(door, filter string) []string {
	host, port, _ := strings.Cut(filter, ":")
	return []string{
		door + " inet n - n - - smtpd -o syslog_name=postfix/submission -o content_filter=mailweir-out:[" + host + "]:" + port +
			" -o smtpd_authorized_xclient_hosts=127.0.0.0/8 -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
		"mailweir-out unix - - n - 20 lmtp -o lmtp_send_xforward_command=yes -o lmtp_line_length_limit=0 -o lmtp_tls_security_level=none",
	}
}

// addListener adds a listener for our own people to the config that the rig has written, and has it taken up.
func addListener(ctx context.Context, t *testing.T, r *rig.Rig, address string) {
	t.Helper()
	text, err := os.ReadFile(r.Weir.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	listener := fmt.Sprintf("listen:\n  - {name: out, address: %q, protocol: lmtp, mode: after-queue, next_hop: %q, outbound: true}\n", address, r.Weir.NextHop())
	changed := strings.Replace(string(text), "listen:\n", listener, 1)
	if err := os.WriteFile(r.Weir.ConfigFile(), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := r.Weir.Run(ctx, "reload"); err != nil {
		t.Fatalf("reload: %v: %s", err, out)
	}
}

// A user who sends from wherever he is, by a submission service with a listener of its own, is not asked about, and whom he writes to is known from then on; by the
// public door the same client is a stranger.
func TestSubmission(t *testing.T) {
	ctx := need(t)
	free, err := postfixtest.FreeAddrs(2)
	if err != nil {
		t.Fatal(err)
	}
	door, filter := free[0], free[1]
	list := inBetween(t)
	r := start(ctx, t, postconf.AfterQueueLMTP, "", submission(door, filter)...)
	if err := r.Weir.Configure(fmt.Sprintf(everything, names(list.Addr), folder(t), 2)); err != nil {
		t.Fatal(err)
	}
	addListener(ctx, t, r, filter)

	// The worst of clients, with the worst of texts.
	const roaming = "192.0.2.7"
	m := smtptest.Mail{From: "<ben@example.net>", To: []string{"<cleo@example.net>"}, Body: []byte(strings.Replace(head, "Ann <ann@example.org>", "ben@example.net", 1) + "\r\n" + gtube + "\r\n")}
	if o := sendTo(t, door, roaming, m); !o.OK() {
		t.Fatalf("got %s", o.Final())
	}
	arrived(ctx, t, r)
	if got := result(t, only(t, r)); !strings.HasSuffix(got, "findings=none") || len(list.Questions()) > 0 {
		t.Errorf("got %s and %d questions, want nothing found and nothing asked", got, len(list.Questions()))
	}
	learned(ctx, t, r, 1)
	logged(t, r, 0, "msg=message", "listener=out", "client="+roaming, "fate=deliver")

	r.Sink.Reset()
	if o := sendAs(t, r, roaming, m); !o.OK() {
		t.Fatalf("got %s", o.Final())
	}
	drained(ctx, t, r)
	kept(t, r, 1)
	if n := len(r.Sink.Messages()); n != 0 {
		t.Errorf("%d messages came out by the public door", n)
	}
}

// Of a silent name server our own people notice nothing: nobody asks it about them.
func TestOwnPeopleDoNotWait(t *testing.T) {
	ctx := need(t)
	s := dnstest.Serve(t, dnstest.Silent)
	r := start(ctx, t, postconf.BeforeQueue, fmt.Sprintf(everything, names(s.Addr), folder(t), 2))
	m := deliver(ctx, t, r, letter{client: home})
	if got := result(t, m); !strings.HasSuffix(got, "findings=none") || s.Asked() > 0 {
		t.Errorf("got %s and %d questions, want nothing found and nothing asked", got, s.Asked())
	}
}
