// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strings"
	"testing"
)

func TestStrips(t *testing.T) {
	s := newStripper()
	for _, name := range []string{
		"x-spam-status", "x-bogosity", "x-virus-scanned", "x-example-mailscanner-spamscore", "x-ms-exchange-organization-scl", "x-forefront-antispam-report",
		"authentication-results", "authentication-results-original", "arc-seal", "received-spf", "status", "lines", "x-old-spam-flag", "x-corp-junk-score", "mailweir-verdict",
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

// What other filters wrote changes neither features nor digest. docs/reference/evasions.md, number 13.
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
