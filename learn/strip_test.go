// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"slices"
	"strings"
	"testing"
)

func TestStrips(t *testing.T) {
	s := newStripper()
	for _, name := range []string{
		"x-spam-status", "x-bogosity", "x-virus-scanned", "x-example-mailscanner-spamscore", "x-ms-exchange-organization-scl", "x-forefront-antispam-report",
		"authentication-results", "arc-seal", "received-spf", "status", "lines", "x-old-spam-flag", "x-corp-junk-score", "mailweir-verdict",
	} {
		if !s.strips(name) {
			t.Errorf("%s is learned from", name)
		}
	}
	for _, name := range []string{"", "subject", "from", "received", "x-mailer", "dkim-signature", "list-id", "statusline", "x-priority", "forwarded-by"} {
		if s.strips(name) {
			t.Errorf("%s is left out", name)
		}
	}
}

// What other filters wrote changes neither features nor digest. EVASIONS: docs/reference/evasions.md, number 13.
func TestForeignFieldsDoNotCount(t *testing.T) {
	x := NewExtractor()
	marked := "X-Spam-Flag: YES\nX-Spam-Status: Yes, score=9\nAuthentication-Results: x; spf=fail\n" + strings.Replace(spamText, "Subject: ", "Subject: [SPAM] ", 1)
	for _, c := range []struct {
		name string
		get  func(text string) string
	}{
		{"words", func(text string) string {
			f := features(t, text)
			f.Views[Trace] = nil // The size of the message is in it.
			return string(f.Encode())
		}},
		{"digest", func(text string) string {
			d, err := x.Digest(parse(t, text))
			if err != nil {
				t.Fatal(err)
			}
			return string(d[:])
		}},
	} {
		if c.get(marked) != c.get(spamText) {
			t.Errorf("%s: they count", c.name)
		}
	}
}

// A message has the same digest however it is kept: out of an mbox too, which quotes lines.
func TestDigestOfQuotedLines(t *testing.T) {
	x := NewExtractor()
	digest := func(body string) Digest {
		t.Helper()
		d, err := x.Digest(parse(t, "Subject: hello\n\n"+body))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := digest("dear all\nFrom here on\n> From there\n")
	for _, body := range []string{"dear all\n>From here on\n> From there\n", "dear all\r\n>>From here on\r\n\r\n> From there\r\n"} {
		if digest(body) != want {
			t.Errorf("another digest of %q", body)
		}
	}
	if long := strings.Repeat("x", 1<<14); digest(long+"From here on\n") == digest(long+">From here on\n") || digest("dear all\nfrom here on\n> From there\n") == want {
		t.Error("the same digest of another body")
	}
}

// docs/reference/evasions.md, numbers 141 and 169.
func TestPlain(t *testing.T) {
	collect := func(s string) (list []string) {
		words(plain(s), func(w string) bool { list = append(list, w); return true })
		return list
	}
	for in, want := range map[string][]string{
		"Buy V\u200bia\u00adgra":   {"buy", "viagra"},
		"𝐅𝐫𝐞𝐞 money":               {"free", "money"},
		"ｆｒｅｅ":                     {"free"},
		"p\u0430ypal":              {"p\u0430ypal", "\x01mixed", "paypal"},
		"don't e-mail a.b@c.d !!!": {"don't", "e-mail", "a.b@c.d", "!!!"},
		"免费送":                      {"免费", "费送"},
		"":                         nil,
	} {
		if got := collect(in); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
