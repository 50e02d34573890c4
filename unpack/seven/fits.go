// SPDX-License-Identifier: Apache-2.0

package seven

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"hash/crc32"
)

func checksum(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

// Fits tells if a password may be the one of a folder: by the zeros that fill the last block, and by how the data of LZMA begins. Most wrong ones
// do not; whether one is right shows when the files are read. Errors are of reading.
func (h *Header) Fits(f *Folder, password string) (bool, error) {
	ok, err := h.fits(f, password)
	if errors.Is(err, ErrFormat) {
		return false, nil
	}
	return ok, err
}

func (h *Header) fits(f *Folder, password string) (bool, error) {
	i := f.aes()
	if i < 0 || f.at < 0 {
		return true, nil
	}
	p, err := parseAES(f.coders[i].props)
	if err != nil || f.long < aes.BlockSize || f.at+f.long > h.a.packed || i >= len(f.sizes) {
		return false, nil //nolint:nilerr // damage: no password fits
	}
	block, err := aes.NewCipher(h.a.keys.get(p, password))
	if err != nil {
		return false, err
	}
	first, err := h.block(block, p.iv[:], f.at)
	if err != nil {
		return false, err
	}
	if in := f.to(i); in >= 0 && !begins(f.coders[f.owner(in)].id, first[0]) {
		return false, nil
	}
	fill := f.long - f.sizes[i]
	if fill <= 0 || fill >= aes.BlockSize {
		return fill == 0, nil
	}
	last := first
	if end := f.at + f.long - aes.BlockSize; end > f.at {
		var iv [aes.BlockSize]byte
		if err := readFull(h.a.r, iv[:], StartLen+end-aes.BlockSize); err != nil {
			return false, err
		}
		if last, err = h.block(block, iv[:], end); err != nil {
			return false, err
		}
	}
	for _, c := range last[aes.BlockSize-fill:] {
		if c != 0 {
			return false, nil
		}
	}
	return true, nil
}

// block decrypts the block at an offset of the packed streams.
func (h *Header) block(b cipher.Block, iv []byte, off int64) (v [aes.BlockSize]byte, err error) {
	if err := readFull(h.a.r, v[:], StartLen+off); err != nil {
		return v, err
	}
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(v[:], v[:])
	return v, nil
}

// begins tells if packed data of a coder may begin with the octet.
func begins(id string, c byte) bool {
	switch id {
	case CoderLZMA:
		return c == 0
	case CoderLZMA2:
		return c <= 1 || c >= 0xe0
	}
	return true
}
