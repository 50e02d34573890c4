// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
)

// KeyFile is one key of the config: whose it is, and where.
type KeyFile struct {
	Domain   string `yaml:"domain"   doc:"domain that signs, d="`
	Selector string `yaml:"selector" doc:"selector, s="`
	File     string `yaml:"file"     path:"file" doc:"private key in PEM, RSA or Ed25519; not readable for everybody"`
}

// Validate tells what is wrong with the words; the file is not looked at.
func (k KeyFile) Validate() error {
	domain, ok := authn.Domain(k.Domain)
	if !ok {
		return fmt.Errorf("domain: %.80q is no domain name", k.Domain)
	}
	if _, ok := authn.Domain(k.Selector + "._domainkey." + domain); !ok || k.Selector == "" {
		return fmt.Errorf("selector: %.80q is no selector", k.Selector)
	}
	if k.File == "" {
		return fmt.Errorf("file: is missing for %s", k.Domain)
	}
	return nil
}

// Load reads the key.
func (k KeyFile) Load(now func() time.Time) (*Signer, error) {
	if err := k.Validate(); err != nil {
		return nil, err
	}
	key, err := LoadKey(k.File)
	if err != nil {
		return nil, err
	}
	domain, _ := authn.Domain(k.Domain)
	return &Signer{Domain: domain, Selector: strings.ToLower(k.Selector), Key: key, Now: now}, nil
}

// Exposed tells if everybody on the host may use the key: nil if not, or if that cannot be found out.
func (k KeyFile) Exposed() error {
	info, err := os.Stat(k.File)
	if err != nil || info.Mode().Perm()&0o007 == 0 {
		return nil //nolint:nilerr // whoever reads the key tells why it cannot be
	}
	return fmt.Errorf("%s: everybody may use the key (mode %04o); want 0600 or 0640", k.File, info.Mode().Perm())
}

// Keyring is the keys of several domains. Safe for many goroutines; it never changes.
type Keyring struct {
	signers []*Signer
}

// NewKeyring makes one of keys, each selector of a domain once.
func NewKeyring(signers ...*Signer) (*Keyring, error) {
	for i, s := range signers {
		if slices.ContainsFunc(signers[:i], func(o *Signer) bool { return o.Domain == s.Domain && o.Selector == s.Selector }) {
			return nil, fmt.Errorf("selector %s of %s is there twice", s.Selector, s.Domain)
		}
	}
	return &Keyring{signers: slices.Clone(signers)}, nil
}

// For gives the keys to sign with for an author's domain: all of the nearest domain that has any, the domain itself or one above it. Several are for RSA and
// Ed25519 side by side (RFC 8463 section 3), which old verifiers need.
func (k *Keyring) For(domain string) []*Signer {
	domain, ok := authn.Domain(domain)
	for ok {
		var list []*Signer
		for _, s := range k.signers {
			if s.Domain == domain {
				list = append(list, s)
			}
		}
		if len(list) > 0 {
			return list
		}
		_, domain, ok = strings.Cut(domain, ".")
	}
	return nil
}
