// SPDX-License-Identifier: Apache-2.0

package cbc

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	key, iv, plain := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, aes.BlockSize), bytes.Repeat([]byte("some text. "), 16)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	packed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(packed, plain)
	for _, n := range []int{len(packed), 16, 0} {
		r, err := NewReader(iotest.OneByteReader(bytes.NewReader(packed[:n])), key, iv)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain[:n]) {
			t.Errorf("%d octets: got %q, %v", n, got, err)
		}
	}
	r, err := NewReader(bytes.NewReader(packed[:20]), key, iv)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); !errors.Is(err, io.ErrUnexpectedEOF) || len(got) != 16 {
		t.Errorf("cut: got %d octets, %v", len(got), err)
	}
	if _, err := NewReader(nil, key[:5], iv); err == nil {
		t.Error("a key of five octets is one")
	}
}
