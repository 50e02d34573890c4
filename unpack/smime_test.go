// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

func newTestUnpacker(t testing.TB) *Unpacker {
	return &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
}

// derElement is an element in DER, of up to 65,535 octets.
func derElement(tag byte, contents ...string) string {
	s := strings.Join(contents, "")
	if len(s) < 0x80 {
		return string([]byte{tag, byte(len(s))}) + s
	}
	return string([]byte{tag, 0x82, byte(len(s) >> 8), byte(len(s))}) + s
}

// cms is a wrapper of the kind: signed around content, or enveloped.
func cms(kind byte, content string) string {
	id := func(b byte) string { return derElement(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x07"+string([]byte{b})) }
	inner := derElement(0x30, "\x02\x01\x01", "\x31\x00", derElement(0x30, id(1), derElement(0xa0, derElement(0x04, content))), "\x31\x00")
	return derElement(0x30, id(kind), derElement(0xa0, inner))
}

func TestSMIME(t *testing.T) {
	zip := string(zipBytes(stored("evil.exe", "one")))
	entity := "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(zip)) + "\r\n"
	signed := cms(2, entity)
	b64 := base64.StdEncoding.EncodeToString([]byte(signed))
	wrapped := "\r\n" + b64[:60] + "\r\n" + b64[60:] + "\r\n"
	inside := []string{"content=" + entity, "content/a.zip=" + zip, "content/a.zip/evil.exe=one"}
	armoured := []string{"armour=" + signed, "armour/content=" + entity, "armour/content/a.zip=" + zip, "armour/content/a.zip/evil.exe=one"}
	tests := []struct {
		name, file string
		want       []string
		bad        []string
	}{
		{name: "signed", file: signed, want: inside},
		{name: "signed twice", file: cms(2, "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"+cms(2, "\r\nread me")), want: []string{
			"content=Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n" + cms(2, "\r\nread me"),
			"content/part 1=" + cms(2, "\r\nread me"), "content/part 1/content=\r\nread me", "content/part 1/content/part 1=read me",
		}},
		{name: "PEM", file: "-----BEGIN PKCS7-----" + wrapped + "-----END PKCS7-----\r\n", want: armoured},
		{name: "PEM behind text", file: "Some text\r\n-----BEGIN CMS-----" + wrapped + "-----END CMS-----\r\n", want: armoured},
		{name: "enveloped", file: cms(3, "noise"), bad: []string{"encrypted : S/MIME: needs a key (envelopedData)"}},
		{name: "encrypted", file: cms(6, "noise"), bad: []string{"encrypted : S/MIME: needs a key (encryptedData)"}},
		{name: "cut", file: string(without([]byte(cms(2, "\r\nread me")), 4)), want: []string{"content=\r\nread ", "content/part 1=read "}, bad: []string{"damaged : S/MIME: "}},
		{name: "PGP armour", file: "Hello\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabcd\r\n-----END PGP MESSAGE-----\r\n", bad: []string{"encrypted : PGP: needs a key"}},
		{name: "PGP armour, quoted", file: "Hello\r\n> -----BEGIN PGP MESSAGE-----\r\n"},
		{name: "PGP signature", file: "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\ntext\r\n-----BEGIN PGP SIGNATURE-----\r\n"},
		{name: "PGP/MIME control part", file: "Version: 1\r\n", bad: []string{"encrypted : PGP: needs a key"}},
		{name: "PGP packet for a key", file: "\x85\x01\x0c\x03abcdefgh\x01" + noise(100), bad: []string{"encrypted : PGP: needs a key"}},
		{name: "PGP packet for a password", file: "\x8c\x0d\x04\x09\x03\x0aabcdefgh\x60" + noise(100), bad: []string{"encrypted : PGP: needs a key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, []byte(tt.file))
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, tt.bad)
		})
	}
	t.Run("base64 in base64", func(t *testing.T) {
		leaves, _ := walkFile(t, []byte(strings.TrimLeft(wrapped, "\r\n")))
		checkLeaves(t, leaves[:1], armoured[:1])
	})
}

func TestVolumeName(t *testing.T) {
	for name, want := range map[string]bool{
		"a.zip.001": true, "a.Z01": true, "a.zx01": true, "a.r00": true, "a.s05": true, "a.7z.012": true, "a.a01": true, "a.z01 ": true,
		"a.zip": false, "a.1": false, "a.12": false, "a.rar": false, "001": false, "a.mp3": false, "a.r1": false, "a.20261": false,
	} {
		if got := volumeName(name); got != want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestVolume(t *testing.T) {
	u := newTestUnpacker(t)
	for name, want := range map[string]int{"a.zip.002": 1, "a.002x": 0} {
		if c := contents(t, u, parse(t, letter("text", name, []byte(noise(500))), smallLimits())); len(c.Problems) != want {
			t.Errorf("%s: got %v, want %d problems", name, c.Problems, want)
		}
	}
}
