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
	missing := KeyFile{Domain: "example.org", Selector: "t", File: k.File}
	for _, tc := range []struct {
		keys []KeyFile
		want string
		bad  bool
	}{
		{[]KeyFile{k}, "s._domainkey.example.org: ok\n", false},
		{[]KeyFile{missing, k}, "t._domainkey.example.org: no key\ns._domainkey.example.org: ok\n", true},
		{[]KeyFile{{Domain: "x", Selector: "s", File: "x"}}, "s._domainkey.x: domain: \"x\" is no domain name\n", true},
	} {
		var b strings.Builder
		err := CheckKeys(t.Context(), &b, &authntest.Zone{TXT: map[string][]string{"s._domainkey.example.org": {record}}}, tc.keys)
		if (err != nil) != tc.bad || b.String() != tc.want {
			t.Errorf("got %v, %q, want %q", err, &b, tc.want)
		}
	}
	for _, bad := range []KeyFile{{Selector: "s", File: "x"}, {Domain: "example.org", File: "x"}, {Domain: "example.org", Selector: "a b", File: "x"}, {Domain: "example.org", Selector: "s"}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is right", bad)
		}
	}
}
