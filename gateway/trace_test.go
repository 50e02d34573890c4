// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// A field that says it is from us, and comes from outside, goes; however it is written.
func TestForgedAuthenticationResults(t *testing.T) {
	tests := []struct {
		value string
		gone  bool
	}{
		{"mw.example.org; dkim=pass header.d=bank.example", true},
		{"MW.Example.ORG 1; none", true},
		{`"mw.example.org"; dkim=pass`, true},
		{"mw.example.org", true},
		{"mw.example.org;dkim=pass (a;b)", true},
		{"mw.example.org.example.net; dkim=pass", false},
		{"other.example.org; dkim=pass", false},
		{"", false},
	}
	for _, tt := range tests {
		in := "Authentication-Results: " + tt.value + "\r\nSubject: x\r\n\r\nbody\r\n"
		m, err := mail.Parse(strings.NewReader(in), int64(len(in)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := m.Write(&got, cleanup(m.Header(), "mw.example.org")); err != nil {
			t.Fatal(err)
		}
		if gone := !strings.Contains(got.String(), "Authentication-Results"); gone != tt.gone {
			t.Errorf("%q: gone is %v, want %v", tt.value, gone, tt.gone)
		}
	}
}
