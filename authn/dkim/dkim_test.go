// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	theirs "github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/mail"
)

func now() time.Time { return time.Unix(1_700_000_000, 0) }

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	r, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"rsa": r, "ed": ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))}
}

// zone has the keys of example.org, whose selectors are their kinds.
func zone(t testing.TB) *authntest.Zone {
	t.Helper()
	z := &authntest.Zone{TXT: map[string][]string{}, Errs: map[string]error{}}
	for selector, key := range keys(t) {
		record, err := Record(key)
		if err != nil {
			t.Fatal(err)
		}
		z.TXT[selector+"._domainkey.example.org"] = []string{"some other text", record}
	}
	return z
}

func verify(t testing.TB, z authn.Resolver, text string) []Signature {
	t.Helper()
	m, err := sig.Read(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := (&Verifier{Resolver: z, Now: now}).Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

const letter = "Received: from a\r\n by b\r\nFrom: A <a@example.org>\r\nTo: b@example.net,\r\n c@example.net\r\nSubject: =?utf-8?q?x?=\r\nDate: x\r\nMIME-Version: 1.0\r\n\r\nline \r\n..dots\t  x\r\n\r\n\r\n"

// TestSignThroughMail: what leaves by package mail verifies, here and by go-msgauth, with every kind of key, body and edit.
func TestSignThroughMail(t *testing.T) {
	for selector, key := range keys(t) {
		for _, text := range []string{letter, "From: a@example.org\r\n\r\n", "From: a@example.org\r\n", strings.ReplaceAll(letter, "\r\n", "\n"), letter + strings.Repeat("long line ", 1000), "From: a@example.org\r\nSubject: \xe4\xff \xc3\r\n\r\n\xff\xfe\x00 \x80\r\n"} {
			msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err)
			}
			edits := []mail.Edit{mail.AddField{Name: "Received", Value: "by us"}, mail.TagSubject{Tag: "[x]"}}
			s := &Signer{Domain: "example.org", Selector: selector, Key: key, Now: now, Lifetime: time.Hour}
			var bodies sig.Bodies
			hash := s.Body(&bodies)
			w := sig.NewStream(&bodies)
			if err := msg.Write(w, edits); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			value, err := s.Sign(w.Message(), hash)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := msg.Write(&out, append(edits, mail.AddField{Name: SignatureField, Value: value})); err != nil {
				t.Fatal(err)
			}
			got := verify(t, zone(t), out.String())
			if len(got) != 1 || got[0].Result != authn.Pass || got[0].Domain != "example.org" || got[0].Algorithm[:2] != selector[:2] || len(got[0].Added) > 0 {
				t.Errorf("got %+v\n%s", got, &out)
			}
			if !strings.Contains(text, "\r\n\r\n") {
				continue // go-msgauth wants CRLF, and an empty line.
			}
			z := zone(t)
			list, err := theirs.VerifyWithOptions(&out, &theirs.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return z.TXT[name][1:], nil }})
			if err != nil || len(list) != 1 || (list[0].Err != nil && !strings.Contains(list[0].Err.Error(), "expired")) {
				t.Errorf("go-msgauth: %v %v", err, list[0].Err)
			}
		}
	}
}

// TestLikeGoMsgauth: what go-msgauth signs holds, whatever the message, and what was changed does not.
func TestLikeGoMsgauth(t *testing.T) {
	z := zone(t)
	key := keys(t)["ed"]
	rapid.Check(t, func(t *rapid.T) {
		canon := rapid.SampledFrom([]theirs.Canonicalization{theirs.CanonicalizationSimple, theirs.CanonicalizationRelaxed})
		text := rapid.StringOfN(rapid.RuneFrom([]rune(" \tax:;=")), 0, 30, -1)
		var b strings.Builder
		for i := range rapid.IntRange(1, 6).Draw(t, "fields") {
			name := rapid.SampledFrom([]string{"X", "Subject", "x", "To"}).Draw(t, "name")
			if i == 0 {
				name = "From"
			}
			fmt.Fprintf(&b, "%s: %s\r\n", name, strings.Join(rapid.SliceOfN(text, 1, 3).Draw(t, "lines"), "y\r\n z"))
		}
		b.WriteString("\r\n" + strings.Join(rapid.SliceOfN(text, 0, 6).Draw(t, "body"), "\r\n"))
		var signed bytes.Buffer
		err := theirs.Sign(&signed, strings.NewReader(b.String()), &theirs.SignOptions{
			Domain: "example.org", Selector: "ed", Signer: key, HeaderKeys: []string{"From", "Subject", "X", "X", "X", "To", "Absent"},
			HeaderCanonicalization: canon.Draw(t, "head"), BodyCanonicalization: canon.Draw(t, "canon"),
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := sig.Read(bytes.NewReader(signed.Bytes()), int64(signed.Len()))
		if err != nil {
			t.Fatal(err)
		}
		v := &Verifier{Resolver: z, Now: now}
		if got, err := v.Verify(t.Context(), m); err != nil || len(got) != 1 || got[0].Result != authn.Pass {
			t.Fatalf("%v %+v\n%q", err, got, signed.String())
		}
		changed := signed.String() + "\r\nchanged"
		m, err = sig.Read(strings.NewReader(changed), int64(len(changed)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Verify(t.Context(), m); err != nil || got[0].Result != authn.Fail {
			t.Fatalf("changed: %v %+v", err, got)
		}
	})
}
