// SPDX-License-Identifier: Apache-2.0

package officecrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/xml"
	"hash"
	"strings"
)

// Keys for what is encrypted by the password (MS-OFFCRYPTO section 2.3.4.13).
const (
	inputKey = "\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79"
	hashKey  = "\xd7\xaa\x0f\x6d\x30\x61\x34\x4e"
	valueKey = "\x14\x6e\x0b\xe7\xab\xac\xd0\xd6"
)

// agile is the way of Office 2010 and later (MS-OFFCRYPTO section 2.3.4.10).
type agile struct {
	data     keyData
	password keyData
	newData  func() hash.Hash
	newPass  func() hash.Hash
}

type keyData struct {
	SpinCount int    `xml:"spinCount,attr"`
	BlockSize int    `xml:"blockSize,attr"`
	KeyBits   int    `xml:"keyBits,attr"`
	Cipher    string `xml:"cipherAlgorithm,attr"`
	Chaining  string `xml:"cipherChaining,attr"`
	Hash      string `xml:"hashAlgorithm,attr"`
	Salt      octets `xml:"saltValue,attr"`
	Input     octets `xml:"encryptedVerifierHashInput,attr"`
	Value     octets `xml:"encryptedVerifierHashValue,attr"`
	Key       octets `xml:"encryptedKeyValue,attr"`
}

// octets are in base64.
type octets []byte

// UnmarshalXMLAttr decodes base64.
func (o *octets) UnmarshalXMLAttr(a xml.Attr) (err error) {
	*o, err = decodeBase64(a.Value)
	return err
}

func newAgile(text []byte) (*agile, error) {
	var doc struct {
		Data keyData   `xml:"keyData"`
		Keys []keyData `xml:"keyEncryptors>keyEncryptor>encryptedKey"`
	}
	if err := xml.Unmarshal(bytes.TrimRight(text, "\x00"), &doc); err != nil {
		return nil, ErrUnknown
	}
	for _, k := range doc.Keys {
		a := &agile{data: doc.Data, password: k, newData: newHash(doc.Data.Hash), newPass: newHash(k.Hash)}
		if a.known() {
			return a, nil
		}
	}
	return nil, ErrUnknown
}

// known tells if all that is asked for can be done.
func (a *agile) known() bool {
	for _, k := range []keyData{a.data, a.password} {
		if k.Cipher != "AES" || !strings.HasSuffix(k.Chaining, "CBC") || k.BlockSize != aes.BlockSize || len(k.Salt) == 0 || len(k.Salt) > 1024 {
			return false
		}
		if k.KeyBits != 128 && k.KeyBits != 192 && k.KeyBits != 256 {
			return false
		}
	}
	if a.newData == nil || a.newPass == nil || a.password.SpinCount < 0 || a.password.SpinCount > MaxSpin {
		return false
	}
	for _, b := range [][]byte{a.password.Input, a.password.Value, a.password.Key} {
		if len(b) == 0 || len(b)%aes.BlockSize != 0 || len(b) > 1024 {
			return false
		}
	}
	return true
}

// unlock is the key of the package, nil if the password is wrong.
func (a *agile) unlock(password string) []byte {
	h := a.newPass()
	sum := spin(h, a.password.Salt, password, a.password.SpinCount)
	open := func(encrypted []byte, use string) []byte {
		block, err := aes.NewCipher(fit(hashOf(h, sum, []byte(use)), a.password.KeyBits/8))
		if err != nil {
			return nil
		}
		out := make([]byte, len(encrypted))
		cipher.NewCBCDecrypter(block, fit(a.password.Salt, aes.BlockSize)).CryptBlocks(out, encrypted)
		return out
	}
	input, value := open(a.password.Input, inputKey), open(a.password.Value, hashKey)
	want := hashOf(h, input)
	if len(value) < len(want) || subtle.ConstantTimeCompare(value[:len(want)], want) == 0 {
		return nil
	}
	key := open(a.password.Key, valueKey)
	if len(key) < a.data.KeyBits/8 {
		return nil
	}
	return key[:a.data.KeyBits/8]
}

// iv is the initialisation vector for a block key (MS-OFFCRYPTO section 2.3.4.12).
func (a *agile) iv(blockKey []byte) []byte {
	return fit(hashOf(a.newData(), a.data.Salt, blockKey), aes.BlockSize)
}
