// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// A DKIM signature holds after mail has passed, because nothing below the trace and result fields is touched; not even with odd folding,
// blank lines at the end, or a forged field of ours among those that are not signed.
func TestDKIMSignatureHolds(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	message := "X-Spam-Flag: forged\r\nFrom:  a@example.org\r\nSUBJECT:odd\r\n\tfolding\r\nDate: x\r\n\r\nline \r\n..dots\r\n.\r\n\r\n\r\n"
	var signed bytes.Buffer
	err = dkim.Sign(&signed, strings.NewReader(message), &dkim.SignOptions{
		Domain: "example.org", Selector: "s", Signer: private,
		HeaderCanonicalization: dkim.CanonicalizationSimple, BodyCanonicalization: dkim.CanonicalizationSimple,
		HeaderKeys: []string{"From", "Subject", "Date"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, policies)
	for i, listener := range []string{"lmtp", "smtp", "before"} {
		if got := r.send(mailObject{listener: listener, to: []string{"<u@x>"}, body: signed.String()}); !strings.HasPrefix(got[0], "250 ") {
			t.Fatalf("%s: got %q", listener, got)
		}
		arrived := r.sink.Messages()[i].Data
		verified, err := dkim.VerifyWithOptions(bytes.NewReader(arrived), &dkim.VerifyOptions{
			LookupTXT: func(string) ([]string, error) { return []string{record}, nil },
		})
		if err != nil || len(verified) != 1 || verified[0].Err != nil {
			t.Errorf("%s: %v, %+v\n%s", listener, err, verified, arrived)
		}
		if bytes.Contains(arrived, []byte("forged")) {
			t.Errorf("%s: a forged field went through", listener)
		}
	}
}
