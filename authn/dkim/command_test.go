// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/authn/authntest"
)

func TestCommands(t *testing.T) {
	k := KeyFile{Domain: "example.org", Selector: "s", File: filepath.Join(t.TempDir(), "key")}
	var made, shown strings.Builder
	if err := Keygen(&made, k, "ed25519", 0); err != nil {
		t.Fatal(err)
	}
	if err := ShowRecord(&shown, k); err != nil || shown.String() != made.String() || !strings.HasPrefix(shown.String(), `s._domainkey.example.org. IN TXT ( "v=DKIM1; k=ed25519; p=`) {
		t.Errorf("%v: %s%s", err, &made, &shown)
	}
	if err := Keygen(&made, k, "ed25519", 0); err == nil {
		t.Error("a key was written over")
	}
	record := strings.Split(shown.String(), `"`)[1]
	z := &authntest.Zone{TXT: map[string][]string{
		"s._domainkey.example.org": {record}, "y._domainkey.example.org": {"t=y; " + record[len("v=DKIM1; "):]}, "h._domainkey.example.org": {record + "; h=sha1"},
		"rsa._domainkey.example.org": {"p=" + strings.Repeat("A", 3000), "v=DKIM1; k=rsa; p=\x1b[31m"}, "other._domainkey.example.org": {"v=DKIM1; k=ed25519; p=" + strings.Repeat("A", 43) + "="},
	}}
	selected := func(selector string) []KeyFile {
		return []KeyFile{{Domain: "example.org", Selector: selector, File: k.File}}
	}
	wanted := "\n  wanted:    " + record + "\n"
	missing := KeyFile{Domain: "example.org", Selector: "t", File: k.File}
	for _, tc := range []struct {
		keys []KeyFile
		want string
		bad  bool
	}{
		{[]KeyFile{k}, "s._domainkey.example.org: ok\n", false},
		{[]KeyFile{missing, k}, "t._domainkey.example.org: no key" + wanted + "s._domainkey.example.org: ok\n", true},
		{selected("y"), "y._domainkey.example.org: ok; t=y: in test mode, so that others may take mail for unsigned\n", false},
		{selected("h"), "h._domainkey.example.org: the record does not allow ed25519-sha256" + wanted + "  published: " + record + "; h=sha1\n", true},
		{selected("other"), "other._domainkey.example.org: the DNS has another key" + wanted + "  published: " + z.TXT["other._domainkey.example.org"][0] + "\n", true},
		{selected("rsa"), "rsa._domainkey.example.org: key record is malformed" + wanted + "  published: p=" + strings.Repeat("A", 1998) + "\n  published: v=DKIM1; k=rsa; p=?[31m\n", true},
		{[]KeyFile{{Domain: "x", Selector: "s", File: "x"}}, "s._domainkey.x: domain: \"x\" is no domain name\n", true},
	} {
		var b strings.Builder
		err := CheckKeys(t.Context(), &b, z, tc.keys)
		if (err != nil) != tc.bad || b.String() != tc.want {
			t.Errorf("got %v, %q, want %q", err, &b, tc.want)
		}
	}
	if err := (KeyFile{Domain: "bücher.example", Selector: "s", File: "x"}).Validate(); err != nil {
		t.Error(err)
	}
	for _, bad := range []KeyFile{{Selector: "s", File: "x"}, {Domain: "example.org", File: "x"}, {Domain: "example.org", Selector: "a b", File: "x"}, {Domain: "example.org", Selector: "s"}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is right", bad)
		}
	}
}
