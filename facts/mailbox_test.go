// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"testing"
)

func TestMailboxes(t *testing.T) {
	for _, c := range []struct{ text, name, address, org string }{
		{`"Anna, Miller" <Anna@Mail.Example.ORG>`, "Anna, Miller", "anna@mail.example.org", "example.org"},
		{"anna@example.org (Anna Miller)", "Anna Miller", "anna@example.org", "example.org"},
		{"=?utf-8?Q?J=C3=BCrgen?= <a@example.org>", "Jürgen", "a@example.org", "example.org"},
		{"<a@example.org>", "", "a@example.org", "example.org"},
		{"Anna", "Anna", "", ""},
		{"Anna <>", "Anna", "", ""},
		{`"a@example.com" <b@example.org>`, "a@example.com", "b@example.org", "example.org"},
	} {
		m := readMailboxes(c.text)[0]
		if m.name != c.name || m.address != c.address || m.org != c.org {
			t.Errorf("%q: got %+v", c.text, m)
		}
	}
	if got := readMailboxes(strings.Repeat("a@example.org, ", 5000)); len(got) != maxMailboxes {
		t.Errorf("got %d", len(got))
	}
}
