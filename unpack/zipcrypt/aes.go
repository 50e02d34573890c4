// SPDX-License-Identifier: Apache-2.0

package zipcrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

const (
	aesExtra  = 0x9901 // ID of the extra field.
	verifyLen = 2
	macLen    = 10
	rounds    = 1000 // Of PBKDF2.
)

// ErrMAC is returned at the end of data that is not what was encrypted.
var ErrMAC = errors.New("authentication code is wrong")

// AES is what the extra field of a member says of its encryption.
type AES struct {
	Version  uint16 // 1 or 2; in version 2 the checksum of the member is 0 and means nothing.
	Strength byte   // 1, 2 or 3: 128, 192 or 256 bits.
	Method   uint16 // Compression method of what is encrypted.
}

// ParseAES looks for the field in the extra fields of a member.
func ParseAES(extra []byte) (a AES, ok bool) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return AES{}, false
		}
		if id == aesExtra && n >= 7 {
			a = AES{Version: le.Uint16(extra), Strength: extra[4], Method: le.Uint16(extra[5:])}
			return a, a.Strength >= 1 && a.Strength <= 3
		}
		extra = extra[n:]
	}
	return AES{}, false
}

func (a AES) keyLen() int { return 8 + 8*int(a.Strength) }

func (a AES) saltLen() int { return a.keyLen() / 2 }

// HeaderLen is the length in octets of what stands before the encrypted data: salt and password check.
func (a AES) HeaderLen() int { return a.saltLen() + verifyLen }

// Overhead is how many octets the data is longer by than what was encrypted.
func (a AES) Overhead() int { return a.HeaderLen() + macLen }

// Rounds is how many rounds of SHA-1 it takes to try one password.
func (a AES) Rounds() int {
	blocks := (2*a.keyLen() + verifyLen + sha1.Size - 1) / sha1.Size
	return 2 * rounds * blocks
}

// Key is the key of one member.
type Key struct {
	block cipher.Block
	mac   hash.Hash
}

// NewKey makes the key of a password; header is what stands before the data. One wrong password of 65,536 passes.
func (a AES) NewKey(password string, header []byte) (k *Key, ok bool, err error) {
	if len(header) != a.HeaderLen() {
		return nil, false, fmt.Errorf("header of %d octets, want %d", len(header), a.HeaderLen())
	}
	n := a.keyLen()
	all, err := pbkdf2.Key(sha1.New, password, header[:a.saltLen()], rounds, 2*n+verifyLen)
	if err != nil {
		return nil, false, fmt.Errorf("key: %w", err)
	}
	if subtle.ConstantTimeCompare(all[2*n:], header[a.saltLen():]) == 0 {
		return nil, false, nil
	}
	block, err := aes.NewCipher(all[:n])
	if err != nil {
		return nil, false, fmt.Errorf("key: %w", err)
	}
	return &Key{block: block, mac: hmac.New(sha1.New, all[n:2*n])}, true, nil
}

// Reader decrypts n octets from r and then reads the authentication code behind them. The end of r before that is io.ErrUnexpectedEOF. A key
// is for one Reader.
func (k *Key) Reader(r io.Reader, n int64) io.Reader { return &aesReader{key: k, r: r, left: n} }

type aesReader struct {
	key     *Key
	r       io.Reader
	left    int64
	counter [aes.BlockSize]byte // Lowest octet first, which is not what crypto/cipher does.
	stream  [aes.BlockSize]byte
	used    int // Octets of stream, if the counter is not 0.
	err     error
}

func (a *aesReader) Read(p []byte) (int, error) {
	switch {
	case a.err != nil:
		return 0, a.err
	case len(p) == 0:
		return 0, nil
	case a.left <= 0:
		a.err = a.end()
		return 0, a.err
	}
	if int64(len(p)) > a.left {
		p = p[:a.left]
	}
	n, err := a.r.Read(p)
	a.left -= int64(n)
	a.key.mac.Write(p[:n])
	a.decrypt(p[:n])
	if err == io.EOF && a.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if err == io.EOF {
		err = nil
	}
	a.err = err
	return n, err
}

func (a *aesReader) end() error {
	var want [macLen]byte
	if _, err := io.ReadFull(a.r, want[:]); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if !hmac.Equal(want[:], a.key.mac.Sum(nil)[:macLen]) {
		return ErrMAC
	}
	return io.EOF
}

func (a *aesReader) decrypt(p []byte) {
	for len(p) > 0 {
		if a.used%aes.BlockSize == 0 {
			a.used = 0
			for i := range a.counter {
				a.counter[i]++
				if a.counter[i] != 0 {
					break
				}
			}
			a.key.block.Encrypt(a.stream[:], a.counter[:])
		}
		n := subtle.XORBytes(p, p, a.stream[a.used:])
		a.used += n
		p = p[n:]
	}
}
