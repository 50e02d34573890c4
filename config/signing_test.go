// SPDX-License-Identifier: Apache-2.0

package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
)

// keysDir is a folder with a key, good.pem, one that everybody may read, open.pem, and what is none, text.pem.
func keysDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	key, err := dkim.GenerateKey(sig.KeyEd25519, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"good.pem": key, "open.pem": key, "text.pem": []byte("no key")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "open.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestSigning(t *testing.T) {
	const (
		listen = "listen: [{address: \"127.0.0.1:10024\", next_hop: \"127.0.0.1:10025\"}]\n"
		auth   = "chain: [[auth]]\n"
	)
	for _, tc := range []struct{ name, text, want string }{
		{"none", listen + auth, ""},
		{"empty", listen + auth + "signing: {}\n", ""},
		{"two keys", listen + auth + "signing:\n  keys:\n    - {domain: example.org, selector: a, file: KEYS/good.pem}\n    - {domain: example.org, selector: b, file: KEYS/good.pem}\n  lifetime: 0s\n", ""},
		{"seal", listen + auth + "signing: {seal: {domain: mx.example.org, selector: a, file: KEYS/good.pem, mail: all}}\n", ""},
		{
			"words", listen + auth + "signing:\n  keys:\n    - {domain: localhost, selector: s, file: KEYS/good.pem}\n    - {domain: example.org, selector: a b, file: KEYS/good.pem}\n" +
				"    - {domain: example.org, selector: c}\n    - {domain: example.org, selectr: d, file: KEYS/good.pem}\n  lifetime: 1m\n  seal: {selector: arc, file: KEYS/good.pem}\n",
			"x.yaml:5: signing.keys[0].domain: \"localhost\" is no domain name\n" +
				"x.yaml:6: signing.keys[1].selector: \"a b\" is no selector\n" +
				"x.yaml:7: signing.keys[2].file: is missing for example.org\n" +
				"x.yaml:8: signing.keys[3].selectr: unknown key, did you mean \"selector\"?\n" +
				"x.yaml:9: signing.lifetime: want 0s or at least 1h, have 1m\n" +
				"x.yaml:10: signing.seal.domain: \"\" is no domain name",
		},
		{
			"files", listen + auth + "signing:\n  keys:\n    - {domain: a.test, selector: s, file: key.pem}\n    - {domain: b.test, selector: s, file: /missing.pem}\n" +
				"    - {domain: c.test, selector: s, file: KEYS/text.pem}\n    - {domain: d.test, selector: s, file: KEYS/good.pem}\n    - {domain: D.Test, selector: S, file: KEYS/good.pem}\n  seal: {mail: some}\n",
			"x.yaml:5: signing.keys[0].file: want the absolute path of a file, have \"key.pem\"\n" +
				"x.yaml:6: signing.keys[1].file: no such file, have \"/missing.pem\"\n" +
				"x.yaml:7: signing.keys[2].file: KEYS/text.pem: no key in PEM\n" +
				"x.yaml:9: signing.keys[4].selector: \"S\" of D.Test is the selector of signing.keys[3] too\n" +
				"x.yaml:10: signing.seal.mail: want one of changed, all, have \"some\"",
		},
		{
			"open to all", listen + auth + "signing: {keys: [{domain: a.test, selector: s, file: KEYS/open.pem}]}\n",
			"x.yaml:3: signing.keys[0].file: KEYS/open.pem: everybody may use the key (mode 0644); want 0600 or 0640",
		},
		{
			"nobody says what a seal is to say", listen + "signing: {seal: {domain: a.test, selector: s, file: KEYS/good.pem}}\n",
			"x.yaml:1: chain: no filter; all mail passes without a look\nx.yaml:2: signing.seal: the chain has no filter auth, which tells what a seal is to say; nothing is sealed",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := keysDir(t)
			c, err := parse("x.yaml", []byte(strings.ReplaceAll(tc.text, "KEYS", dir)), testDefaults(t), builtin())
			var got string
			if err != nil {
				got = err.Error()
			} else {
				got = strings.Join(c.Warnings, "\n")
				checkDumpAgain(t, c)
			}
			if d := cmp.Diff(tc.want, strings.ReplaceAll(got, dir, "KEYS")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
