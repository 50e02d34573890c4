// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"testing"
)

func TestArguments(t *testing.T) {
	const (
		ascii    = "may have printable ASCII characters only"
		blank    = "begins or ends with a blank"
		local    = "the local-part is not as RFC 5321 has it"
		domain   = "the domain is not as RFC 5321 has it"
		address  = "want an address such as user@example.org"
		reserved = " field would change what the message means"
	)
	tests := []struct {
		action, arg string
		want        string // "" if the argument is right.
	}{
		{"tag", "[SPAM] {Spam?}", ""},
		{"tag", strings.Repeat("x", 64), ""},
		{"tag", strings.Repeat("x", 65), "is longer than 64 octets"},
		{"tag", "[SPAM] ", blank},
		{"tag", "a\r\nb", ascii},
		{"tag", "Müll", ascii},
		{"tag", "a\x7fb", ascii},
		{"header", "X-A: b", ""},
		{"header", "X-A:b", ""},
		{"header", "X-A: b: c", ""},
		{"header", "X-A: " + strings.Repeat("x", 895), ""},
		{"header", "X-A: " + strings.Repeat("x", 896), "is longer than 900 octets"},
		{"header", "X-A", `want "Name: value"`},
		{"header", ": b", "the field name may have printable ASCII characters only, no blank"},
		{"header", "X A: b", "the field name may have printable ASCII characters only, no blank"},
		{"header", "X-Ä: b", "the field name may have printable ASCII characters only, no blank"},
		{"header", "X-A:", "the field body is empty"},
		{"header", "X-A: a\r\nBcc: b", ascii},
		{"header", "from: a@example.org", "a second from" + reserved},
		{"header", "Content-Type: text/html", "a second Content-Type" + reserved},
		{"header", "Received: x", "a second Received" + reserved},
		{"store", "spam-2_b", ""},
		{"store", strings.Repeat("x", 32), ""},
		{"store", "A", "a shelf has up to 32 of a-z, 0-9, hyphen and underscore"},
		{"store", "a.b", "a shelf has up to 32 of a-z, 0-9, hyphen and underscore"},
		{"forward", "user+tag@sub.example.org", ""},
		{"forward", "o'brien@example.org", ""},
		{"forward", `"a b\"c"@example.org`, ""},
		{"forward", "user@[192.0.2.1]", ""},
		{"forward", "user@[IPv6:2001:db8::1]", ""},
		{"forward", "user@localhost", ""},
		{"forward", "user", address},
		{"forward", "@example.org", address},
		{"forward", "user@", address},
		{"forward", strings.Repeat("x", 243) + "@example.org", "is longer than 254 octets"},
		{"forward", strings.Repeat("x", 242) + "@example.org", ""},
		{"forward", ".user@example.org", local},
		{"forward", "us..er@example.org", local},
		{"forward", "us er@example.org", local},
		{"forward", "<user@example.org", local},
		{"forward", "jörg@example.org", local},
		{"forward", `""@example.org`, local},
		{"forward", `"a"b"@example.org`, local},
		{"forward", `"a\"@example.org`, local},
		{"forward", "\"a\r\n\"@example.org", local},
		{"forward", "user@example..org", domain},
		{"forward", "user@-example.org", domain},
		{"forward", "user@example-.org", domain},
		{"forward", "user@example.org>", domain},
		{"forward", "user@exa_mple.org", domain},
		{"forward", "user@" + strings.Repeat("x", 64) + ".org", domain},
		{"forward", "user@[192.0.2.1", domain},
		{"forward", "user@[]", domain},
		{"forward", "user@[a b]", domain},
	}
	for _, tt := range tests {
		t.Run(tt.action+" "+tt.arg[:min(len(tt.arg), 30)], func(t *testing.T) {
			got := ""
			if err := (Action{tt.action, tt.arg}).Check(); err != nil {
				got = strings.TrimPrefix(err.Error(), fmt.Sprintf("%s %q: ", tt.action, tt.arg))
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
