// SPDX-License-Identifier: Apache-2.0

package officecrypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"io"
)

// Package is the lock of an encrypted Office 2007 package, which is in the stream EncryptedPackage.
type Package struct {
	agile    *agile
	standard *standard
	key      []byte // Once it is unlocked.
}

// NewPackage reads the stream EncryptionInfo. It fails with ErrUnknown.
func NewPackage(info []byte) (*Package, error) {
	if len(info) < 8 {
		return nil, ErrUnknown
	}
	major, minor := binary.LittleEndian.Uint16(info), binary.LittleEndian.Uint16(info[2:])
	switch {
	case major == 4 && minor == 4:
		a, err := newAgile(info[8:])
		if err != nil {
			return nil, err
		}
		return &Package{agile: a}, nil
	case minor == 2 && major >= 2 && major <= 4:
		s, err := newStandard(info[4:])
		if err != nil {
			return nil, err
		}
		return &Package{standard: s}, nil
	}
	return nil, ErrUnknown
}

// Rounds is how many hashes one password costs.
func (p *Package) Rounds() int {
	if p.agile != nil {
		return p.agile.password.SpinCount
	}
	return standardRounds
}

// Unlock tries a password.
func (p *Package) Unlock(password string) bool {
	if p.agile != nil {
		p.key = p.agile.unlock(password)
	} else {
		p.key = p.standard.unlock(password)
	}
	return p.key != nil
}

// Reader reads the package out of the stream EncryptedPackage. It is called after Unlock has said true.
func (p *Package) Reader(r io.Reader) (io.Reader, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(p.key)
	if err != nil {
		return nil, err
	}
	d := &decrypter{r: r, block: block, agile: p.agile}
	return io.LimitReader(d, int64(binary.LittleEndian.Uint64(head[:])&(1<<62-1))), nil
}

// segment is how many octets of an agile package are one chain of blocks.
const segment = 4096

// decrypter decrypts segment by segment.
type decrypter struct {
	r     io.Reader
	block cipher.Block
	agile *agile
	n     uint32 // Of the next segment.
	buf   [segment]byte
	out   []byte
	err   error
}

func (d *decrypter) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		var n int
		n, d.err = io.ReadFull(d.r, d.buf[:])
		if errors.Is(d.err, io.ErrUnexpectedEOF) {
			d.err = io.EOF
		}
		d.out = d.buf[:n/aes.BlockSize*aes.BlockSize]
		if d.agile != nil {
			iv := d.agile.iv(le32(d.n))
			cipher.NewCBCDecrypter(d.block, iv).CryptBlocks(d.out, d.out)
		} else {
			decryptECB(d.block, d.out)
		}
		d.n++
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

func decryptECB(block cipher.Block, b []byte) {
	for ; len(b) >= aes.BlockSize; b = b[aes.BlockSize:] {
		block.Decrypt(b, b)
	}
}

// standardRounds is what the standard way has for all documents.
const standardRounds = 50_000

// standard is the way of Office 2007 (MS-OFFCRYPTO section 2.3.4.5).
type standard struct {
	keySize int // Octets.
	verifier
}

const algorithmRC4 = 0x6801

func newStandard(b []byte) (*standard, error) {
	h, v, err := readHeader(b)
	if err != nil || h.algorithm == algorithmRC4 || len(v.hash) < 32 {
		return nil, ErrUnknown
	}
	switch h.keyBits {
	case 128, 192, 256:
		return &standard{h.keyBits / 8, v}, nil
	}
	return nil, ErrUnknown
}

// unlock is the key that the password gives, nil if it is wrong.
func (s *standard) unlock(password string) []byte {
	h := sha1.New()
	sum := hashOf(h, spin(h, s.salt, password, standardRounds), le32(0))
	var pads [2][64]byte
	for i := range 64 {
		pads[0][i], pads[1][i] = 0x36, 0x5C
	}
	subtle.XORBytes(pads[0][:], pads[0][:], sum)
	subtle.XORBytes(pads[1][:], pads[1][:], sum)
	key := append(hashOf(h, pads[0][:]), hashOf(h, pads[1][:])...)[:s.keySize]
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	input, want := append([]byte(nil), s.input...), append([]byte(nil), s.hash...)
	decryptECB(block, input)
	decryptECB(block, want)
	if subtle.ConstantTimeCompare(hashOf(h, input), want[:sha1.Size]) == 0 {
		return nil
	}
	return key
}

// header is what is told of the encryption (MS-OFFCRYPTO section 2.3.2).
type header struct {
	algorithm uint32
	keyBits   int
}

// verifier is by what a password is tried (MS-OFFCRYPTO section 2.3.3).
type verifier struct{ salt, input, hash []byte }

// readHeader reads header and verifier behind the version.
func readHeader(b []byte) (h header, v verifier, err error) {
	const fixed, perVerifier = 32, 4 + 16 + 16 + 4
	if len(b) < 8 {
		return h, v, ErrUnknown
	}
	size := int64(binary.LittleEndian.Uint32(b[4:]))
	if b = b[8:]; size < fixed || size+perVerifier > int64(len(b)) {
		return h, v, ErrUnknown
	}
	h.algorithm, h.keyBits = binary.LittleEndian.Uint32(b[8:]), int(binary.LittleEndian.Uint32(b[16:])&0xFFFF)
	b = b[size:]
	if binary.LittleEndian.Uint32(b) != 16 {
		return h, v, ErrUnknown
	}
	v = verifier{b[4:20], b[20:36], b[perVerifier:min(len(b), perVerifier+32)]}
	if len(v.hash) < sha1.Size {
		return h, v, ErrUnknown
	}
	return h, v, nil
}
