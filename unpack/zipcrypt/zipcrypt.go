// SPDX-License-Identifier: Apache-2.0

// Package zipcrypt decrypts members of zip files: the traditional encryption (APPNOTE.TXT section 6.1) and that of WinZip, AES
// (APPNOTE.TXT section 7.2.5.1 and WinZip's "AES Encryption Information", AE-1 and AE-2). It does not encrypt, and knows no strong encryption of
// PKWARE (section 7). Package unpack calls it, with the passwords that a reader of the message would try.
package zipcrypt

import (
	"hash/crc32"
	"io"
)

// HeaderLen is the length in octets of what stands before traditionally encrypted data.
const HeaderLen = 12

// Keys is the state of the traditional encryption.
type Keys [3]uint32

// NewKeys makes the keys of a password and reads the header of a member with them. check is the octet that the header ends in if the password
// is the right one: the highest of the checksum or, if that follows the data, of the time of change. One wrong password of 256 passes.
func NewKeys(password string, header [HeaderLen]byte, check byte) (k Keys, ok bool) {
	k = Keys{0x12345678, 0x23456789, 0x34567890}
	for i := range len(password) {
		k.update(password[i])
	}
	k.decrypt(header[:])
	return k, header[HeaderLen-1] == check
}

// Reader decrypts what follows the header. The keys change as it reads, so there is one Reader for one value.
func (k Keys) Reader(r io.Reader) io.Reader { return &classicReader{k: k, r: r} }

type classicReader struct {
	k Keys
	r io.Reader
}

func (c *classicReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.k.decrypt(p[:n])
	return n, err
}

func (k *Keys) decrypt(p []byte) {
	for i, c := range p {
		t := k[2]&0xffff | 2
		c ^= byte(t * (t ^ 1) >> 8)
		k.update(c)
		p[i] = c
	}
}

func (k *Keys) update(c byte) {
	k[0] = crc32.IEEETable[byte(k[0])^c] ^ k[0]>>8
	k[1] = (k[1]+k[0]&0xff)*134775813 + 1
	k[2] = crc32.IEEETable[byte(k[2])^byte(k[1]>>24)] ^ k[2]>>8
}
