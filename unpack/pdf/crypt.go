// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"encoding/binary"
	"fmt"
	"io"
)

// method is how strings or streams are encrypted (section 7.6.5).
type method uint8

const (
	methodNone method = iota
	methodRC4
	methodAES128 // AESV2: a key for each object.
	methodAES256 // AESV3: the file's key.
)

// crypt decrypts with the key of a file.
type crypt struct {
	key     []byte
	strings method
	streams method
	files   method // Of embedded files.
	named   map[string]method
}

// objectKey is algorithm 1 of section 7.6.2.
func (c *crypt) objectKey(p place, m method) []byte {
	if m == methodAES256 {
		return c.key
	}
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:], uint32(p.num))
	binary.LittleEndian.PutUint16(b[3:], uint16(p.gen))
	h := md5.New()
	h.Write(c.key)
	h.Write(b[:5])
	if m == methodAES128 {
		h.Write([]byte("sAlT"))
	}
	return h.Sum(nil)[:min(len(c.key)+5, md5.Size)]
}

// text decrypts a string of an object.
func (c *crypt) text(p place, s []byte) []byte {
	switch c.strings {
	case methodNone:
		return s
	case methodRC4:
		if k, err := rc4.NewCipher(c.objectKey(p, methodRC4)); err == nil {
			out := make([]byte, len(s))
			k.XORKeyStream(out, s)
			return out
		}
		return s
	case methodAES128, methodAES256:
	}
	if len(s) < 2*aes.BlockSize || len(s)%aes.BlockSize != 0 {
		return s
	}
	out := decryptCBC(c.objectKey(p, c.strings), s[:aes.BlockSize], s[aes.BlockSize:])
	return unpad(out)
}

// decryptCBC decrypts whole blocks.
func decryptCBC(key, iv, data []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		return data
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	return out
}

// unpad takes the padding of RFC 2898 off, if it is one.
func unpad(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	if n := int(b[len(b)-1]); n >= 1 && n <= aes.BlockSize {
		return b[:len(b)-n]
	}
	return b
}

// of is how a stream is encrypted, whose filters are known: as its Crypt filter says (section 7.4.10), else as all of its kind.
func (c *crypt) of(o object, stages []stage) method {
	switch {
	case len(stages) > 0 && stages[0].filter == "Crypt":
		return c.named[stages[0].parms.get("Name").text]
	case o.is("Type", "EmbeddedFile"):
		return c.files
	}
	return c.streams
}

// reader decrypts the data of a stream.
func (c *crypt) reader(o object, m method, r io.Reader) (io.Reader, error) {
	switch m {
	case methodNone:
		return r, nil
	case methodRC4:
		k, err := rc4.NewCipher(c.objectKey(o.place, m))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
		return cipher.StreamReader{S: k, R: r}, nil
	case methodAES128, methodAES256:
	}
	block, err := aes.NewCipher(c.objectKey(o.place, m))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return &cbc{r: bufio.NewReader(r), block: block}, nil
}

// cbc decrypts a stream: the first block is the initialisation vector, the last one is padded.
type cbc struct {
	r     *bufio.Reader
	block cipher.Block
	mode  cipher.BlockMode
	out   [aes.BlockSize]byte
	left  []byte
	done  error
}

func (c *cbc) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		if c.done != nil {
			return 0, c.done
		}
		c.next()
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// next decrypts a block. A file that is cut off loses its last block, as in programs.
func (c *cbc) next() {
	if c.mode == nil {
		if _, c.done = io.ReadFull(c.r, c.out[:]); c.done != nil {
			return
		}
		c.mode = cipher.NewCBCDecrypter(c.block, c.out[:])
	}
	if _, c.done = io.ReadFull(c.r, c.out[:]); c.done != nil {
		return
	}
	c.mode.CryptBlocks(c.out[:], c.out[:])
	c.left = c.out[:]
	if _, err := c.r.Peek(1); err == io.EOF {
		c.left, c.done = unpad(c.out[:]), io.EOF
	}
}
