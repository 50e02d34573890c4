// SPDX-License-Identifier: Apache-2.0

package arc

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

func key() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
}

func zone(t testing.TB) *authntest.Zone {
	t.Helper()
	record, err := dkim.Record(key())
	if err != nil {
		t.Fatal(err)
	}
	z := &authntest.Zone{TXT: map[string][]string{}, Errs: map[string]error{"s._domainkey.dead.test": authntest.Temporary("dead")}}
	for _, d := range []string{"one.test", "two.test", "three.test"} {
		z.TXT["s._domainkey."+d] = []string{record}
	}
	return z
}

func validate(t testing.TB, z authn.Resolver, text string) Chain {
	t.Helper()
	m, err := sig.Read(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Validate(t.Context(), z, m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hop hands a message on: changed by edits, sealed by a domain, written by package mail.
func hop(t testing.TB, domain, text string, edits ...mail.Edit) (string, error) {
	t.Helper()
	chain := validate(t, zone(t), text)
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	s := &Sealer{Domain: domain, Selector: "s", Key: key(), Now: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	var bodies sig.Bodies
	hash := s.Body(&bodies)
	w := sig.NewStream(&bodies)
	if err := errors.Join(msg.Write(w, edits), w.Close()); err != nil {
		t.Fatal(err)
	}
	fields, err := s.Seal(w.Message(), hash, chain, domain+"; arc="+string(chain.Result)+`; spf=pass smtp.mailfrom="a long address with blanks"@example.org; dmarc=pass header.from=example.org`)
	if err != nil {
		return "", err
	}
	var all []mail.Edit
	for _, f := range fields {
		all = append(all, mail.AddField{Name: f.Name, Value: f.Value})
	}
	var b strings.Builder
	if err := msg.Write(&b, append(all, edits...)); err != nil {
		t.Fatal(err)
	}
	return b.String(), nil
}

// hopOf is a hop that signs some fields alone.
func hopOf(t testing.TB, domain, text string, names ...string) string {
	t.Helper()
	m, err := sig.Read(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	s := &Sealer{Domain: domain, Selector: "s", Key: key(), Headers: names, Now: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	var bodies sig.Bodies
	hash := s.Body(&bodies)
	if err := bodies.Read(t.Context(), m.Body()); err != nil {
		t.Fatal(err)
	}
	fields, err := s.Seal(m, hash, validate(t, zone(t), text), domain+"; none")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Backward(fields) {
		text = f.Name + ": " + f.Value + "\r\n" + text
	}
	return text
}

func mustHop(t testing.TB, domain, text string, edits ...mail.Edit) string {
	t.Helper()
	out, err := hop(t, domain, text, edits...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const letter = "From: a@example.org\r\nSubject: x\r\n\r\nhello\r\n"

// TestHops: each hop changes the message and seals it, and the chain holds; the results of all are read back.
func TestHops(t *testing.T) {
	text := letter
	for i, domain := range []string{"one.test", "two.test", "three.test", "one.test"} {
		text = mustHop(t, domain, text, mail.TagSubject{Tag: fmt.Sprint("[", domain, i, "]")}, mail.AddField{Name: "Received", Value: "by " + domain})
		c := validate(t, zone(t), text)
		if c.Result != authn.Pass || len(c.Sets) != i+1 || c.Sets[i].Domain != domain || !strings.HasPrefix(c.Sets[i].Results, domain+"; arc=") {
			t.Fatalf("hop %d: %+v\n%s", i, c, text)
		}
	}
}

// TestBroken: what was changed without a seal fails, and is sealed once as such; then nobody seals it again.
func TestBroken(t *testing.T) {
	text := mustHop(t, "one.test", letter) + "changed\r\n"
	if c := validate(t, zone(t), text); c.Result != authn.Fail || c.Reason != "body was changed" || c.Ended {
		t.Errorf("got %+v", c)
	}
	text = mustHop(t, "two.test", text)
	if c := validate(t, zone(t), text); c.Result != authn.Fail || !c.Ended {
		t.Errorf("got %+v", c)
	}
	if _, err := hop(t, "three.test", text); !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
}

// swap changes the first field of that name.
func swap(text, name, old, with string) string {
	i := strings.Index(text, name)
	return text[:i] + strings.Replace(text[i:], old, with, 1)
}

func TestForged(t *testing.T) {
	one := mustHop(t, "one.test", letter)
	two := mustHop(t, "two.test", one)
	head, _, _ := strings.Cut(one, "From: ")
	evil := mustHop(t, "three.test", "From: evil@example.net\r\n\r\nevil\r\n")
	_, evilBody, _ := strings.Cut(evil, "From: ")
	for _, tc := range []struct{ name, text string }{
		{"gap", strings.NewReplacer("i=2", "i=3").Replace(two)},
		{"starts with 2", strings.ReplaceAll(one, "i=1", "i=2")},
		{"without the first set", strings.Replace(two, head, "", 1)},
		{"a set twice", head + one},
		{"results changed", swap(two, "ARC-Authentication-Results: i=1", "dmarc=pass", "dmarc=fail")},
		{"results of the newest changed", swap(two, "ARC-Authentication-Results: i=2", "dmarc=pass", "dmarc=fail")},
		{"chain of another message", head + "From: " + evilBody},
		{"seal says pass at the beginning", strings.Replace(one, "cv=none", "cv=pass", 1)},
		{"seal says none later", strings.Replace(two, "cv=pass", "cv=none", 1)},
		{"seal of another domain", swap(one, "ARC-Seal", "d=one.test", "d=two.test")},
		{"signature of another domain", swap(one, "ARC-Message-Signature", "d=one.test", "d=two.test")},
		{"no such key", strings.ReplaceAll(one, "s=s;", "s=t;")},
		{"subject changed", strings.Replace(one, "Subject: x", "Subject: y", 1)},
		{"From added below", strings.Replace(one, "Subject: x", "From: evil@example.net\r\nSubject: x", 1)},
		{"weak hash", strings.ReplaceAll(one, "ed25519-sha256", "rsa-sha1")},
		{"seal missing", "ARC-Message-Signature: i=1\r\nARC-Authentication-Results: i=1; x\r\n" + letter},
		{"zero", strings.ReplaceAll(one, "i=1", "i=0")},
		{"large number", strings.ReplaceAll(one, "i=1", "i=99999999999999999999")},
		{"too many", strings.Repeat("ARC-Seal: i=1; cv=none\r\n", MaxInstances+1) + letter},
	} {
		t.Run(tc.name, func(t *testing.T) {
			z := zone(t)
			if c := validate(t, z, tc.text); c.Result != authn.Fail || c.Reason == "" {
				t.Errorf("got %+v\n%s", c, tc.text)
			}
			if n := len(z.Asked()); n > 3 {
				t.Errorf("%d questions", n)
			}
		})
	}
	if c := validate(t, zone(t), hopOf(t, "three.test", letter, "subject")); c.Result != authn.Fail || c.Reason != "From is not signed" {
		t.Errorf("From is not signed: got %+v", c)
	}
	if c := validate(t, zone(t), strings.ReplaceAll(one, "one.test", "dead.test")); c.Result != authn.TempError {
		t.Errorf("no answer: got %+v", c)
	}
	if _, err := (&Sealer{Domain: "one.test", Selector: "s", Key: key(), Now: time.Now}).Seal(sig.New(nil), nil, Chain{Result: authn.TempError}, ""); !errors.Is(err, ErrEnded) {
		t.Errorf("no answer is sealed: %v", err)
	}
}

// TestLong: a chain may be as long as the RFC says, and no longer.
func TestLong(t *testing.T) {
	text := letter
	for range MaxInstances {
		text = mustHop(t, "one.test", text)
	}
	z := zone(t)
	if c := validate(t, z, text); c.Result != authn.Pass || len(c.Sets) != MaxInstances {
		t.Errorf("got %s %s", c.Result, c.Reason)
	}
	if n := len(z.Asked()); n > 2 {
		t.Errorf("%d questions about one key", n)
	}
	if _, err := hop(t, "one.test", text); !errors.Is(err, ErrEnded) {
		t.Errorf("got %v", err)
	}
}

// TestOtherCorpus: chains of mail from large senders, with the keys of their time.
func TestOtherCorpus(t *testing.T) {
	files := corpora.Files(t, "auth/mail-auth/resources/arc/*.txt")
	if len(files) != 2 {
		t.Fatal(files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, message, _ := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n\n")
		z := &authntest.Zone{TXT: map[string][]string{}}
		for line := range strings.Lines(records) {
			name, record, _ := strings.Cut(strings.TrimSpace(line), " ")
			z.TXT[strings.ToLower(name)] = []string{record}
		}
		if c := validate(t, z, message); c.Result != authn.Pass {
			t.Errorf("%s: %+v", filepath.Base(file), c)
		}
	}
}

// FuzzValidate: no message takes it down; a chain that passes has all its sets, and without its fields there is none.
func FuzzValidate(f *testing.F) {
	f.Add(mustHop(f, "one.test", letter))
	f.Add("ARC-Seal: i=1; cv=none\nARC-Message-Signature: i=1\nARC-Authentication-Results: i=1; x\n\n")
	z := zone(f)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := sig.Read(strings.NewReader(text), int64(len(text)))
		if err != nil {
			return // Its header section is too large.
		}
		c, err := Validate(t.Context(), z, m)
		if err != nil {
			t.Fatal(err)
		}
		n := len(m.All(sealName)) + len(m.All(signatureName)) + len(m.All(resultsName))
		if (c.Result == authn.None) != (n == 0) || c.Result == authn.Pass && len(c.Sets)*3 != n || len(c.Sets) > MaxInstances {
			t.Errorf("%+v of %d fields", c, n)
		}
		if slices.Contains([]authn.Result{authn.Fail, authn.TempError}, c.Result) != (c.Reason != "") {
			t.Errorf("%+v", c)
		}
	})
}
