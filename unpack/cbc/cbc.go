// SPDX-License-Identifier: Apache-2.0

// Package cbc decrypts streams of whole blocks in CBC mode (NIST SP 800-38A). The readers of 7z and RAR archives use it.
package cbc

import (
	"crypto/aes"
	"crypto/cipher"
	"io"
)

// Reader decrypts what it reads. What is less than a block at the end is an error of io.ReadFull.
type Reader struct {
	r     io.Reader
	mode  cipher.BlockMode
	block [aes.BlockSize]byte
	left  []byte
}

// NewReader decrypts what r reads with a key of AES. The vector is one block.
func NewReader(r io.Reader, key, iv []byte) (*Reader, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &Reader{r: r, mode: cipher.NewCBCDecrypter(block, iv)}, nil
}

func (c *Reader) Read(p []byte) (int, error) {
	if len(c.left) == 0 {
		if _, err := io.ReadFull(c.r, c.block[:]); err != nil {
			return 0, err
		}
		c.mode.CryptBlocks(c.block[:], c.block[:])
		c.left = c.block[:]
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}
