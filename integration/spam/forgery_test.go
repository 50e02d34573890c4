// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/outgoing"
	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// sender is a host that may send for all the domains, as their SPF records say.
const sender = "198.51.100.7"

// owner is the owner of a key and of domains that ask for different things in the DNS.
type owner struct {
	signer *dkim.Signer
	dns    *dnstest.Server
}

func newOwner(t *testing.T) *owner {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	record, err := dkim.Record(key)
	if err != nil {
		t.Fatal(err)
	}
	o := &owner{signer: &dkim.Signer{Domain: "reject.example.com", Selector: "s1", Key: key, Now: time.Now}}
	records := []string{fmt.Sprintf("s1._domainkey.reject.example.com. 300 IN TXT %q", record)}
	for _, policy := range []string{"reject", "quarantine", "none"} {
		records = append(records,
			fmt.Sprintf(`%s.example.com. 300 IN TXT "v=spf1 ip4:%s -all"`, policy, sender),
			fmt.Sprintf(`_dmarc.%s.example.com. 300 IN TXT "v=DMARC1; p=%s"`, policy, policy))
	}
	o.dns = dnstest.Serve(t, dnstest.Zones(t, records...))
	return o
}

// forged are fields in which a sender says what our own host has found.
const forged = "Authentication-Results: weir.example.test; dmarc=pass header.from=reject.example.com\r\n" +
	"Authentication-Results:  WEIR.example.test\t1 (no, really) ; spf=pass\r\n" +
	"Authentication-Results: other.example.test; spf=pass\r\n"

func writtenBy(policy string) string {
	return "From: Ann <ann@" + policy + ".example.com>\r\nTo: ben@example.net\r\nSubject: test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n" +
		"Message-ID: <1@" + policy + ".example.com>\r\n" + forged + "\r\nPlease pay at once.\r\n"
}

func from(client, policy string) letter {
	return letter{client: client, helo: "mx." + policy + ".example.com", from: "<ann@" + policy + ".example.com>", text: writtenBy(policy)}
}

// signed is a letter with a signature on top.
func (o *owner) signed(t *testing.T, l letter) letter {
	t.Helper()
	ring, err := dkim.NewKeyring(o.signer)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.Parse(strings.NewReader(l.text), int64(len(l.text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	edits, err := (&outgoing.Signer{Keys: ring}).Edits(t.Context(), msg, nil, true, nil)
	if err != nil || len(edits) == 0 {
		t.Fatalf("sign: %v, %v", edits, err)
	}
	var b strings.Builder
	if err := msg.Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	l.text = b.String()
	return l
}

const authChain = `%schain: [[auth]]
policies:
  - name: default
    do: {auth.dmarc_reject: [reject], auth.dmarc_quarantine: [quarantine], auth.dmarc_none: [tag]}
`

// What becomes of a forgery is what the policy makes of what the owner of the domain asks for. The same from who may send it passes.
func TestForgeryByPolicy(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx, o := need(t), newOwner(t)
		r := start(ctx, t, way, fmt.Sprintf(authChain, names(o.dns.Addr)))

		refuse(ctx, t, r, way, from(stranger, "reject"))

		r.Sink.Reset()
		postOK(t, r, from(stranger, "quarantine"))
		drained(ctx, t, r)
		if k := kept(t, r, 1)[0]; len(r.Sink.Messages()) > 0 || !strings.HasPrefix(k.Why(), "auth.dmarc_quarantine") {
			t.Errorf("%d came out, kept for %s", len(r.Sink.Messages()), k.Why())
		}

		m := deliver(ctx, t, r, from(stranger, "none"))
		found(t, m, "auth.dmarc_none", "auth.spf_fail")
		if s := m.Field("Subject"); s != "[UNVERIFIED] test" {
			t.Errorf("Subject: %s, want a tag", s)
		}
		results(t, m, "dmarc=fail", "spf=fail")

		for _, policy := range []string{"reject", "quarantine", "none"} {
			m := deliver(ctx, t, r, from(sender, policy))
			passes(t, m, "spf=pass", "dmarc=pass", "header.from="+policy+".example.com")
		}
		passes(t, deliver(ctx, t, r, o.signed(t, from(stranger, "reject"))), "spf=fail", "dkim=pass", "dmarc=pass")
		// A signature is worth nothing once somebody has changed what it covers.
		l := o.signed(t, from(stranger, "reject"))
		l.text = strings.Replace(l.text, "Please pay", "Please do pay", 1)
		refuse(ctx, t, r, way, l)
		forgeryMetrics(ctx, t, r)
	})
}

func forgeryMetrics(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	all := metrics(ctx, t, r)
	for name, want := range map[string]float64{
		`mailweir_auth_results_total{method="dmarc",result="fail"}`: 4, `mailweir_auth_results_total{method="dmarc",result="pass"}`: 4,
		`mailweir_auth_results_total{method="dkim",result="pass"}`: 1, `mailweir_auth_results_total{method="dkim",result="fail"}`: 1,
	} {
		if got, ok := all[name]; !ok || got != want {
			t.Errorf("%s: got %v (%t), want %v", name, got, ok, want)
		}
	}
	logged(t, r, 0, "msg=message", "fate=reject", "auth.dmarc_reject", "from=ann@reject.example.com")
}

// passes wants a message as it came, with our results.
func passes(t *testing.T, m *sink.Message, words ...string) {
	t.Helper()
	found(t, m, "-auth.dmarc_reject", "-auth.dmarc_quarantine", "-auth.dmarc_none", "-auth.temperror")
	if s := m.Field("Subject"); s != "test" {
		t.Errorf("Subject: %s, want no tag", s)
	}
	results(t, m, words...)
}

// results wants one field of ours, with the words, and that of another host where it was. No field says what the sender made up.
func results(t *testing.T, m *sink.Message, words ...string) {
	t.Helper()
	var ours []string
	others := 0
	for _, f := range m.Fields("Authentication-Results") {
		switch {
		case strings.HasPrefix(strings.ToLower(f), "weir.example.test"):
			ours = append(ours, f)
		case strings.HasPrefix(f, "other.example.test"):
			others++
		}
	}
	if len(ours) != 1 || others != 1 {
		t.Fatalf("got %d fields of ours and %d of others, want one each: %q", len(ours), others, m.Fields("Authentication-Results"))
	}
	for _, w := range words {
		if !strings.Contains(ours[0], w) {
			t.Errorf("%q is not in %s", w, ours[0])
		}
	}
}

// Without a word in the policy a forgery counts by its points: what asks to be rejected is tagged.
func TestForgeryByPoints(t *testing.T) {
	ctx, o := need(t), newOwner(t)
	r := start(ctx, t, postconf.AfterQueueLMTP, names(o.dns.Addr)+"chain: [[auth: {own_domains: [example.net]}]]\n")
	m := deliver(ctx, t, r, from(stranger, "reject"))
	found(t, m, "auth.dmarc_reject", "auth.spf_fail")
	tagged(t, m, true)
	tagged(t, deliver(ctx, t, r, from(stranger, "none")), false)
	// A stranger in the name of the site, which has no records at all.
	l := letter{client: stranger, text: strings.Replace(plain, "ann@example.org", "ceo@example.net", 1)}
	found(t, deliver(ctx, t, r, l), "auth.own_domain")
	// Our own people do not have to be authenticated, and nothing is said of them.
	l.client = home
	m = deliver(ctx, t, r, l)
	if got := m.Fields("Authentication-Results"); len(got) > 0 {
		t.Errorf("got %q", got)
	}
	found(t, m, "-auth.own_domain")
}
