// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
)

// lock is what an encryption dictionary of the standard security handler says (section 7.6.3; revisions 5 and 6: ISO 32000-2 section 7.6.4).
type lock struct {
	revision int64
	length   int // Octets of the key.
	o, u     []byte
	oe, ue   []byte
	perms    int32
	id       []byte
	metadata bool // Metadata is encrypted.
}

// padding fills up passwords (algorithm 2).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// key opens the lock with a password, as user or as owner; nil means that it does not.
func (l *lock) key(password string) []byte {
	if l.revision >= 5 {
		return l.key256(password)
	}
	if k := l.userKey([]byte(password)); k != nil {
		return k
	}
	return l.userKey(l.ownersUser(password))
}

// rounds is about how many rounds of a hash one password takes.
func (l *lock) rounds() int64 {
	switch l.revision {
	case 5:
		return 2
	case 6:
		return 20_000 // 2 times at least 64 rounds over some 10,000 octets.
	}
	return 150
}

func pad(password []byte) []byte { return append(bytes.Clone(password), padding...)[:len(padding)] }

// fileKey is algorithm 2.
func (l *lock) fileKey(password []byte) []byte {
	h := md5.New()
	h.Write(pad(password))
	h.Write(l.o)
	h.Write(binary.LittleEndian.AppendUint32(nil, uint32(l.perms)))
	h.Write(l.id)
	if l.revision >= 4 && !l.metadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	k := h.Sum(nil)
	if l.revision >= 3 {
		for range 50 {
			sum := md5.Sum(k[:l.length])
			copy(k, sum[:])
		}
	}
	return k[:l.length]
}

// userKey is algorithm 6: the key, if the password is the user's.
func (l *lock) userKey(password []byte) []byte {
	k := l.fileKey(password)
	if l.revision < 3 {
		if bytes.Equal(applyRC4(k, []byte(padding), 0), l.u[:32]) {
			return k
		}
		return nil
	}
	sum := md5.Sum(append([]byte(padding), l.id...))
	got := sum[:]
	for i := range byte(20) {
		got = applyRC4(k, got, i)
	}
	if !bytes.Equal(got, l.u[:16]) {
		return nil
	}
	return k
}

// ownersUser is algorithm 7: the user's password from the owner's.
func (l *lock) ownersUser(password string) []byte {
	sum := md5.Sum(pad([]byte(password)))
	k := sum[:]
	if l.revision < 3 {
		return applyRC4(k[:l.length], l.o, 0)
	}
	for range 50 {
		sum = md5.Sum(k)
		k = sum[:]
	}
	out := l.o
	for i := range byte(20) {
		out = applyRC4(k[:l.length], out, 19-i)
	}
	return out
}

// applyRC4 encrypts or decrypts with a key, each of whose octets is changed by x.
func applyRC4(key, data []byte, x byte) []byte {
	k := bytes.Clone(key)
	for i := range k {
		k[i] ^= x
	}
	c, err := rc4.NewCipher(k)
	if err != nil {
		return data
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// key256 is algorithm 2.A.
func (l *lock) key256(password string) []byte {
	p := []byte(password)
	p = p[:min(len(p), 127)]
	user := l.u[:48]
	if bytes.Equal(l.hash(p, l.u[32:40], nil), l.u[:32]) {
		return decryptCBC(l.hash(p, l.u[40:48], nil), make([]byte, aes.BlockSize), l.ue[:32])
	}
	if bytes.Equal(l.hash(p, l.o[32:40], user), l.o[:32]) {
		return decryptCBC(l.hash(p, l.o[40:48], user), make([]byte, aes.BlockSize), l.oe[:32])
	}
	return nil
}

// maxRounds ends algorithm 2.B, whose end depends on what it computes; more than this is as good as impossible.
const maxRounds = 1024

// hash is algorithm 2.B; revision 5 hashes once.
func (l *lock) hash(password, salt, user []byte) []byte {
	sum := sha256.Sum256(bytes.Join([][]byte{password, salt, user}, nil))
	k := sum[:]
	if l.revision < 6 {
		return k
	}
	for i := range maxRounds {
		data := bytes.Repeat(bytes.Join([][]byte{password, k, user}, nil), 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(data, data)
		k = hashBy(data)
		if i >= 63 && int(data[len(data)-1]) <= i-31 {
			break
		}
	}
	return k[:32]
}

// hashBy hashes with the function that the first 16 octets choose, taken as a number modulo 3.
func hashBy(data []byte) []byte {
	n := 0
	for _, c := range data[:16] {
		n += int(c) // 256 is 1 modulo 3.
	}
	switch n % 3 {
	case 0:
		sum := sha256.Sum256(data)
		return sum[:]
	case 1:
		sum := sha512.Sum384(data)
		return sum[:]
	}
	sum := sha512.Sum512(data)
	return sum[:]
}
