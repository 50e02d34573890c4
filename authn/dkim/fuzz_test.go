// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/sig"
)

// FuzzVerify: no message and no key record takes it down; there is one result for each field, and a pass has a From that is signed.
func FuzzVerify(f *testing.F) {
	f.Add("DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=ed; h=from; bh=AAAA; b=AAAA\r\nFrom: a\r\n\r\nx\r\n", "v=DKIM1; k=ed25519; p=AAAA")
	f.Add("DKIM-Signature: a=rsa-sha1; d=a.b; s=c; l=0; c=relaxed; h=from:from; bh=AAAA; b=AAAA; i==40a.b\n\n", "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmfcIsOzw7oRuCCOwsmtX/SJnTWxYyj2leFxfS/AVJ+dYfY+hXqMsT7l+MZvvh/R1WzN4MO/kI/7XsCAwEAAQ==")
	f.Fuzz(func(t *testing.T, text, record string) {
		m, err := sig.Read(strings.NewReader(text), int64(len(text)))
		if err != nil {
			return // Its header section is too large.
		}
		z := &authntest.Zone{TXT: map[string][]string{"ed._domainkey.example.org": {record}, "c._domainkey.a.b": {record}}}
		list, err := (&Verifier{Resolver: z, Now: now}).Verify(t.Context(), m)
		if err != nil || len(list) != len(m.All(FieldName)) {
			t.Fatalf("%v, %d results of %d fields", err, len(list), len(m.All(FieldName)))
		}
		for _, s := range list {
			if s.Result == authn.Pass && (!s.Holds || !slices.Contains(s.Signed, "from") || s.Domain == "" || s.Unsigned > 0) {
				t.Errorf("%+v", s)
			}
			if s.Result == "" || s.Result != authn.Pass && s.Reason == "" {
				t.Errorf("%+v", s)
			}
		}
	})
}
