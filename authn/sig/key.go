// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/authn"
)

// The kinds of keys.
const (
	KeyRSA     = "rsa"
	KeyEd25519 = "ed25519"
)

// Bits of RSA keys. A shorter key never counts (RFC 8301 section 3.2); a longer one costs more to use than it is worth.
const (
	MinRSABits = 1024
	MaxRSABits = 8192
)

// maxExponent bounds the public exponent of RSA keys: all in use are 65537 or less, and the largest that fits makes each verification four times as long.
const maxExponent = 1 << 17

// maxRecords bounds the TXT records of one name that a key is looked for in.
const maxRecords = 10

// Key is a public key as the DNS has it (RFC 6376 section 3.6.1).
type Key struct {
	Kind    string // KeyRSA or KeyEd25519.
	Bits    int
	Public  crypto.PublicKey
	Testing bool // t=y: the domain is trying out signatures.
	Strict  bool // t=s: i= names the very domain of d=.

	hashes []string // h=; nil for all.
}

// ParseKey reads a key record. The error is a *Fault.
func ParseKey(record string) (*Key, error) {
	t, err := ParseTags(record)
	if err != nil {
		return nil, PermError("key record is malformed")
	}
	if v, ok := t["v"]; ok && v != "DKIM1" {
		return nil, PermError("key record has another version")
	}
	if _, ok := t["p"]; !ok {
		return nil, PermError("key record has no key")
	}
	if t.Word("p") == "" {
		return nil, PermError("key is revoked")
	}
	if s := t.List("s"); s != nil && !slices.Contains(s, "*") && !slices.Contains(s, "email") {
		return nil, PermError("key is not for mail")
	}
	k := &Key{Testing: slices.Contains(t.List("t"), "y"), Strict: slices.Contains(t.List("t"), "s"), hashes: t.List("h")}
	p, err := t.Base64("p")
	if err != nil {
		return nil, PermError("key is malformed")
	}
	switch k.Kind = strings.ToLower(t.Word("k")); k.Kind {
	case "", KeyRSA:
		return k.rsa(p)
	case KeyEd25519:
		if len(p) != ed25519.PublicKeySize {
			return nil, PermError("key is malformed")
		}
		k.Public, k.Bits = ed25519.PublicKey(p), 256
		return k, nil
	}
	return nil, PermError("key is of an unknown kind")
}

// rsa reads a key in either form that is in use (RFC 6376 erratum 3017).
func (k *Key) rsa(der []byte) (*Key, error) {
	if len(der) > 2*MaxRSABits/8 {
		return nil, PermError("key is too long")
	}
	var public any
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		public, err = x509.ParsePKCS1PublicKey(der)
	}
	r, ok := public.(*rsa.PublicKey)
	if err != nil || !ok || r.E < 2 || r.E > maxExponent {
		return nil, PermError("key is malformed")
	}
	k.Kind, k.Public, k.Bits = KeyRSA, r, r.N.BitLen()
	if k.Bits > MaxRSABits {
		return nil, PermError("key is too long")
	}
	return k, nil
}

// LookupKey gets the key of a selector of a domain, which is as authn.Domain gives it. Of several records, one alone may be a key (RFC 6376 section
// 3.6.2.2). The error is a *Fault.
func LookupKey(ctx context.Context, r authn.Resolver, domain, selector string) (*Key, error) {
	name, ok := authn.Domain(selector + "._domainkey." + domain)
	if !ok {
		return nil, PermError("selector is malformed")
	}
	records, err := r.LookupTXT(ctx, name)
	switch {
	case authn.IsNotFound(err):
		return nil, PermError("no key")
	case err != nil:
		return nil, &Fault{Result: authn.TempError, Reason: "key could not be looked up", Err: err}
	case len(records) > maxRecords:
		return nil, PermError("too many key records")
	}
	var key *Key
	var fault error = PermError("no key")
	for _, record := range records {
		k, err := ParseKey(record)
		if err != nil {
			fault = err
			continue
		}
		if key != nil {
			return nil, PermError("several keys")
		}
		key = k
	}
	if key == nil {
		return nil, fault
	}
	return key, nil
}

// Weak is what is too weak in an algorithm with this key for any signature to count; nil if nothing is.
func (k *Key) Weak(a Algorithm) *Fault {
	switch {
	case a.Hash == crypto.SHA1:
		return &Fault{Result: authn.Policy, Reason: "rsa-sha1 is too weak"}
	case k.Kind == KeyRSA && k.Bits < MinRSABits:
		return &Fault{Result: authn.Policy, Reason: "key is too short"}
	}
	return nil
}

// Allows tells if the key may be used with an algorithm.
func (k *Key) Allows(a Algorithm) bool {
	hash := a.Name[strings.IndexByte(a.Name, '-')+1:]
	return k.Kind == a.Key && (k.hashes == nil || slices.ContainsFunc(k.hashes, func(h string) bool { return strings.EqualFold(h, hash) }))
}

var errSignature = errors.New("signature does not verify")

// Verify checks a signature of a digest. It also knows what is too weak to count: see Weak.
func (k *Key) Verify(a Algorithm, digest, signature []byte) error {
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		if ed25519.Verify(public, digest, signature) {
			return nil
		}
	case *rsa.PublicKey:
		if k.Bits < MinRSABits {
			return verifyShort(public, a.Hash, digest, signature)
		}
		return rsa.VerifyPKCS1v15(public, a.Hash, digest, signature)
	}
	return errSignature
}

// verifyShort is PKCS #1 v1.5 (RFC 8017 section 8.2.2) for keys that the library refuses, so that it can be told of a signature that it was right, and
// too weak.
func verifyShort(public *rsa.PublicKey, hash crypto.Hash, digest, signature []byte) error {
	prefix := map[crypto.Hash]string{ // RFC 8017 section 9.2, note 1.
		crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
		crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
	}[hash]
	size := public.Size()
	fill := size - len(prefix) - len(digest) - 3
	s := new(big.Int).SetBytes(signature)
	if prefix == "" || fill < 8 || len(signature) != size || s.Cmp(public.N) >= 0 || public.N.Sign() <= 0 {
		return errSignature
	}
	want := "\x00\x01" + strings.Repeat("\xff", fill) + "\x00" + prefix + string(digest)
	got := new(big.Int).Exp(s, big.NewInt(int64(public.E)), public.N).FillBytes(make([]byte, size))
	if string(got) != want {
		return errSignature
	}
	return nil
}
