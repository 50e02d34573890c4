// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"testing"
)

// newLock makes the entries of an encryption dictionary that a password opens as the user's; the owner's is "owner".
func newLock(t *testing.T, revision int64, length int, password string) (*lock, []byte) {
	t.Helper()
	l := &lock{revision: revision, length: length, perms: -44, id: []byte("0123456789abcdef"), metadata: true, u: make([]byte, 48), o: make([]byte, 48)}
	if revision >= 5 {
		key := bytes.Repeat([]byte{0x5a}, 32)
		for i, c := range []struct {
			check, sealed *[]byte
			password      string
			user          []byte
		}{{&l.u, &l.ue, password, nil}, {&l.o, &l.oe, "owner", nil}} {
			if i == 1 {
				c.user = l.u
			}
			check := fmt.Sprintf("%s%s", "validsal", "keysalt.")
			*c.check = append(l.hash([]byte(c.password), []byte(check[:8]), c.user), check...)
			*c.sealed = encryptCBC(t, l.hash([]byte(c.password), []byte(check[8:]), c.user), make([]byte, aes.BlockSize), key)
		}
		return l, key
	}
	// Algorithm 3: the owner's entry holds the user's password.
	sum := md5.Sum(pad([]byte("owner")))
	k := sum[:]
	l.o = pad([]byte(password))
	if revision >= 3 {
		for range 50 {
			sum = md5.Sum(k)
			k = sum[:]
		}
		for i := range byte(20) {
			l.o = applyRC4(k[:length], l.o, i)
		}
	} else {
		l.o = applyRC4(k[:length], l.o, 0)
	}
	// Algorithms 4 and 5: a wrong entry first, for the key that belongs to it.
	key := l.fileKey([]byte(password))
	if revision == 2 {
		l.u = applyRC4(key, []byte(padding), 0)
		return l, key
	}
	sum = md5.Sum(append([]byte(padding), l.id...))
	u := sum[:]
	for i := range byte(20) {
		u = applyRC4(key, u, i)
	}
	l.u = append(u, make([]byte, 16)...)
	return l, key
}

func encryptCBC(t *testing.T, key, iv, data []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(data))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, data)
	return out
}

// encrypt encrypts a string or stream of an object.
func (c *crypt) encrypt(t *testing.T, p place, m method, data []byte) []byte {
	t.Helper()
	if m == methodRC4 {
		return applyRC4(c.objectKey(p, m), data, 0)
	}
	n := aes.BlockSize - len(data)%aes.BlockSize
	data = append(bytes.Clone(data), bytes.Repeat([]byte{byte(n)}, n)...)
	iv := []byte("iviviviviviviviv")
	return append(iv, encryptCBC(t, c.objectKey(p, m), iv, data)...)
}

// sealedFile makes an encrypted file with a link in a string and a script in a stream.
func sealedFile(t *testing.T, l *lock, key []byte, m method, entries, script string) []byte {
	t.Helper()
	c := &crypt{key: key}
	link := hex.EncodeToString(c.encrypt(t, place{num: 1}, m, []byte("https://example.org/")))
	js := c.encrypt(t, place{num: 2}, m, deflate(t, []byte(script)))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%%PDF-1.7\n1 0 obj\n<</S/URI/URI<%s>>>\nendobj\n", link)
	fmt.Fprintf(&b, "2 0 obj\n%s\nendobj\n3 0 obj\n<</S/JavaScript/JS 2 0 R>>\nendobj\n", streamed("/Filter/FlateDecode", js))
	fmt.Fprintf(&b, "4 0 obj\n<</Filter/Standard%s/P %d/O<%x>/U<%x>/OE<%x>/UE<%x>>>\nendobj\n", entries, l.perms, l.o, l.u, l.oe, l.ue)
	fmt.Fprintf(&b, "trailer\n<</Encrypt 4 0 R/ID[<%x><00>]>>\nstartxref\n0\n%%%%EOF\n", l.id)
	return b.Bytes()
}

func TestEncryption(t *testing.T) {
	const filters = "/CF<</StdCF<</CFM/%s>>>>/StmF/StdCF/StrF/StdCF"
	tests := []struct {
		name     string
		revision int64
		length   int
		method   method
		entries  string
	}{
		{"RC4, 40 bits", 2, 5, methodRC4, "/V 1/R 2"},
		{"RC4, 128 bits", 3, 16, methodRC4, "/V 2/R 3/Length 128"},
		{"RC4 by a crypt filter", 4, 16, methodRC4, "/V 4/R 4" + fmt.Sprintf(filters, "V2")},
		{"AES, 128 bits", 4, 16, methodAES128, "/V 4/R 4" + fmt.Sprintf(filters, "AESV2")},
		{"AES, 256 bits, Adobe's first", 5, 32, methodAES256, "/V 5/R 5" + fmt.Sprintf(filters, "AESV3")},
		{"AES, 256 bits", 6, 32, methodAES256, "/V 5/R 6" + fmt.Sprintf(filters, "AESV3")},
	}
	for _, test := range tests {
		for _, password := range []string{"", "secret"} {
			t.Run(test.name+"/"+password, func(t *testing.T) {
				l, key := newLock(t, test.revision, test.length, password)
				b := sealedFile(t, l, key, test.method, test.entries, "app.alert(1)")
				for _, tries := range [][]string{{"wrong", password}, {"wrong", "owner"}} {
					r := report(t, b, Options{Passwords: tries})
					if len(r.Problems) > 0 || len(r.Links) != 1 || r.Links[0] != "https://example.org/" {
						t.Errorf("%q: got links %q, problems %v", tries, r.Links, r.Problems)
					}
					if got := facts(r); len(got) != 1 || got[0] != `macro.pdf_javascript: runs JavaScript: "app.alert(1)"` {
						t.Errorf("%q: got %q", tries, got)
					}
				}
				r := report(t, b, Options{Passwords: []string{"wrong"}})
				if sealed := len(r.Problems) == 1 && r.Problems[0].Encrypted; sealed != (password != "") {
					t.Errorf("with a wrong password: got problems %v", r.Problems)
				}
				if len(r.Facts) != 1 {
					t.Errorf("with a wrong password: got facts %v", r.Facts)
				}
			})
		}
	}
}

func TestPasswordThatOpens(t *testing.T) {
	l, key := newLock(t, 6, 32, "secret")
	b := sealedFile(t, l, key, methodAES256, "/V 5/R 6/CF<</F<</CFM/AESV3>>>>/StmF/F/StrF/F", "x")
	asked := int64(0)
	r := report(t, b, Options{Passwords: []string{"a", "secret", "b"}, Try: func(n int64) bool { asked += n; return true }})
	if r.Password != "secret" || asked != 3*20_000 {
		t.Errorf("got password %q after %d rounds", r.Password, asked)
	}
	r = report(t, b, Options{Passwords: []string{"secret"}, Try: func(int64) bool { return false }})
	if r.Password != "" || len(r.Problems) != 1 {
		t.Errorf("without leave: got password %q, problems %v", r.Password, r.Problems)
	}
}

// Other handlers than the standard one, and damaged dictionaries, are told as encrypted.
func TestUnknownEncryption(t *testing.T) {
	for _, entries := range []string{
		"/Filter/Adobe.PubSec/V 4", "/Filter/Standard/V 9/R 9", "/Filter/Standard/V 1/R 2/O(x)/U(x)", "/Filter/Standard/V 5/R 6",
	} {
		b := append(made("<<"+entries+">>"), "trailer<</Encrypt 1 0 R>>"...)
		if r := report(t, b, Options{}); len(r.Problems) != 1 || !r.Problems[0].Encrypted {
			t.Errorf("%s: got %v", entries, r.Problems)
		}
	}
}
