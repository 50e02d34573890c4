// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// AlgorithmOf is the algorithm that a private key signs with. A key that no verifier may accept is an error.
func AlgorithmOf(key crypto.Signer) (Algorithm, error) {
	switch public := key.Public().(type) {
	case *rsa.PublicKey:
		if n := public.N.BitLen(); n < MinRSABits || n > MaxRSABits {
			return Algorithm{}, fmt.Errorf("RSA key of %d bits; want %d to %d", n, MinRSABits, MaxRSABits)
		}
		return Algorithm{"rsa-sha256", KeyRSA, crypto.SHA256}, nil
	case ed25519.PublicKey:
		return Algorithm{"ed25519-sha256", KeyEd25519, crypto.SHA256}, nil
	}
	return Algorithm{}, errors.New("key is neither RSA nor Ed25519")
}

// Sign signs a digest.
func Sign(key crypto.Signer, a Algorithm, digest []byte) ([]byte, error) {
	if a.Key == KeyEd25519 {
		return key.Sign(rand.Reader, digest, crypto.Hash(0)) // RFC 8463 section 3: the digest is the message of Ed25519.
	}
	return key.Sign(rand.Reader, digest, a.Hash)
}

// Tag is one tag of a list that is written.
type Tag struct{ Name, Value string }

// Lengths of lines (RFC 5322 section 2.1.1).
const (
	maxLine = 76 // Octets of a line before it is folded.

	// LineB is how many octets of b= stand on one line.
	LineB = 72
)

// FormatTags writes a tag list as the body of the field name. It folds between tags; in h= behind a colon, and in b=, where folding means nothing.
func FormatTags(name string, tags []Tag) string {
	var b strings.Builder
	room := maxLine - len(name) - 2
	for i, t := range tags {
		text := t.Name + "=" + t.Value
		if i < len(tags)-1 {
			text += ";"
		}
		if i > 0 && (len(text)+1 > room || t.Name == "b") {
			b.WriteString("\r\n ")
			room = maxLine - 1
		} else if i > 0 {
			b.WriteByte(' ')
			room--
		}
		room = foldLong(&b, text, t.Name, room)
	}
	return b.String()
}

// foldLong writes a tag that may be too long for a line, and gives the room that is left on the last one.
func foldLong(b *strings.Builder, text, name string, room int) int {
	for len(text) > room {
		cut := 0
		if name == "h" {
			cut = strings.LastIndexByte(text[:max(room, 0)], ':') + 1
			if cut == 0 {
				cut = strings.IndexByte(text, ':') + 1
			}
		}
		if cut == 0 || cut >= len(text) {
			break
		}
		b.WriteString(text[:cut] + "\r\n ")
		text, room = text[cut:], maxLine-1
	}
	b.WriteString(text)
	return room - len(text)
}

// SignField makes a field of tags, of which the one named b is empty and not the first: it signs what d has taken so far and the field itself. The value may be folded, with
// CRLF. lineB is how many octets of b= stand on one line.
func SignField(key crypto.Signer, a Algorithm, d *Digest, name string, tags []Tag, lineB int) (value string, err error) {
	own := ParseField(name + ": " + FormatTags(name, tags))
	s, err := Sign(key, a, d.Sum(own))
	if err != nil {
		return "", err
	}
	// Nothing may move but b= itself, which is therefore put in by its own lines.
	return strings.TrimPrefix(withB(strings.TrimSuffix(own.Raw, "\r\n"), base64.StdEncoding.EncodeToString(s), lineB), name+": "), nil
}

// withB puts a value into the empty b= tag, which begins a line.
func withB(raw, value string, line int) string {
	const tag = "\r\n b="
	at := strings.Index(raw, tag) + len(tag)
	var b strings.Builder
	b.WriteString(raw[:at])
	for room := line - len("b="); len(value) > room; room = line {
		b.WriteString(value[:room] + "\r\n ")
		value = value[room:]
	}
	b.WriteString(value + raw[at:])
	return b.String()
}
