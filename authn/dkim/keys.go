// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// DefaultRSABits is the length of keys that are made (RFC 8301 section 3.2 asks for at least 2048).
const DefaultRSABits = 2048

// maxKeyFile bounds a key file, in octets.
const maxKeyFile = 64 << 10

// GenerateKey makes a private key: sig.KeyRSA of that many bits (0 for DefaultRSABits), or sig.KeyEd25519. It is PEM, PKCS #8.
func GenerateKey(kind string, bits int) ([]byte, error) {
	var key any
	var err error
	switch kind {
	case sig.KeyRSA:
		if bits == 0 {
			bits = DefaultRSABits
		}
		if bits < DefaultRSABits || bits > sig.MaxRSABits {
			return nil, fmt.Errorf("%d bits; want %d to %d", bits, DefaultRSABits, sig.MaxRSABits)
		}
		key, err = rsa.GenerateKey(rand.Reader, bits)
	case sig.KeyEd25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		return nil, fmt.Errorf("there is no kind of key %q; there are: %s, %s", kind, sig.KeyRSA, sig.KeyEd25519)
	}
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// WriteNewKey puts a key into a new file that its owner alone may read. A file that is there already is an error.
func WriteNewKey(name string, pemKey []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(pemKey)
	return errors.Join(err, f.Sync(), f.Close())
}

// LoadKey reads a private key from a regular file, whoever else may read it: KeyFile.Exposed tells that.
func LoadKey(name string) (crypto.Signer, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // A named pipe would hold us up before it can be refused.
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s: is no file", name))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, err
	}
	key, err := ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// ParsePrivateKey reads a private key in PEM: PKCS #8, or PKCS #1 as older tools write it. A key that no verifier would accept is an error.
func ParsePrivateKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no key in PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("PEM of %.40q; want PRIVATE KEY or RSA PRIVATE KEY", block.Type)
	}
	if err != nil {
		return nil, errors.New("key is malformed") // What the library says may tell of the key.
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("key cannot sign")
	}
	_, err = sig.AlgorithmOf(signer)
	return signer, err
}

// Record is the text of the TXT record of a key.
func Record(key crypto.Signer) (string, error) {
	algo, err := sig.AlgorithmOf(key)
	if err != nil {
		return "", err
	}
	var p []byte
	switch public := key.Public().(type) {
	case ed25519.PublicKey: // RFC 8463 section 4: the key alone.
		p = public
	default:
		if p, err = x509.MarshalPKIXPublicKey(public); err != nil {
			return "", err
		}
	}
	return "v=DKIM1; k=" + algo.Key + "; p=" + base64.StdEncoding.EncodeToString(p), nil
}

// maxString is how many octets one string of a TXT record holds (RFC 1035 section 3.3.14).
const maxString = 255

// ZoneRecord is the record as a zone file has it, in strings that are short enough. domain is as authn.Domain gives it.
func ZoneRecord(domain, selector, record string) string {
	var parts []string
	for len(record) > maxString {
		parts = append(parts, `"`+record[:maxString]+`"`)
		record = record[maxString:]
	}
	parts = append(parts, `"`+record+`"`)
	return selector + "._domainkey." + domain + ". IN TXT ( " + strings.Join(parts, "\n\t") + " )"
}

// CheckPublished asks the DNS if it has the key that s signs with: nil if so. The error is a *sig.Fault that says what is wrong.
func (s *Signer) CheckPublished(ctx context.Context, r authn.Resolver) error {
	_, err := s.published(ctx, r)
	return err
}

// published is the key in the DNS, if signatures by s verify with it.
func (s *Signer) published(ctx context.Context, r authn.Resolver) (*sig.Key, error) {
	key, err := sig.LookupKey(ctx, r, s.Domain, s.Selector)
	if err != nil {
		return nil, err
	}
	algo, err := sig.AlgorithmOf(s.Key)
	if err != nil {
		return nil, err
	}
	public, ok := s.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case key.Kind != algo.Key:
		return nil, sig.PermError("the DNS has a key of another kind: " + key.Kind)
	case !key.Allows(algo):
		return nil, sig.PermError("the record does not allow " + algo.Name)
	case !ok || !public.Equal(key.Public):
		return nil, &sig.Fault{Result: authn.Fail, Reason: "the DNS has another key"}
	}
	return key, nil
}
