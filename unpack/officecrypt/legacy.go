// SPDX-License-Identifier: Apache-2.0

package officecrypt

import (
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Legacy is the lock of streams that are encrypted by RC4, block by block: with a key of 40 bits (MS-OFFCRYPTO section 2.3.6), or with one that
// the CryptoAPI makes (section 2.3.5).
type Legacy struct {
	api     bool
	keyBits int
	verifier
	base []byte // Of the keys of the blocks, once it is unlocked.
}

// NewLegacy reads the description that begins with the version. It fails with ErrUnknown.
func NewLegacy(b []byte) (*Legacy, error) {
	if len(b) < 4 {
		return nil, ErrUnknown
	}
	major, minor := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
	switch {
	case major == 1 && minor == 1 && len(b) >= 52:
		return &Legacy{keyBits: 40, verifier: verifier{b[4:20], b[20:36], b[36:52]}}, nil
	case minor == 2 && major >= 2 && major <= 4:
		h, v, err := readHeader(b[4:])
		if err != nil || h.algorithm != algorithmRC4 && h.algorithm != 0 || h.keyBits < 0 || h.keyBits > 128 || h.keyBits%8 != 0 {
			return nil, ErrUnknown
		}
		if h.keyBits == 0 {
			h.keyBits = 40
		}
		v.hash = v.hash[:sha1.Size]
		return &Legacy{api: true, keyBits: h.keyBits, verifier: v}, nil
	}
	return nil, ErrUnknown
}

// Rounds is how many hashes one password costs.
func (l *Legacy) Rounds() int { return 4 }

// Unlock tries a password.
func (l *Legacy) Unlock(password string) bool {
	if l.api {
		h := sha1.New()
		l.base = hashOf(h, l.salt, wide(password))
	} else {
		h := md5.New()
		first := hashOf(h, wide(password))[:5]
		h.Reset()
		for range 16 {
			h.Write(first)
			h.Write(l.salt)
		}
		l.base = h.Sum(nil)[:5]
	}
	input, want := append([]byte(nil), l.input...), append([]byte(nil), l.hash...)
	stream := l.stream(0)
	stream.XORKeyStream(input, input)
	stream.XORKeyStream(want, want)
	var got []byte
	if l.api {
		got = hashOf(sha1.New(), input)
	} else {
		got = hashOf(md5.New(), input)
	}
	if subtle.ConstantTimeCompare(got, want) == 0 {
		l.base = nil
	}
	return l.base != nil
}

// stream is the key stream of a block.
func (l *Legacy) stream(block uint32) *rc4.Cipher {
	var key []byte
	if l.api {
		key = hashOf(sha1.New(), l.base, le32(block))[:l.keyBits/8]
		if l.keyBits == 40 {
			key = append(key, make([]byte, 11)...)
		}
	} else {
		key = hashOf(md5.New(), l.base, le32(block))
	}
	c, err := rc4.NewCipher(key)
	if err != nil {
		panic("officecrypt: a key of no octets") // keyBits is 8 at least.
	}
	return c
}

// mask gives the key stream of n octets from offset 0 on, in blocks of so many octets.
func (l *Legacy) mask(n, block int) []byte {
	b := make([]byte, n)
	for i := 0; i*block < n; i++ {
		part := b[i*block : min((i+1)*block, n)]
		l.stream(uint32(i)).XORKeyStream(part, part)
	}
	return b
}

// Sizes of blocks.
const (
	wordBlock  = 512
	excelBlock = 1024
)

// Word decrypts a stream of a Word document in place. The first clear octets are not encrypted.
func (l *Legacy) Word(b []byte, clear int) {
	m := l.mask(len(b), wordBlock)
	clear = min(clear, len(b))
	subtle.XORBytes(b[clear:], b[clear:], m[clear:])
}

// Records of a workbook that are not encrypted (MS-XLS section 2.2.10).
const (
	recBOF        = 0x0809
	recFilePass   = 0x002F
	recUsrExcl    = 0x0194
	recFileLock   = 0x0195
	recInterface  = 0x00E1
	recRRDInfo    = 0x0196
	recRRDHead    = 0x0138
	recBoundSheet = 0x0085
	boundClear    = 4 // Octets of it that are not.
)

// Excel decrypts a workbook stream in place, and takes the mark away that it is encrypted.
func (l *Legacy) Excel(b []byte) {
	m := l.mask(len(b), excelBlock)
	for off := 0; off+4 <= len(b); {
		id, size := binary.LittleEndian.Uint16(b[off:]), int(binary.LittleEndian.Uint16(b[off+2:]))
		from, to := off+4, min(off+4+size, len(b))
		off = to
		switch id {
		case recFilePass:
			binary.LittleEndian.PutUint16(b[from-4:], 0) // No record has this number.
			continue
		case recBOF, recUsrExcl, recFileLock, recInterface, recRRDInfo, recRRDHead:
			continue
		case recBoundSheet:
			from = min(from+boundClear, to)
		}
		subtle.XORBytes(b[from:to], b[from:to], m[from:to])
	}
}

func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
}
