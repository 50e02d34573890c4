// SPDX-License-Identifier: Apache-2.0

package check

import (
	"crypto"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/mail"
)

// hostileBody is the body of all messages here.
var hostileBody = strings.Repeat("x \t\r\n", 20_000) + strings.Repeat("\r\n", 10_000)

// numbered repeats a format with numbers from 0.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// plausible is a signature whose hash of the body is right, so that all that is to be done about it is done; it does not verify.
func plausible(t *testing.T, h, more string) string {
	t.Helper()
	var bodies sig.Bodies
	hash := bodies.Add(sig.Relaxed, crypto.SHA256, -1)
	if err := bodies.Read(t.Context(), strings.NewReader(hostileBody)); err != nil {
		t.Fatal(err)
	}
	return "a=ed25519-sha256; c=relaxed/relaxed; d=legit.test; s=s; h=" + h + "; bh=" + base64.StdEncoding.EncodeToString(hash.Sum()) + "; b=" + strings.Repeat("A", 86) + "==" + more
}

// hostile are header sections that are made to cost, by name.
func hostile(t *testing.T) map[string]string {
	t.Helper()
	const from = "From: a@legit.test\r\n"
	times := strings.Repeat
	signature := func(h, more string) string { return "DKIM-Signature: v=1; " + plausible(t, h, more) + "\r\n" }
	var chain strings.Builder
	for i := range 50 {
		cv := "pass"
		if i == 0 {
			cv = "none"
		}
		fmt.Fprintf(&chain, "ARC-Seal: i=%d; a=ed25519-sha256; d=legit.test; s=s; cv=%s; b=eA==\r\nARC-Message-Signature: i=%d; %s\r\nARC-Authentication-Results: i=%d; x; none%s\r\n",
			i+1, cv, i+1, plausible(t, "from", times(" ", 9000)), i+1, times(" ", 9000))
	}
	return map[string]string{
		"nothing":             from,
		"tiny fields":         times("a:\r\n", 250_000) + from,
		"9,000 fields signed": times(signature("from"+times(":a", 900), ""), 9) + times("a:\r\n", 9_000) + from,
		"fields of all names": numbered("f%d:\r\n", 100_000) + from,
		"one field of 1 MiB":  "X: " + times("x ", 500_000) + "\r\n" + signature("from:x", "") + from,
		"one field, 9 times":  times(signature("from:x", ""), 9) + "X: " + times("x ", 500_000) + "\r\n" + from,
		"folded a lot":        signature("from:x", "") + "X: " + times("x\r\n ", 190_000) + "\r\n" + from,
		"tags":                signature("from", times("; x=1", 150_000)) + from,
		"tags of all names":   signature("from", numbered("; x%d=1", 100_000)) + from,
		"signatures":          times(signature("from", ""), 4_000) + from,
		"names signed":        times(signature("from"+times(":from", 20_000), ""), 9) + from,
		"all names signed":    times(signature("from"+numbered(":f%d", 15_000), ""), 9) + from,
		"empty names signed":  signature("from"+times(":", 900_000), "") + from,
		"chain":               chain.String() + from,
		"seals":               times("ARC-Seal: i=1\r\n", 60_000) + from,
		"results":             times("Authentication-Results: x; a=b\r\n", 30_000) + from,
		"authors":             "From: " + numbered("a@d%d.test, ", 60_000) + "a@legit.test\r\n",
		"many From":           times(from, 45_000),
		"comments":            "From: " + times("(", 500_000) + times(")", 500_000) + " a@legit.test\r\n",
		"open comments":       "From: " + times("(a", 500_000) + " a@legit.test\r\n",
		"quotes":              "From: " + times("\"a\" ", 250_000) + " a@legit.test\r\n",
		"identity":            signature("from", "; i="+times("=41", 300_000)+"@legit.test") + from,
		"lengths":             signature("from", "; l=1") + signature("from", "; l=2") + signature("from", "; l=3") + signature("from", "; l=4") + from,
	}
}

// TestHostile: whatever a stranger puts into a message, it costs memory in proportion to its length at most, and the result can be written down.
func TestHostile(t *testing.T) {
	const most = 24 // Octets that are allocated for each of the message, in all.
	all := hostile(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			text := all[name] + "\r\n" + hostileBody
			msg := parse(t, text)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			r, err := (&Checker{Resolver: zone(t), Now: now}).Check(t.Context(), envelope(), msg)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d octets: %v, %.1f MB", len(text), took, float64(allocated)/1e6)
			if allocated > uint64(most*len(text)) {
				t.Errorf("%d octets for %d", allocated, len(text))
			}
			if f := r.Field("mx.example.org"); len(f) > 8<<10 {
				t.Errorf("a field of %d octets", len(f))
			}
		})
	}
}

// TestCut: what stands behind as many authors as are read could be anybody, so that nobody passes.
func TestCut(t *testing.T) {
	for name, from := range map[string]string{
		"addresses": strings.Repeat("a@legit.test, ", 50) + "ceo@bank.test",
		"comment":   "a@legit.test (" + strings.Repeat("x", 140_000) + "), ceo@bank.test",
	} {
		r, err := (&Checker{Resolver: zone(t), Now: now}).Check(t.Context(), envelope(), parse(t, signed(t, "From: "+from+"\r\n\r\nhello\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.DMARC) != 1 || r.DMARC[0].Result != authn.PermError || r.DMARC[0].Reason != "too many authors" || r.Authenticated("legit.test") {
			t.Errorf("%s: got %+v", name, r.DMARC)
		}
	}
}

// TestUnknownAuthor: whoever shows another address than the one that is vouched for passes nothing, whether that one can be read or not (RFC 7489 section 6.6.1).
func TestUnknownAuthor(t *testing.T) {
	for from, reason := range map[string]string{
		"ceo@bank.test), a@legit.test":   "an author without a domain name",
		"ceo@[192.0.2.1], a@legit.test":  "an author without a domain name",
		"ceo@localhost, <a@legit.test>":  "an author without a domain name",
		"<a@legit.test> ceo@bank.test":   "several author domains",
		"<a@legit.test> <ceo@bank.test>": "several author domains",
	} {
		text := signed(t, "From: "+from+"\r\n\r\nhello\r\n")
		r, err := (&Checker{Resolver: zone(t), Now: now}).Check(t.Context(), envelope(), parse(t, text))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.DMARC, func(o dmarc.Outcome) bool { return o.Author == "legit.test" })
		if i < 0 || r.DMARC[i].Result != authn.PermError || r.DMARC[i].Reason != reason || r.Authenticated("legit.test") {
			t.Errorf("%q: got %+v", from, r.DMARC)
		}
	}
}

// TestQuestions: a message that is made to ask leaves some of the look-ups that it has to others, who ask lists about it.
func TestQuestions(t *testing.T) {
	const most = 300 - 51 - 20 // What a message has by default, without the keys of the longest ARC chain, and with some for others.
	z := &authntest.Zone{TXT: map[string][]string{}, MX: map[string][]*net.MX{}, IP: map[string][]string{}, Errs: map[string]error{}}
	for _, d := range []string{"from.test", "helo.test"} {
		var mx strings.Builder
		for i := range 10 {
			fmt.Fprintf(&mx, " mx:m%d.%s", i, d)
			for j := range 10 {
				host := fmt.Sprintf("h%d.m%d.%s", j, i, d)
				z.MX[fmt.Sprintf("m%d.%s", i, d)] = append(z.MX[fmt.Sprintf("m%d.%s", i, d)], &net.MX{Host: host})
				z.IP[host] = []string{"198.51.100.1"}
			}
		}
		z.TXT[d] = []string{"v=spf1" + mx.String() + " -all"}
	}
	var text strings.Builder
	for i := range 20 {
		d := fmt.Sprintf("a.b.c.d.e.f%d.org%d.test", i, i%5)
		z.Errs["s._domainkey."+d] = authntest.Temporary(d)
		fmt.Fprintf(&text, "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=s; h=from; bh=eA==; b=eA==\r\n", d)
	}
	text.WriteString("From: a@a.b.c.d.e.f.org0.test")
	for i := range 10 {
		fmt.Fprintf(&text, ", a@a.b.c.d.e.f.org%d.test", i)
		z.TXT[fmt.Sprintf("_dmarc.org%d.test", i)] = []string{"v=DMARC1; p=none; np=reject"}
	}
	env := envelope()
	env.MailFrom, env.Client.HELO = mail.NewPath("a@from.test"), "helo.test"
	if _, err := (&Checker{Resolver: z, Now: now}).Check(t.Context(), env, parse(t, text.String()+"\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	asked := z.Asked()
	for _, name := range asked {
		if strings.HasPrefix(name, "h") && name != "helo.test" {
			asked = append(asked, name) // For an address in two families.
		}
	}
	if len(asked) > most {
		t.Errorf("%d questions", len(asked))
	}
	t.Logf("%d questions", len(asked))
}

// TestClientNotKnown: without the client's address SPF cannot be checked, and what it alone could vouch for is no forgery; anything else is.
func TestClientNotKnown(t *testing.T) {
	for _, tc := range []struct {
		client, mailFrom, text string
		want                   authn.Result
	}{
		{"", "a@legit.test", letter, authn.PermError},
		{"", "a@other.test", letter, authn.Fail},
		{"", "a@legit.test", signed(t, letter), authn.Pass},
		{"192.0.2.1", "a@legit.test", letter, authn.Fail},
	} {
		env := envelope()
		env.Client.Addr, env.MailFrom = tc.client, mail.NewPath(tc.mailFrom)
		r, err := (&Checker{Resolver: zone(t), Now: now}).Check(t.Context(), env, parse(t, tc.text))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.DMARC) != 1 || r.DMARC[0].Result != tc.want || r.Authenticated("legit.test") != (tc.want == authn.Pass) {
			t.Errorf("client %q, %s: got %+v", tc.client, tc.mailFrom, r.DMARC)
		}
	}
}
