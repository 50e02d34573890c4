// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"crypto"
	"strings"
)

// Algorithm is what an a= tag names.
type Algorithm struct {
	Name string // "rsa-sha256"
	Key  string // "rsa", "ed25519"
	Hash crypto.Hash
}

// ParseAlgorithm reads an a= tag: rsa-sha256 and ed25519-sha256, and rsa-sha1, which is known and never good enough (RFC 8301 section 3.1).
func ParseAlgorithm(a string) (Algorithm, bool) {
	switch a = strings.ToLower(a); a {
	case "rsa-sha256":
		return Algorithm{a, KeyRSA, crypto.SHA256}, true
	case "ed25519-sha256": // RFC 8463.
		return Algorithm{a, KeyEd25519, crypto.SHA256}, true
	case "rsa-sha1":
		return Algorithm{a, KeyRSA, crypto.SHA1}, true
	}
	return Algorithm{}, false
}
