// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"testing"
)

// TestExponent: a key that is made to be slow is none.
func TestExponent(t *testing.T) {
	n := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(1))
	for e, want := range map[int]bool{3: true, 65537: true, 1<<31 - 1: false, 1: false} {
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: e})
		if err != nil {
			t.Fatal(err)
		}
		if k, err := ParseKey("p=" + base64.StdEncoding.EncodeToString(der)); (err == nil) != want || want && k.Bits != 2048 {
			t.Errorf("e=%d: got %+v, %v", e, k, err)
		}
	}
}
