// SPDX-License-Identifier: Apache-2.0

// Package officecrypt opens encrypted Office documents with a password that is known (MS-OFFCRYPTO): packages of Office 2007 and later, in
// the agile and the standard way, and the streams of Word and Excel documents before, by RC4. Excel and PowerPoint open what has a
// password of their own without asking, which is why malware has it.
package officecrypt

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"hash"
	"strings"
	"unicode/utf16"
)

// Defaults are the passwords that programs try by themselves: Excel (MS-XLS section 2.4.117) and PowerPoint.
func Defaults() []string { return []string{"VelvetSweatshop", "/01Hannes Ruescher/01"} }

// ErrUnknown is returned for a way of encryption that is not known, or whose description is damaged.
var ErrUnknown = errors.New("unknown way of encryption")

// MaxSpin is how many rounds of hashing a document may ask for, for one password. Office uses 100,000.
const MaxSpin = 1_000_000

// Lock is a document that needs a password.
type Lock interface {
	// Unlock tries a password. Its cost is Rounds hashes.
	Unlock(password string) bool
	Rounds() int
}

var _ = []Lock{(*Package)(nil), (*Legacy)(nil)}

// wide is a password as it is hashed.
func wide(password string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(password)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// newHash is the hash by its name in the document; nil if it is not known.
func newHash(name string) func() hash.Hash {
	switch strings.ToUpper(strings.ReplaceAll(name, "-", "")) {
	case "SHA1":
		return sha1.New
	case "SHA256":
		return sha256.New
	case "SHA384":
		return sha512.New384
	case "SHA512":
		return sha512.New
	}
	return nil
}

// spin hashes the password with the salt, and the result so many times more with a counter (MS-OFFCRYPTO sections 2.3.4.7 and 2.3.4.11).
func spin(h hash.Hash, salt []byte, password string, rounds int) []byte {
	h.Reset()
	h.Write(salt)
	h.Write(wide(password))
	sum := h.Sum(nil)
	var counter [4]byte
	for i := range rounds {
		binary.LittleEndian.PutUint32(counter[:], uint32(i))
		h.Reset()
		h.Write(counter[:])
		h.Write(sum)
		sum = h.Sum(sum[:0])
	}
	return sum
}

// hashOf hashes the pieces one behind the other.
func hashOf(h hash.Hash, pieces ...[]byte) []byte {
	h.Reset()
	for _, p := range pieces {
		h.Write(p)
	}
	return h.Sum(nil)
}

// fit cuts b to n octets, or fills it up with 0x36.
func fit(b []byte, n int) []byte {
	out := make([]byte, n)
	for i := copy(out, b); i < n; i++ {
		out[i] = 0x36
	}
	return out
}

func le32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
