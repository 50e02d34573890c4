// SPDX-License-Identifier: Apache-2.0

package outgoing

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/mail"
)

func now() time.Time { return time.Unix(1_700_000_000, 0) }

func TestEdits(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	record, err := dkim.Record(key)
	if err != nil {
		t.Fatal(err)
	}
	zone := &authntest.Zone{TXT: map[string][]string{"s._domainkey.own.test": {record}}}
	ring, err := dkim.NewKeyring(&dkim.Signer{Domain: "own.test", Selector: "s", Key: key, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	s := &Signer{Keys: ring, Sealer: &arc.Sealer{Domain: "own.test", Selector: "s", Key: key, Now: now}}
	const results = "mx.own.test; dmarc=pass header.from=example.org"
	edits := []mail.Edit{mail.AddField{Name: "Received", Value: "by us"}, mail.AddField{Name: "Authentication-Results", Value: results}, mail.TagSubject{Tag: "[x]"}}
	fresh := &Seal{Chain: arc.Chain{Result: authn.None}, Results: results}
	for _, tc := range []struct {
		name, from string
		sign       bool
		seal       *Seal
		dkim, arc  authn.Result
	}{
		{"own mail", "a@own.test", true, nil, authn.Pass, authn.None},
		{"below", "a@x.own.test", true, nil, authn.Pass, authn.None},
		{"not asked for", "a@own.test", false, nil, authn.None, authn.None},
		{"of others", "a@example.org", true, nil, authn.None, authn.None},
		{"several authors", "a@own.test, b@example.org", true, nil, authn.None, authn.None},
		{"sealed", "a@example.org", false, fresh, authn.None, authn.Pass},
		{"both", "a@own.test", true, fresh, authn.Pass, authn.Pass},
		{"ended chain", "a@own.test", false, &Seal{Chain: arc.Chain{Result: authn.Fail, Ended: true}}, authn.None, authn.None},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := "From: " + tc.from + "\r\nSubject: x\r\n\r\nhello\r\n"
			msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err)
			}
			added, err := s.Edits(t.Context(), msg, edits, tc.sign, tc.seal)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := msg.Write(&b, append(added, edits...)); err != nil {
				t.Fatal(err)
			}
			m, err := sig.Read(strings.NewReader(b.String()), int64(b.Len()))
			if err != nil {
				t.Fatal(err)
			}
			list, err := (&dkim.Verifier{Resolver: zone, Now: now}).Verify(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			got := authn.None
			for _, s := range list {
				got = s.Result
			}
			chain, err := arc.Validate(t.Context(), zone, m)
			if err != nil || got != tc.dkim || chain.Result != tc.arc {
				t.Errorf("got %s, %+v, %v\n%s", got, chain, err, &b)
			}
		})
	}
}

// BenchmarkEdits is what a signature costs, by kind of key and size of the message.
func BenchmarkEdits(b *testing.B) {
	for _, kind := range []string{sig.KeyRSA, sig.KeyEd25519} {
		text, err := dkim.GenerateKey(kind, 0)
		if err != nil {
			b.Fatal(err)
		}
		key, err := dkim.ParsePrivateKey(text)
		if err != nil {
			b.Fatal(err)
		}
		ring, err := dkim.NewKeyring(&dkim.Signer{Domain: "own.test", Selector: "s", Key: key, Now: now})
		if err != nil {
			b.Fatal(err)
		}
		for name, lines := range map[string]int{"10KB": 140, "1MB": 14_000} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				text := "From: a@own.test\r\nSubject: x\r\n\r\n" + strings.Repeat("The quick brown fox jumps over the lazy dog, and comes back for more.\r\n", lines)
				msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if _, err := (&Signer{Keys: ring}).Edits(b.Context(), msg, nil, true, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
