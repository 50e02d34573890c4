// SPDX-License-Identifier: Apache-2.0

package rar

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"unicode/utf16"

	"github.com/mailweir/mailweir/unpack/cbc"
)

const (
	saltLen  = 8
	salt5Len = 16
	ivLen    = aes.BlockSize
	checkLen = 12
	rounds4  = 1 << 18
)

// MaxPower is the power of 2 of the rounds to make a key that is made; RAR uses 15.
const MaxPower = 19

// Lock is how a password becomes a key.
type Lock struct {
	five  bool
	salt  []byte
	iv    []byte
	power int
	check []byte // nil if there is none.
}

// Rounds is how many rounds of a hash it takes to try a password.
func (l Lock) Rounds() int64 {
	switch {
	case !l.five:
		return rounds4
	case l.power > MaxPower:
		return math.MaxInt64
	}
	return 1 << l.power
}

// Same tells if a password makes the same key of both.
func (l Lock) Same(other Lock) bool {
	return l.five == other.five && l.power == other.power && bytes.Equal(l.salt, other.salt)
}

// Fits tells if a password is the one, by the value that version 5 has for that. sure is false if there is none.
func (l Lock) Fits(password string) (fits, sure bool) {
	if !l.five || len(l.check) != checkLen || l.power > MaxPower {
		return false, false
	}
	if sum := sha256.Sum256(l.check[:8]); !bytes.Equal(sum[:4], l.check[8:]) {
		return false, false // It is damaged, and programs do not use it then.
	}
	v, err := pbkdf2.Key(sha256.New, password, l.salt, 1<<l.power+32, sha256.Size)
	if err != nil {
		return false, false
	}
	for i := 8; i < len(v); i++ {
		v[i&7] ^= v[i]
	}
	return bytes.Equal(v[:8], l.check[:8]), true
}

// key is what decrypts.
type key struct {
	key, iv []byte
}

// keyring keeps the key made last.
type keyring struct {
	password string
	lock     Lock
	key      key
}

func (k *keyring) get(l Lock, password string) key {
	if k.key.key == nil || k.password != password || !k.lock.Same(l) {
		*k = keyring{password: password, lock: l, key: l.key(password)}
	}
	return k.key
}

func (l Lock) key(password string) key {
	if !l.five {
		return l.key4(password)
	}
	k, err := pbkdf2.Key(sha256.New, password, l.salt, 1<<min(l.power, MaxPower), sha256.Size)
	if err != nil {
		k = make([]byte, sha256.Size) // No key of this length is refused but in modes that do not know it.
	}
	return key{k, l.iv}
}

// key4 is made of SHA-1 over password, salt and a counter, over and over.
func (l Lock) key4(password string) key {
	var p []byte
	for _, c := range utf16.Encode([]rune(password)) {
		p = binary.LittleEndian.AppendUint16(p, c)
	}
	p = append(p, l.salt...)
	n := len(p)
	p = append(p, 0, 0, 0)
	h := sha1.New()
	k := key{iv: make([]byte, 0, ivLen)}
	for i := range rounds4 {
		p[n], p[n+1], p[n+2] = byte(i), byte(i>>8), byte(i>>16)
		h.Write(p)
		if i%(rounds4/ivLen) == 0 {
			k.iv = append(k.iv, h.Sum(nil)[sha1.Size-1])
		}
	}
	sum := h.Sum(nil)
	for i := 0; i < 16; i += 4 {
		k.key = append(k.key, sum[i+3], sum[i+2], sum[i+1], sum[i])
	}
	return k
}

// padded is n and what fills the last block.
func padded(n int64) int64 { return (n + aes.BlockSize - 1) &^ (aes.BlockSize - 1) }

// decrypt reads n octets at off, where encrypted data begins.
func (a *Archive) decrypt(k key, iv []byte, off int64, n int) ([]byte, bool) {
	b, ok := a.plain(off, int(padded(int64(n))))
	if !ok || len(iv) != ivLen {
		return nil, false
	}
	block, err := aes.NewCipher(k.key)
	if err != nil {
		return nil, false
	}
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(b, b)
	return b[:n], true
}

// Data reads the packed file, decrypted with the password if it is encrypted. There are octets behind it that fill the last block.
func (f *File) Data(password string) io.Reader {
	raw := io.NewSectionReader(f.a.r, f.at, min(f.long, max(f.a.size-f.at, 0)))
	if !f.Encrypted {
		return raw
	}
	k := f.a.keys.get(f.Lock, password)
	iv := k.iv
	if f.Lock.five {
		iv = f.Lock.iv
	}
	if len(iv) != ivLen {
		return strings.NewReader("")
	}
	plain, err := cbc.NewReader(bufio.NewReader(raw), k.key, iv)
	if err != nil {
		return strings.NewReader("")
	}
	return plain
}

// Head gives the first octets of the packed file, at most n, decrypted with the password if it is encrypted.
func (f *File) Head(password string, n int) []byte {
	if f.Encrypted && (f.Lock.five && f.Lock.power > MaxPower || f.Lock.salt == nil) {
		return nil
	}
	b := make([]byte, min(int64(n), f.long))
	got, _ := io.ReadFull(f.Data(password), b)
	return b[:got]
}
