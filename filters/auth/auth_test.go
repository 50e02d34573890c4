// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

// now is the time of all tests.
func now() time.Time { return time.Unix(1_700_000_000, 0) }

// key is the one key of all tests; it signs for every domain of the zone.
func key() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
}

// zone is a DNS with domains of every kind: reject.test, quarantine.test, none.test and bare.test (no DMARC record), each with SPF for 192.0.2.1.
func zone(t testing.TB) *authntest.Zone {
	t.Helper()
	record, err := dkim.Record(key())
	if err != nil {
		t.Fatal(err)
	}
	z := &authntest.Zone{TXT: map[string][]string{}, Errs: map[string]error{}}
	for _, p := range []string{"reject", "quarantine", "none", "bare", "list", "own"} {
		d := p + ".test"
		z.TXT[d] = []string{"v=spf1 ip4:192.0.2.1 -all"}
		z.TXT["s._domainkey."+d] = []string{record}
		if p != "bare" && p != "list" && p != "own" {
			z.TXT["_dmarc."+d] = []string{"v=DMARC1; p=" + p}
		}
	}
	z.TXT["s._domainkey.trying.test"] = []string{record + "; t=y"}
	z.TXT["soft.test"] = []string{"v=spf1 ~all"}
	z.TXT["broken.test"] = []string{"v=spf1 foo"}
	z.TXT["half.test"] = []string{"v=spf1 -all"}
	z.TXT["_dmarc.half.test"] = []string{"v=DMARC1; p=reject; pct=0"}
	for _, d := range []string{"reject", "quarantine", "none", "rarely"} {
		z.Errs["dead._domainkey."+d+".test"] = authntest.Temporary("dead")
	}
	z.TXT["_dmarc.unsure.test"], z.Errs["unsure.test"] = []string{"v=DMARC1; p=quarantine"}, authntest.Temporary("unsure")
	z.TXT["_dmarc.rarely.test"] = []string{"v=DMARC1; p=quarantine; pct=0"}
	z.TXT["_dmarc.child.dead.test"] = []string{"v=DMARC1; p=reject"}
	z.TXT["_dmarc.trial.test"] = []string{"v=DMARC1; p=reject; t=y"}
	z.Errs["dead.test"], z.Errs["_dmarc.dead.test"], z.Errs["s._domainkey.dead.test"] = authntest.Temporary("dead"), authntest.Temporary("dead"), authntest.Temporary("dead")
	return z
}

// signed puts a DKIM signature of the domain on top.
func signed(t testing.TB, domain, text string) string {
	t.Helper()
	var bodies sig.Bodies
	s := &dkim.Signer{Domain: domain, Selector: "s", Key: key(), Now: now}
	hash := s.Body(&bodies)
	w := sig.NewStream(&bodies)
	fmt.Fprint(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := s.Sign(w.Message(), hash)
	if err != nil {
		t.Fatal(err)
	}
	return dkim.SignatureField + ": " + v + "\r\n" + text
}

// sealed puts an ARC set of the domain on top, with the results given.
func sealed(t testing.TB, domain, results, text string) string {
	t.Helper()
	m, err := sig.Read(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	chain, err := arc.Validate(t.Context(), zone(t), m)
	if err != nil {
		t.Fatal(err)
	}
	var bodies sig.Bodies
	s := &arc.Sealer{Domain: domain, Selector: "s", Key: key(), Now: now}
	hash := s.Body(&bodies)
	if err := bodies.Read(t.Context(), m.Body()); err != nil {
		t.Fatal(err)
	}
	fields, err := s.Seal(m, hash, chain, results)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Backward(fields) {
		text = f.Name + ": " + f.Value + "\r\n" + text
	}
	return text
}

func letter(from string) string {
	return "From: " + from + "\r\nTo: b@example.net\r\nSubject: x\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nHello\r\n"
}

func envelope(from, client string) *mail.Envelope {
	e := filtertest.Envelope()
	e.MailFrom, e.Client.Addr, e.Client.HELO = mail.NewPath(from), client, "client.bare.test"
	return e
}

func newTest(t testing.TB, o *Options) *filter {
	t.Helper()
	f, err := newFilter(o, filters.Deps{Now: now}, zone(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter { return newTest(t, DefaultOptions()) },
		Messages: []string{
			letter("a@reject.test"), letter("a@quarantine.test, b@none.test"), "From: a@dead.test\r\n" + letter("x"), signed(t, "reject.test", letter("a@reject.test")),
			sealed(t, "list.test", "list.test; dmarc=pass header.from=reject.test", letter("a@reject.test")) + "more\r\n",
		},
	})
}

const (
	ours     = "192.0.2.1" // May send for every domain.
	stranger = "192.0.2.9"
)

func TestFindings(t *testing.T) {
	forwarded := sealed(t, "list.test", "list.test; spf=pass smtp.mailfrom=a@reject.test; dmarc=pass header.from=reject.test", letter("a@reject.test"))
	for _, tc := range []struct {
		name, text, from, client string
		want                     []string // Code and points.
	}{
		{"all is well", signed(t, "reject.test", letter("a@reject.test")), "a@reject.test", ours, nil},
		{"SPF alone", letter("a@reject.test"), "a@reject.test", ours, nil},
		{"DKIM alone", signed(t, "reject.test", letter("a@reject.test")), "x@none.test", stranger, []string{"auth.spf_fail 0"}},
		{"below the domain", signed(t, "reject.test", letter("a@mail.reject.test")), "x@none.test", ours, nil},
		{"reject", letter("a@reject.test"), "a@reject.test", stranger, []string{"auth.dmarc_reject 4", "auth.spf_fail 1"}},
		{"reject, other reverse-path", letter("a@reject.test"), "a@none.test", ours, []string{"auth.dmarc_reject 4"}},
		{"null reverse-path", letter("a@reject.test"), "", ours, []string{"auth.dmarc_reject 4"}},
		{"quarantine", letter("a@quarantine.test"), "a@bare.test", ours, []string{"auth.dmarc_quarantine 2.5"}},
		{"none", letter("a@none.test"), "a@bare.test", ours, []string{"auth.dmarc_none 0.3"}},
		{"pct", letter("a@half.test"), "a@bare.test", ours, []string{"auth.dmarc_quarantine 2.5"}},
		{"test mode", letter("a@trial.test"), "a@bare.test", ours, []string{"auth.dmarc_quarantine 2.5"}},
		{"no record, SPF of another", letter("a@bare.test"), "a@none.test", stranger, []string{"auth.spf_fail 1"}},
		{"soft", letter("a@soft.test"), "a@soft.test", stranger, []string{"auth.spf_softfail 0.5"}},
		{"broken record", letter("a@broken.test"), "a@broken.test", stranger, []string{"auth.spf_permerror 0"}},
		{"changed", signed(t, "reject.test", letter("a@reject.test")) + "more\r\n", "a@none.test", ours, []string{"auth.dmarc_reject 4", "auth.dkim_fail 0.2"}},
		{"changed, and SPF passes", signed(t, "reject.test", letter("a@reject.test")) + "more\r\n", "a@reject.test", ours, []string{"auth.dkim_fail 0"}},
		{"changed, and the key is on trial", signed(t, "trying.test", letter("a@bare.test")) + "more\r\n", "a@bare.test", ours, nil},
		{"signed by another", signed(t, "list.test", letter("a@reject.test")), "a@none.test", ours, []string{"auth.dmarc_reject 4"}},
		{"no key", signed(t, "nokey.test", letter("a@none.test")), "a@none.test", ours, []string{"auth.dkim_permerror 0"}},
		{"no From", "Subject: x\r\n\r\nx\r\n", "a@none.test", ours, []string{"auth.from_missing 1", "auth.dmarc_permerror 0"}},
		{"several From", "From: evil@bare.test\r\n" + signed(t, "reject.test", letter("a@reject.test")), "a@reject.test", ours, []string{"auth.from_several 2", "auth.dmarc_permerror 0", "auth.dkim_fail 0.2"}},
		{"From that is no field", " From: evil@bare.test\r\n" + signed(t, "reject.test", letter("a@reject.test")), "a@reject.test", ours, []string{"auth.from_odd 0.5", "auth.dmarc_permerror 0"}},
		{"blank before the colon", strings.Replace(signed(t, "reject.test", letter("a@reject.test")), "Subject", "From : evil@bare.test\r\nSubject", 1), "a@reject.test", ours, []string{"auth.from_several 2", "auth.dmarc_permerror 0", "auth.dkim_fail 0.2"}},
		{"several authors", letter("a@none.test, b@reject.test"), "a@none.test", ours, []string{"auth.from_several 2", "auth.dmarc_permerror 0", "auth.dmarc_reject 4"}},
		{"odd author", letter(`<@x.test:a@none.test>`), "a@none.test", ours, []string{"auth.from_odd 0.5"}},
		{"own", letter("a@own.test"), "a@none.test", ours, []string{"auth.own_domain 3"}},
		{"own, and it is", letter("a@own.test"), "a@own.test", ours, nil},
		{"own, signed", signed(t, "own.test", letter("a@sub.own.test")), "a@none.test", ours, nil},
		{"forwarded by a trusted sealer", forwarded, "a@list.test", ours, []string{"auth.arc_trusted 0"}},
		{"chain that does not hold", forwarded + "more\r\n", "a@list.test", ours, []string{"auth.dmarc_reject 4", "auth.arc_fail 0"}},
		{"sealed by a stranger", sealed(t, "none.test", "none.test; dmarc=pass header.from=reject.test", letter("a@reject.test")), "a@none.test", ours, []string{"auth.dmarc_reject 4"}},
		{"sealed again by a stranger", sealed(t, "none.test", "none.test; arc=pass", forwarded), "a@none.test", ours, []string{"auth.dmarc_reject 4"}},
		{"sealer has seen it fail", sealed(t, "list.test", "list.test; dmarc=fail header.from=reject.test", letter("a@reject.test")), "a@list.test", ours, []string{"auth.dmarc_reject 4"}},
		{"sealer speaks of another", sealed(t, "list.test", "list.test; dmarc=pass header.from=none.test", letter("a@reject.test")), "a@list.test", ours, []string{"auth.dmarc_reject 4"}},
		{"no answer", letter("a@dead.test"), "a@dead.test", ours, []string{"auth.temperror 0"}},
		{"no answer about a key", signed(t, "dead.test", letter("a@none.test")), "a@none.test", ours, []string{"auth.temperror 0"}},
		{"no answer about an aligned key", strings.Replace(signed(t, "reject.test", letter("a@reject.test")), "s=s", "s=dead", 1), "a@none.test", ours, []string{"auth.dmarc_temperror 0", "auth.temperror 0"}},
		{"the same, and a trusted sealer", strings.Replace(signed(t, "reject.test", forwarded), "s=s", "s=dead", 1), "a@list.test", ours, []string{"auth.temperror 0"}},
		{"many signatures", strings.Repeat("DKIM-Signature: x\r\n", 30) + letter("a@none.test"), "a@none.test", ours, []string{"auth.dkim_permerror 0", "auth.limit 0"}},
		{"large header section", strings.Repeat("X: "+strings.Repeat("x", 900)+"\r\n", 1300) + letter("a@none.test"), "a@none.test", ours, []string{"auth.limit 0"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := DefaultOptions()
			o.TrustedSealers, o.OwnDomains = []string{"List.TEST"}, []string{"own.test"}
			found, err := newTest(t, o).Inspect(t.Context(), envelope(tc.from, tc.client), filtertest.Message(t, tc.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, fmt.Sprintf("%s %v", f.Code, f.Score))
				if f.Class != filters.Auth {
					t.Errorf("%+v: class", f)
				}
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s%+v", d, found)
			}
		})
	}
}

// TestLocal: mail of the host's own is left alone.
func TestLocal(t *testing.T) {
	env := envelope("a@reject.test", stranger)
	env.Client.Source = "LOCAL"
	msg := filtertest.Message(t, letter("a@reject.test"))
	if found, err := newTest(t, DefaultOptions()).Inspect(t.Context(), env, msg); err != nil || len(found) > 0 {
		t.Errorf("got %v, %v", found, err)
	}
	if _, ok := check.Known(msg); ok {
		t.Error("a report was made")
	}
}

// TestReport: the report is there for others, and makes one field.
func TestReport(t *testing.T) {
	msg := filtertest.Message(t, signed(t, "reject.test", letter("a@reject.test")))
	if _, err := newTest(t, DefaultOptions()).Inspect(t.Context(), envelope(`"x y"@none.test`, ours), msg); err != nil {
		t.Fatal(err)
	}
	r, ok := check.Known(msg)
	if !ok || !r.Authenticated("mail.reject.test") || r.Authenticated("none.test.evil.test") {
		t.Fatalf("got %+v", r)
	}
	want := `mx.example.org; spf=pass smtp.mailfrom="\"x y\"@none.test"; spf=none smtp.helo=client.bare.test; dkim=pass (256-bit key) header.d=reject.test header.s=s header.a=ed25519-sha256 header.b=`
	got := r.Field("mx.example.org")
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "; dmarc=pass (p=reject) header.from=reject.test") {
		t.Errorf("got %s", got)
	}
	var b strings.Builder
	if err := msg.Write(&b, []mail.Edit{mail.AddField{Name: "Authentication-Results", Value: got}}); err != nil {
		t.Fatal(err)
	}
}

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"default", func(*Options) {}, ""},
		{"sealer", func(o *Options) { o.TrustedSealers = []string{"a b"} }, `trusted_sealers: "a b" is no domain name`},
		{"own", func(o *Options) { o.OwnDomains = []string{"localhost"} }, `own_domains: "localhost" is no domain name`},
		{"timeout", func(o *Options) { o.Timeout = 0 }, "timeout: want some time"},
		{"signatures", func(o *Options) { o.MaxSignatures = 0 }, "max_signatures: 0: want at least 1"},
		{"points", func(o *Options) { o.Points.SPFFail = -1 }, "points: -1 for auth.spf_fail: want a number from 0 on"},
	} {
		o := DefaultOptions()
		tc.change(o)
		err := o.Validate()
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || err.Error() != tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := New(DefaultOptions(), filters.Deps{}); err == nil {
		t.Error("it works without a name server")
	}
}
