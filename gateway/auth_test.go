// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// authRig is a gateway with the filter auth, and a name server that knows example.org.
func authRig(t *testing.T) (*rig, *dnstest.Server) {
	t.Helper()
	dns := dnstest.Serve(t, dnstest.Zones(t,
		`example.org. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"`, `_dmarc.example.org. 300 IN TXT "v=DMARC1; p=reject"`))
	more := fmt.Sprintf("  - [auth]\ndns: {servers: [\"%s\"]}\n", dns.Addr)
	return newRigWith(t, "policies: [{name: default, do: {auth.dmarc_reject: [reject]}}]\n", more, sink.Options{}), dns
}

const fromExample = "From: a@example.org\r\nAuthentication-Results: mw.example.org\t1; dmarc=pass\r\nAuthentication-Results: other.example.org; spf=pass\r\n\r\nhi\r\n"

// What the filter auth has found out is told in one field, by which nobody else can pretend to be us.
func TestAuthenticationResults(t *testing.T) {
	r, _ := authRig(t)
	got := r.send(mailObject{listener: "smtp", from: "<a@example.org>", client: "ADDR=192.0.2.1 HELO=mx.example.org", to: []string{"<u@x>"}, body: fromExample})
	if !strings.HasPrefix(got[0], "250 ") {
		t.Fatalf("got %q", got)
	}
	arrived := string(r.sink.Messages()[0].Data)
	for _, want := range []string{"Authentication-Results: mw.example.org;", "spf=pass", "dmarc=pass", "Authentication-Results: other.example.org; spf=pass"} {
		if !strings.Contains(arrived, want) {
			t.Errorf("%q is not in\n%s", want, arrived)
		}
	}
	if n := strings.Count(arrived, "Authentication-Results: mw.example.org"); n != 1 {
		t.Errorf("%d fields of ours in\n%s", n, arrived)
	}
}

// A forgery is treated as the policy says.
func TestForgery(t *testing.T) {
	r, _ := authRig(t)
	for _, listener := range []string{"lmtp", "smtp", "before"} {
		got := r.send(mailObject{listener: listener, from: "<a@example.org>", client: "ADDR=198.51.100.7 HELO=evil.example.net", to: []string{"<u@x>"}, body: fromExample})
		if !strings.HasPrefix(got[0], "554 5.7.1 ") {
			t.Errorf("%s: got %q", listener, got)
		}
	}
	if n := len(r.sink.Messages()); n != 0 {
		t.Errorf("%d arrived", n)
	}
}

// Mail of our own people is not asked about.
func TestOutboundIsNotAuthenticated(t *testing.T) {
	r, dns := authRig(t)
	got := r.send(mailObject{listener: "smtp", from: "<a@example.org>", client: "ADDR=127.0.0.1 HELO=desk", to: []string{"<u@x>"}, body: fromExample})
	if !strings.HasPrefix(got[0], "250 ") || dns.Asked() != 0 {
		t.Errorf("got %q, %d questions", got, dns.Asked())
	}
}

// The cache stays over a reload that leaves the section dns alone.
func TestCacheStaysOverReload(t *testing.T) {
	r, dns := authRig(t)
	m := mailObject{listener: "smtp", from: "<a@example.org>", client: "ADDR=192.0.2.1 HELO=mx.example.org", to: []string{"<u@x>"}, body: fromExample}
	r.send(m)
	asked := dns.Asked()
	if err := r.g.Reload(r.config("policies: [{name: default, do: {spam: [deliver]}}]\n")); err != nil {
		t.Fatal(err)
	}
	r.send(m)
	if dns.Asked() != asked || asked == 0 {
		t.Errorf("%d questions before the reload, %d after it", asked, dns.Asked())
	}
	if n, err := testutil.GatherAndCount(r.reg, "mailweir_dns_cache_entries"); n != 1 || err != nil {
		t.Errorf("mailweir_dns_cache_entries is there %d times, %v", n, err)
	}
}
