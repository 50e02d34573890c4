// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

func parse(t testing.TB, text string) *mail.Message {
	t.Helper()
	text = strings.ReplaceAll(text, "\n", "\r\n")
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = msg.Close() })
	return msg
}

// TestAll: names are well-formed and given once, reasons are sentences, points fit the sign.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	name := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	for _, a := range facts.All() {
		if seen[a.Name] || !name.MatchString(a.Name) {
			t.Errorf("%q: twice, or not a name", a.Name)
		}
		seen[a.Name] = true
		if len(a.Reason) < 20 || !strings.HasSuffix(a.Reason, ".") {
			t.Errorf("%s: no reason: %q", a.Name, a.Reason)
		}
		if a.Most < 0 || (a.Sign == facts.Neutral) != (a.Most == 0) {
			t.Errorf("%s: sign %d with at most %v points", a.Name, a.Sign, a.Most)
		}
	}
}
