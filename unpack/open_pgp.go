// SPDX-License-Identifier: Apache-2.0

package unpack

import "bytes"

// needsKey is the detail of a Problem about a message of PGP.
const needsKey = "PGP: needs a key"

// isPGP tells if the leaf is encrypted by PGP: the part that says so in a multipart/encrypted (RFC 3156 section 4), or a packet with a
// session key (RFC 9580 sections 5.1 and 5.3). Armour is looked for in all text.
func isPGP(h *head) bool {
	if bytes.EqualFold(bytes.TrimSpace(h.octet), []byte("Version: 1")) {
		return true
	}
	kind, body, ok := pgpPacket(h.octet)
	if !ok || len(body) < 10 {
		return false
	}
	const publicKey, password = 1, 3
	switch kind {
	case publicKey:
		// Version 3, eight octets of the key's name, an algorithm that encrypts.
		return body[0] == 3 && bytes.IndexByte([]byte{1, 2, 16, 18, 25, 26}, body[9]) >= 0
	case password:
		// Version 4, a cipher, how the key is made of the password, a hash.
		return body[0] == 4 && body[1] >= 1 && body[1] <= 13 && body[2] <= 4 && body[2] != 2 && body[3] >= 1 && body[3] <= 14
	}
	return false
}

// pgpPacket reads the header of a packet (RFC 9580 section 4.2).
func pgpPacket(b []byte) (kind byte, body []byte, ok bool) {
	if len(b) < 6 || b[0]&0x80 == 0 {
		return 0, nil, false
	}
	if b[0]&0x40 != 0 {
		kind = b[0] & 0x3f
		switch {
		case b[1] < 192:
			return kind, b[2:], true
		case b[1] < 224:
			return kind, b[3:], true
		}
		return 0, nil, false
	}
	kind = b[0] >> 2 & 0xf
	switch b[0] & 3 {
	case 0:
		return kind, b[2:], true
	case 1:
		return kind, b[3:], true
	}
	return 0, nil, false
}

func openPGP(b *box) error {
	b.problem(Encrypted, needsKey)
	return nil
}
