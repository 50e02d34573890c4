// SPDX-License-Identifier: Apache-2.0

package officecrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

const (
	password = "pässword"
	rounds   = 1000
)

var salt = []byte("0123456789abcdef")

func encryptCBC(key, iv, b []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(b))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, b)
	return out
}

// agileInfo is a stream EncryptionInfo in the agile way, with the key of the package.
func agileInfo(key []byte) []byte {
	h := sha512.New()
	sum := spin(h, salt, password, rounds)
	seal := func(use string, b []byte) string {
		return base64.StdEncoding.EncodeToString(encryptCBC(fit(hashOf(h, sum, []byte(use)), 32), salt, b))
	}
	input := []byte("verifier input..")
	common := fmt.Sprintf(`saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="%s"`,
		base64.StdEncoding.EncodeToString(salt))
	text := fmt.Sprintf(`<?xml version="1.0"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"><keyData %s/><keyEncryptors>`+
		`<keyEncryptor uri="u"><p:encryptedKey xmlns:p="p" spinCount="%d" %s encryptedVerifierHashInput="%s" encryptedVerifierHashValue="%s" encryptedKeyValue="%s"/></keyEncryptor></keyEncryptors></encryption>`,
		common, rounds, common, seal(inputKey, input), seal(hashKey, hashOf(h, input)), seal(valueKey, key))
	return append([]byte{4, 0, 4, 0, 0x40, 0, 0, 0}, text...)
}

// agilePackage is a stream EncryptedPackage.
func agilePackage(key []byte, content string) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(content)))
	b := append([]byte(content), make([]byte, (16-len(content)%16)%16)...)
	for i := 0; i*segment < len(b); i++ {
		part := b[i*segment : min((i+1)*segment, len(b))]
		out = append(out, encryptCBC(key, fit(hashOf(sha512.New(), salt, le32(uint32(i))), 16), part)...)
	}
	return out
}

func TestAgile(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	p, err := NewPackage(agileInfo(key))
	if err != nil {
		t.Fatal(err)
	}
	if p.Rounds() != rounds || p.Unlock("wrong") || p.Unlock("") || !p.Unlock(password) {
		t.Fatal("the wrong password opens it, or the right one does not")
	}
	want := strings.Repeat("content of the package. ", 500)
	r, err := p.Reader(bytes.NewReader(agilePackage(key, want)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != want {
		t.Errorf("got %.40q, %v", got, err)
	}
}

func rc4Of(key []byte, pieces ...[]byte) (out [][]byte) {
	c, err := rc4.NewCipher(key)
	if err != nil {
		panic(err)
	}
	for _, p := range pieces {
		b := make([]byte, len(p))
		c.XORKeyStream(b, p)
		out = append(out, b)
	}
	return out
}

// headerOf is the description of an encryption by the CryptoAPI, for RC4 or AES.
func headerOf(algorithm uint32, bits int, input, hash []byte) []byte {
	b := append([]byte{2, 0, 2, 0}, le32(4)...)
	b = append(b, le32(32)...)
	for _, n := range []uint32{4, 0, algorithm, 0x8004, uint32(bits), 1, 0, 0} {
		b = append(b, le32(n)...)
	}
	b = append(b, le32(16)...)
	b = append(append(b, salt...), input...)
	return append(append(b, le32(20)...), hash...)
}

func TestStandard(t *testing.T) {
	s := &standard{keySize: 16, verifier: verifier{salt: salt}}
	key := standardKey(s, password)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	encrypt := func(b []byte) []byte {
		out := append([]byte(nil), b...)
		for i := 0; i+16 <= len(out); i += 16 {
			block.Encrypt(out[i:], out[i:])
		}
		return out
	}
	input := []byte("verifier input..")
	sum := sha1.Sum(input)
	p, err := NewPackage(headerOf(0x660E, 128, encrypt(input), encrypt(append(sum[:], make([]byte, 12)...))))
	if err != nil {
		t.Fatal(err)
	}
	if p.Rounds() != 50_000 || p.Unlock("wrong") || !p.Unlock(password) {
		t.Fatal("the wrong password opens it, or the right one does not")
	}
	want := strings.Repeat("0123456789abcdef", 1000)
	r, err := p.Reader(io.MultiReader(bytes.NewReader(binary.LittleEndian.AppendUint64(nil, uint64(len(want)-3))), bytes.NewReader(encrypt([]byte(want)))))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != want[:len(want)-3] {
		t.Errorf("got %.40q, %v", got, err)
	}
}

// standardKey derives the key as the specification says, the other way round than the code: one pad after the other.
func standardKey(s *standard, password string) []byte {
	h := sha1.New()
	sum := spin(h, s.salt, password, standardRounds)
	sum = hashOf(h, sum, []byte{0, 0, 0, 0})
	var key []byte
	for _, pad := range []byte{0x36, 0x5C} {
		b := bytes.Repeat([]byte{pad}, 64)
		for i := range sum {
			b[i] ^= sum[i]
		}
		key = append(key, hashOf(h, b)...)
	}
	return key[:s.keySize]
}

// legacyOf makes a lock with 40 bits or by the CryptoAPI, and the key of its first block.
func legacyOf(api bool) []byte {
	input := []byte("verifier input..")
	if api {
		sum := sha1.Sum(input)
		base := sha1.Sum(append(append([]byte(nil), salt...), wide(password)...))
		key := sha1.Sum(append(base[:], 0, 0, 0, 0))
		out := rc4Of(key[:16], input, sum[:])
		return headerOf(algorithmRC4, 128, out[0], out[1])
	}
	first := md5.Sum(wide(password))
	base := md5.Sum(bytes.Repeat(append(append([]byte(nil), first[:5]...), salt...), 16))
	key := md5.Sum(append(append([]byte(nil), base[:5]...), 0, 0, 0, 0))
	sum := md5.Sum(input)
	out := rc4Of(key[:], input, sum[:])
	return append(append(append([]byte{1, 0, 1, 0}, salt...), out[0]...), out[1]...)
}

func TestLegacy(t *testing.T) {
	for _, api := range []bool{false, true} {
		l, err := NewLegacy(legacyOf(api))
		if err != nil {
			t.Fatal(err)
		}
		if l.Unlock("wrong") || !l.Unlock(password) {
			t.Fatalf("api %v: the wrong password opens it, or the right one does not", api)
		}
		plain := strings.Repeat("text ", 500)
		b := []byte(plain)
		l.Word(b, 10)
		if string(b[:10]) != plain[:10] || string(b[10:]) == plain[10:] {
			t.Error("the wrong octets are changed")
		}
		if l.Word(b, 10); string(b) != plain {
			t.Error("twice is not as before")
		}
	}
}

func TestExcel(t *testing.T) {
	l, err := NewLegacy(legacyOf(false))
	if err != nil || !l.Unlock(password) {
		t.Fatal(err)
	}
	record := func(id uint16, data string) string {
		b := binary.LittleEndian.AppendUint16(nil, id)
		return string(binary.LittleEndian.AppendUint16(b, uint16(len(data)))) + data
	}
	plain := record(recBOF, "begin") + record(recFilePass, "lock") + record(0x18, strings.Repeat("name", 400)) + record(recBoundSheet, "posi+rest") + "\x18\x00\xFF\xFFcut"
	b := []byte(plain)
	l.Excel(b)
	// What was encrypted is now plain, so the other way round the mark is the difference.
	if bytes.Contains(b, []byte("namename")) || !bytes.Contains(b, []byte("begin")) || !bytes.Contains(b, []byte("lock")) || !bytes.Contains(b, []byte("posi")) || bytes.Contains(b, []byte("rest")) {
		t.Errorf("got %.80q", b)
	}
	l.Excel(b)
	want := strings.Replace(plain, "\x2F\x00\x04", "\x00\x00\x04", 1)
	// The record that lost its mark is now taken for one that is encrypted.
	if i := strings.Index(want, "lock"); string(b[:i]) != want[:i] || string(b[i+4:]) != want[i+4:] {
		t.Errorf("got %.80q", b)
	}
}

func TestUnknown(t *testing.T) {
	good := string(agileInfo(make([]byte, 32)))
	for name, info := range map[string]string{
		"empty": "", "version": "\x03\x00\x03\x00xxxxxxxx", "no XML": good[:8] + "rubbish",
		"cipher": strings.ReplaceAll(good, `"AES"`, `"RC2"`), "hash": strings.ReplaceAll(good, "SHA512", "MD2"),
		"rounds": strings.Replace(good, `spinCount="1000"`, `spinCount="2000000000"`, 1), "base64": strings.ReplaceAll(good, `saltValue="`, `saltValue="!`),
		"key size": strings.ReplaceAll(good, `keyBits="256"`, `keyBits="7"`), "short value": strings.ReplaceAll(good, `encryptedKeyValue="`, `encryptedKeyValue="" x="`),
		"standard cut": "\x03\x00\x02\x00\x24\x00\x00\x00\xFF\xFF\xFF\xFF",
	} {
		if p, err := NewPackage([]byte(info)); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: got %+v, %v", name, p, err)
		}
	}
	for name, b := range map[string]string{"empty": "", "cut": "\x01\x00\x01\x00abc", "version": "\x09\x00\x09\x00" + strings.Repeat("x", 99), "AES": string(headerOf(0x660E, 128, salt, make([]byte, 20)))} {
		if l, err := NewLegacy([]byte(b)); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: got %+v, %v", name, l, err)
		}
	}
}

func FuzzLock(f *testing.F) {
	f.Add(agileInfo(make([]byte, 32)), []byte("12345678content"))
	f.Add(headerOf(0x660E, 128, salt, make([]byte, 32)), []byte("x"))
	f.Add(legacyOf(false), []byte("\x09\x08\x02\x00xx"))
	f.Add(legacyOf(true), []byte("\x09\x08\x02\x00xx"))
	f.Fuzz(func(t *testing.T, info, data []byte) {
		if p, err := NewPackage(info); err == nil && p.Rounds() <= rounds && p.Unlock(password) {
			if r, err := p.Reader(bytes.NewReader(data)); err == nil {
				if got, err := io.ReadAll(r); err != nil || len(got) > len(data) {
					t.Fatalf("%d octets of %d, %v", len(got), len(data), err)
				}
			}
		}
		if l, err := NewLegacy(info); err == nil && l.Unlock(password) {
			l.Excel(data)
			l.Word(data, 4)
		}
	})
}
