// SPDX-License-Identifier: Apache-2.0

package seven

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/mailweir/mailweir/unpack/cbc"
	"github.com/mailweir/mailweir/unpack/lzma"
)

// rawKey in the place of the cycles: the key is the password itself.
const rawKey = 0x3f

// aesProps are the properties of the coder that decrypts: AES-256 in CBC mode.
type aesProps struct {
	cycles int // Power of 2 of the rounds.
	salt   []byte
	iv     [aes.BlockSize]byte
}

func parseAES(b []byte) (p aesProps, err error) {
	if len(b) < 2 || b[0]&0xc0 == 0 {
		return p, fmt.Errorf("encryption without salt and vector: %w", ErrUnsupported)
	}
	salt := int(b[0]>>7&1) + int(b[1]>>4)
	iv := int(b[0]>>6&1) + int(b[1]&0xf)
	if len(b) != 2+salt+iv {
		return p, fmt.Errorf("properties of AES: %w", ErrFormat)
	}
	p.cycles, p.salt = int(b[0]&0x3f), b[2:2+salt]
	copy(p.iv[:], b[2+salt:])
	if p.cycles > maxCycles && p.cycles != rawKey {
		return p, fmt.Errorf("key of 2^%d rounds (2^%d): %w", p.cycles, maxCycles, ErrLimit)
	}
	return p, nil
}

// keyring keeps the key made last: all folders of an archive have the same salt.
type keyring struct {
	password string
	cycles   int
	salt     []byte
	key      []byte
}

func (k *keyring) get(p aesProps, password string) []byte {
	if k.key == nil || k.password != password || k.cycles != p.cycles || !bytes.Equal(k.salt, p.salt) {
		*k = keyring{password, p.cycles, p.salt, p.key(password)}
	}
	return k.key
}

// key is the hash of salt, password in UTF-16 and a counter, over and over.
func (p aesProps) key(password string) []byte {
	b := bytes.Clone(p.salt)
	for _, c := range utf16.Encode([]rune(password)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	if p.cycles == rawKey {
		key := make([]byte, sha256.Size)
		copy(key, b)
		return key
	}
	h := sha256.New()
	n := len(b)
	b = append(b, make([]byte, 8)...)
	for i := range uint64(1) << p.cycles {
		binary.LittleEndian.PutUint64(b[n:], i)
		h.Write(b)
	}
	return h.Sum(nil)
}

// decode gives the header plain.
func (a *Archive) decode(password string) ([]byte, error) {
	f := a.coded
	var r io.Reader = io.NewSectionReader(a.r, StartLen+a.at, a.long)
	in := -1
	if len(f.packed) == 1 {
		in = f.packed[0]
	}
	if in < 0 || f.ins != len(f.coders) || f.outs != len(f.coders) {
		return nil, fmt.Errorf("coders of the header: %w", ErrUnsupported)
	}
	var err error
	for range f.coders {
		i := f.owner(in) // The number of its only output, too.
		if r, err = a.decoder(f.coders[i], f.sizes[i], r, password); err != nil {
			return nil, err
		}
		if in = f.to(i); in < 0 {
			break
		}
	}
	plain, err := io.ReadAll(io.LimitReader(r, min(f.size(), MaxHeader)))
	if err != nil || int64(len(plain)) != f.size() {
		return nil, a.refused("encoded header is damaged")
	}
	if a.sum != 0 && checksum(plain) != a.sum {
		return nil, a.refused("checksum of the encoded header")
	}
	return plain, nil
}

// decoder is one step of decoding a header.
func (a *Archive) decoder(k coder, size int64, r io.Reader, password string) (io.Reader, error) {
	switch k.id {
	case coderCopy:
		return io.LimitReader(r, size), nil
	case coderAES:
		p, err := parseAES(k.props)
		if err != nil {
			return nil, err
		}
		plain, err := cbc.NewReader(r, a.keys.get(p, password), p.iv[:])
		return io.LimitReader(plain, size), err
	case CoderLZMA:
		if len(k.props) != 5 || size < 0 {
			return nil, fmt.Errorf("properties of LZMA: %w", ErrFormat)
		}
		z, err := lzma.NewReader(bufio.NewReader(r), k.props[0], binary.LittleEndian.Uint32(k.props[1:]), size)
		if err != nil {
			return nil, a.refused("encoded header is damaged")
		}
		return z, nil
	case CoderLZMA2:
		return lzma.NewReader2(bufio.NewReader(r), lzma.MaxDict), nil
	}
	return nil, fmt.Errorf("coder %x of the header: %w", k.id, ErrUnsupported)
}
