// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"crypto"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/internal/corpora"
)

// craft signs text with tags of one's own; b= and bh= are made here.
func craft(t testing.TB, key crypto.Signer, tags, text string, hash crypto.Hash, covered int) string {
	t.Helper()
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	if covered >= 0 {
		body = body[:covered]
	}
	h := hash.New()
	io.WriteString(h, body)
	field := sig.ParseField("DKIM-Signature: " + tags + "; bh=" + base64.StdEncoding.EncodeToString(h.Sum(nil)) + "; b=")
	m, err := sig.Read(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := sig.ParseTags(field.Body())
	if err != nil {
		t.Fatal(err)
	}
	d := sig.NewDigest(hash, sig.Simple)
	d.AddNamed(m, parsed.List("h"), -1)
	b, err := sig.Sign(key, sig.Algorithm{Key: strings.ToLower(parsed.Word("a")[:3]), Hash: hash}, d.Sum(field))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(field.Raw, "\r\n") + base64.StdEncoding.EncodeToString(b) + "\r\n" + text
}

func TestVerdicts(t *testing.T) {
	const head = "From: a@example.org\r\nSubject: x\r\n"
	text := head + "\r\nhello\r\n"
	key := keys(t)["rsa"]
	good := "v=1; a=rsa-sha256; d=example.org; s=rsa; h=From:Subject"
	sign := func(tags string) string { return craft(t, key, tags, text, crypto.SHA256, -1) }
	for _, tc := range []struct {
		name, text string
		want       authn.Result
		reason     string
	}{
		{"good", sign(good), authn.Pass, ""},
		{"case and white space", sign("v = 1 ; a=RSA-SHA256;\r\n d= Example.ORG ; s =rsa;h = from :\r\n\tSUBJECT"), authn.Pass, ""},
		{"rsa-sha1", craft(t, key, strings.Replace(good, "sha256", "sha1", 1), text, crypto.SHA1, -1), authn.Policy, "rsa-sha1 is too weak"},
		{"all of the body by l=", sign(good + "; l=7"), authn.Pass, ""},
		{"more than the body by l=", sign(good + "; l=999999999999999999999999999999"), authn.Pass, ""},
		{"part of the body", craft(t, key, good+"; l=5", text+"evil\r\n", crypto.SHA256, 5), authn.Policy, "not all of the body is signed"},
		{"nothing of the body", craft(t, key, good+"; l=0", text, crypto.SHA256, 0), authn.Policy, "not all of the body is signed"},
		{"changed", sign(good) + "x\r\n", authn.Fail, "body was changed"},
		{"field changed", strings.Replace(sign(good), "Subject: x", "Subject: y", 1), authn.Fail, "signature does not verify"},
		{"other key", strings.Replace(craft(t, keys(t)["rsa"], good, text, crypto.SHA256, -1), "s=rsa", "s=ed", 1), authn.PermError, "key is not for this algorithm"},
		{"another From on top", "From: evil@example.net\r\n" + sign(good), authn.Policy, "not every From is signed"},
		{"another From by odd spelling", "FROM \t: evil@example.net\r\n" + sign(good), authn.Policy, "not every From is signed"},
		{"From not signed", sign("v=1; a=rsa-sha256; d=example.org; s=rsa; h=Subject"), authn.PermError, "From is not signed"},
		{"other identity", sign(good + "; i=a@example.net"), authn.PermError, "identity is not of the domain"},
		{"identity of a longer name", sign(good + "; i=a@notexample.org"), authn.PermError, "identity is not of the domain"},
		{"identity below", sign(good + "; i=a@b.example.org"), authn.Pass, ""},
		{"NUL in the domain", strings.Replace(sign(good), "example.org", "example.org\x00.evil.test", 1), authn.PermError, "signature is malformed"},
		{"parenthesis in the domain", strings.Replace(sign(good), "example.org", "example.org(.evil.test", 1), authn.PermError, "domain or selector is malformed"},
		{"expired", sign(good + "; t=1600000000; x=1600000001"), authn.PermError, "signature has expired"},
		{"expired before it was made", sign(good + "; t=1800000000; x=1799999999"), authn.PermError, "expired before it was made"},
		{"far future", sign(good + "; x=99999999999999999999999999"), authn.Pass, ""},
		{"twice the same tag", strings.Replace(sign(good), "v=1;", "v=1; v=1;", 1), authn.PermError, "signature is malformed"},
		{"no such key", strings.Replace(sign(good), "s=rsa", "s=no", 1), authn.PermError, "no key"},
		{"selector with a dot", strings.Replace(sign(good), "s=rsa", "s=a..b", 1), authn.PermError, "domain or selector is malformed"},
		{"canonicalisation", sign(good + "; c=odd"), authn.PermError, "canonicalisation is not known"},
		{"query", sign(good + "; q=http"), authn.PermError, "query method is not known"},
		{"version", strings.Replace(sign(good), "v=1", "v=2", 1), authn.PermError, "signature has another version"},
		{"not a tag list", "DKIM-Signature: x\r\n" + text, authn.PermError, "signature is malformed"},
		{"empty", "DKIM-Signature:\r\n" + text, authn.PermError, "signature is malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := verify(t, zone(t), tc.text)
			if len(got) != 1 || got[0].Result != tc.want || got[0].Reason != tc.reason {
				t.Errorf("got %+v, want %s %s\n%s", got, tc.want, tc.reason, tc.text)
			}
		})
	}
	t.Run("field added", func(t *testing.T) {
		got := verify(t, zone(t), "Subject: evil\r\n"+sign(good))
		if got[0].Result != authn.Pass || !slices.Equal(got[0].Added, []string{"subject"}) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("too many", func(t *testing.T) {
		got := verify(t, zone(t), strings.Repeat("DKIM-Signature: x\r\n", 500)+sign(good))
		if len(got) != 501 || got[500].Result != authn.None || got[10].Result != authn.None || got[9].Result != authn.PermError {
			t.Errorf("got %d, %+v", len(got), got[8:11])
		}
	})
}

// TestOtherCorpus: RFC 6376's and RFC 8463's examples and mail from large senders, with the keys of their time.
func TestOtherCorpus(t *testing.T) {
	files := corpora.Files(t, "auth/mail-auth/resources/dkim/*.txt")
	if len(files) != 6 {
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
		m, err := sig.Read(strings.NewReader(message), int64(len(message)))
		if err != nil {
			t.Fatal(err)
		}
		list, err := (&Verifier{Resolver: z, Now: func() time.Time { return time.Unix(1_500_000_000, 0) }}).Verify(t.Context(), m)
		if err != nil || len(list) == 0 {
			t.Errorf("%s: %v, %d signatures", file, err, len(list))
		}
		for _, s := range list {
			if s.Result != authn.Pass {
				t.Errorf("%s: %s %s: %s", filepath.Base(file), s.Domain, s.Result, s.Reason)
			}
		}
	}
}
