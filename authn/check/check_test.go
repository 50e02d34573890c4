// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/mail"
)

func now() time.Time { return time.Unix(1_700_000_000, 0) }

func key() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
}

func zone(t testing.TB) *authntest.Zone {
	t.Helper()
	record, err := dkim.Record(key())
	if err != nil {
		t.Fatal(err)
	}
	return &authntest.Zone{TXT: map[string][]string{"s._domainkey.legit.test": {record}, "_dmarc.legit.test": {"v=DMARC1; p=reject"}}}
}

func signed(t testing.TB, text string) string {
	t.Helper()
	return signedBy(t, "legit.test", text)
}

func signedBy(t testing.TB, domain, text string) string {
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
	return "DKIM-Signature: " + v + "\r\n" + text
}

func parse(t testing.TB, text string) *mail.Message {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := msg.Close(); err != nil {
			t.Error(err)
		}
	})
	return msg
}

func envelope() *mail.Envelope {
	return &mail.Envelope{ID: "test", Client: mail.Client{Addr: "192.0.2.1", HELO: "client.example.org"}, MailFrom: mail.NewPath("a@other.test")}
}

const letter = "From: a@legit.test\r\nSubject: x\r\n\r\nhello\r\n"

// TestReplay: a signed message that was given another face passes nothing, whatever the trick.
func TestReplay(t *testing.T) {
	good := signed(t, letter)
	head, body, _ := strings.Cut(good, "\r\n\r\n")
	for _, tc := range []struct {
		name, text string
		want       authn.Result
	}{
		{"as it was", good, authn.Pass},
		{"another From on top", "From: evil@evil.test\r\n" + good, authn.Fail},
		{"another From below", head + "\r\nFrom: evil@evil.test\r\n\r\n" + body, authn.Fail},
		{"blank before From", " From: evil@evil.test\r\n" + good, authn.PermError},
		{"NUL in the name", "Fr\x00om: evil@evil.test\r\n" + good, authn.PermError},
		{"byte order mark", "\ufeffFrom: evil@evil.test\r\n" + good, authn.PermError},
		{"behind a CR", "X: y\rFrom: evil@evil.test\r\n" + good, authn.PermError},
		{"behind many blanks", strings.Repeat(" ", 200) + "From: evil@evil.test\r\n" + good, authn.PermError},
		{"behind a CR and many NUL", "X: y\r" + strings.Repeat("\x00", 200) + "From: evil@evil.test\r\n" + good, authn.PermError},
		{"behind two at", strings.Replace(good, "a@legit.test", "ceo@bank.test@legit.test", 1), authn.Fail},
		{"CR for a blank", strings.Replace(good, "From: a", "From:\ra", 1), authn.Fail},
		{"text in the header section", head + "\r\nClick on this text, which is no field\r\n\r\n" + body, authn.Fail},
		{"a part in the header section", head + "\r\n--b\r\nContent-Type: text/html\r\n\r\n" + body, authn.Fail},
		{"CR alone", strings.Replace(head, "\r\nSubject", "\r\rSubject", 1) + "\r\n\r\n" + body, authn.Fail},
		{"NUL", strings.Replace(head, "From:", "From\x00:", 1) + "\r\n\r\n" + body, authn.None},
		{"text behind", good + "more\r\n", authn.Fail},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := (&Checker{Resolver: zone(t), Now: now}).Check(t.Context(), envelope(), parse(t, tc.text))
			if err != nil {
				t.Fatal(err)
			}
			got := authn.None
			for _, o := range r.DMARC {
				if o.Author == "legit.test" {
					got = o.Result
				}
			}
			if got != tc.want {
				t.Errorf("got %s: %+v\n%s", got, r, r.Field("mx.example.org"))
			}
			if r.Authenticated("legit.test") != (tc.want == authn.Pass) {
				t.Errorf("authenticated: %+v", r)
			}
		})
	}
}

// TestField: what was not looked at is not said to be none.
func TestField(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "Subject: x\r\n\r\n", `mx.example.org; spf=none smtp.mailfrom=a@other.test; spf=none smtp.helo=client.example.org; dkim=none; dmarc=permerror reason="no author domain"`},
		{
			"large header section", strings.Repeat("X: "+strings.Repeat("x", 900)+"\r\n", 1300) + "From: a@other.test\r\n\r\n",
			`mx.example.org; spf=none smtp.mailfrom=a@other.test; spf=none smtp.helo=client.example.org; dkim=permerror reason="the header section is too large"; dmarc=none header.from=other.test`,
		},
		{"broken chain", "ARC-Seal: i=1\r\nFrom: a@other.test\r\n\r\n", `mx.example.org; spf=none smtp.mailfrom=a@other.test; spf=none smtp.helo=client.example.org; dkim=none; arc=fail reason="instance is not complete"; dmarc=none header.from=other.test`},
	} {
		r, err := (&Checker{Resolver: zone(t)}).Check(t.Context(), envelope(), parse(t, tc.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Field("mx.example.org"); got != tc.want {
			t.Errorf("%s: got %s", tc.name, got)
		}
	}
}

// silent never answers.
type silent struct{ authn.Resolver }

func wait[T any](ctx context.Context) (none T, err error) {
	<-ctx.Done()
	return none, ctx.Err()
}

func (silent) LookupTXT(ctx context.Context, _ string) ([]string, error) { return wait[[]string](ctx) }

func (silent) LookupMX(ctx context.Context, _ string) ([]*net.MX, error) { return wait[[]*net.MX](ctx) }

func (silent) LookupAddr(ctx context.Context, _ string) ([]string, error) { return wait[[]string](ctx) }

func (silent) LookupIPAddr(ctx context.Context, _ string) ([]net.IPAddr, error) {
	return wait[[]net.IPAddr](ctx)
}

// TestSilence: a DNS that says nothing costs its time once, for all questions together, and is no verdict.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r, err := (&Checker{Resolver: silent{}, Now: now, Timeout: 3 * time.Second}).Check(t.Context(), envelope(), parse(t, signed(t, letter)))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		if r.MailFrom.Result != authn.TempError || r.HELO.Result != authn.TempError || r.DKIM[0].Result != authn.TempError || r.DMARC[0].Result != authn.TempError {
			t.Errorf("got %s", r.Field("x.test"))
		}
	})
}

// dead is a DNS with one name whose servers say nothing.
type dead struct {
	*authntest.Zone
	name string
}

func (d dead) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if strings.TrimSuffix(name, ".") == d.name {
		return wait[[]string](ctx)
	}
	return d.Zone.LookupTXT(ctx, name)
}

// TestSilentSPF: servers of the reverse-path's domain that say nothing leave time to find out if a signature is of the author's organisation.
func TestSilentSPF(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := zone(t)
		z.TXT["s._domainkey.mail.legit.test"] = z.TXT["s._domainkey.legit.test"]
		text := signedBy(t, "mail.legit.test", letter)
		r, err := (&Checker{Resolver: dead{z, "other.test"}, Now: now}).Check(t.Context(), envelope(), parse(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if r.MailFrom.Result != authn.TempError || r.DMARC[0].Result != authn.Pass {
			t.Errorf("got %s", r.Field("x.test"))
		}
	})
}

// TestAuthenticated: where the owner says more about who may speak for his domain than the Public Suffix List does, that holds.
func TestAuthenticated(t *testing.T) {
	text := signed(t, strings.Replace(letter, "a@legit.test", "a@www.legit.test", 1)) // By legit.test, which is above.
	for _, tc := range []struct {
		name, record string
		dead         bool
		want         bool
	}{
		{"no record", "", false, true},
		{"relaxed", "v=DMARC1; p=none; adkim=r", false, true},
		{"strict", "v=DMARC1; p=none; adkim=s", false, false},
		{"an organisation of its own", "v=DMARC1; p=none; psd=n", false, false},
		{"no answer", "", true, false},
	} {
		z := zone(t)
		delete(z.TXT, "_dmarc.legit.test")
		if tc.record != "" {
			z.TXT["_dmarc.www.legit.test"], z.TXT["_dmarc.legit.test"] = []string{tc.record}, []string{"v=DMARC1; p=none"}
		}
		if tc.dead {
			z.Errs = map[string]error{"_dmarc.www.legit.test": authntest.Temporary("dead"), "_dmarc.legit.test": authntest.Temporary("dead")}
		}
		r, err := (&Checker{Resolver: z, Now: now}).Check(t.Context(), envelope(), parse(t, text))
		if err != nil || r.Authenticated("www.legit.test") != tc.want {
			t.Errorf("%s: got %t, %v: %+v", tc.name, !tc.want, err, r.DMARC)
		}
		r, err = (&Checker{Resolver: z, Now: now}).Check(t.Context(), envelope(), parse(t, signed(t, letter)))
		if err != nil || !r.Authenticated("legit.test") {
			t.Errorf("%s, the very domain: got false, %v: %+v", tc.name, err, r.DMARC)
		}
	}
}

// FuzzCheck: no message takes it down, the field is one line, and a message is not authenticated as a domain that is not in From.
func FuzzCheck(f *testing.F) {
	f.Add(signed(f, letter), "a@legit.test", "helo.test")
	f.Add(" From: x\nFrom : a@b.test, c:<@d:e@f.test>;\n\n", "\"a@b\"@c.test", "[::1]")
	z := zone(f)
	f.Fuzz(func(t *testing.T, text, from, helo string) {
		env := envelope()
		env.MailFrom, env.Client.HELO = mail.NewPath(from), helo
		r, err := (&Checker{Resolver: z, Now: now}).Check(t.Context(), env, parse(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if line := r.Field("mx.example.org"); strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Errorf("%q", line)
		}
		if _, ok := r.Vouched([]string{"legit.test"}); ok {
			t.Errorf("%+v", r.ARC)
		}
		if len(r.DMARC) > maxAuthors {
			t.Errorf("%d authors", len(r.DMARC))
		}
	})
}

// BenchmarkCheck is a whole check of a signed message of 20 kB, with answers from memory.
func BenchmarkCheck(b *testing.B) {
	text := signed(b, letter+strings.Repeat("A line of text as there are many of them in mail.\r\n", 400))
	c := &Checker{Resolver: zone(b), Now: now}
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := c.Check(b.Context(), envelope(), msg); err != nil || r.DKIM[0].Result != authn.Pass {
			b.Fatal(r, err)
		}
	}
}
