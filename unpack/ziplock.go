// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"

	"github.com/mailweir/mailweir/unpack/zipcrypt"
)

// classicRounds is what one try on the traditional encryption counts for: it is about as long as a password.
const classicRounds = 64

// visitEncrypted visits an encrypted member, if a password fits or its flag lies.
func (z *zipFile) visitEncrypted(m packedMember) (outcome, error) {
	o := outcome{kind: Encrypted, detail: needsPassword}
	if m.flags&flagStrong != 0 {
		o.detail = "needs a password or a key (strong encryption)"
	} else {
		opened, done, err := z.decrypt(m)
		if done || err != nil {
			return opened, err
		}
	}
	if m.crc == 0 {
		return o, nil
	}
	// The flag may lie, and some programs do not look at it.
	start := z.contents.arena.Size()
	got, err := z.unpack(z.contents.arena, m)
	var no *refusal
	switch {
	case errors.As(err, &no) || err == nil && got.fault(m) != "":
		return o, nil // It is no lie: what came out is noise.
	case err != nil:
		return o, err
	}
	plain, err := z.keep(m, got, start)
	plain.kind, plain.detail = o.kind, o.detail
	return plain, err
}

// decrypt tries the passwords; done is false if none fits.
func (z *zipFile) decrypt(m packedMember) (o outcome, done bool, err error) {
	head, err := z.lockHeader(m)
	if err != nil || head == nil {
		return outcome{}, false, err
	}
	for _, password := range z.passwords() {
		unlock, err := z.tryLock(m, password, head)
		if err != nil {
			return outcome{}, false, err
		}
		if unlock == nil {
			continue
		}
		open := m
		open.unlock = unlock
		if m.aes.Strength != 0 {
			open.method = m.aes.Method
		}
		start := z.contents.arena.Size()
		got, err := z.unpack(z.contents.arena, open)
		var no *refusal
		switch {
		case errors.As(err, &no):
			z.opened(password)
			return outcome{kind: Unscannable, detail: no.detail}, true, nil
		case err != nil:
			return outcome{}, false, err
		case got.fault(open) != "" && m.aes.Strength == 0:
			continue // One wrong password of 256 gets this far.
		}
		z.opened(password)
		o, err := z.keep(open, got, start)
		return o, true, err
	}
	return outcome{}, false, nil
}

// lockHeader reads what stands before encrypted data; nil if it cannot be decrypted.
func (z *zipFile) lockHeader(m packedMember) ([]byte, error) {
	n := zipcrypt.HeaderLen
	least := n
	switch {
	case m.aes.Strength != 0:
		n, least = m.aes.HeaderLen(), m.aes.Overhead()
	case m.method == methodAES || m.crc == 0 && m.size != 0:
		// Without the checksum nobody can tell if what comes out of the traditional encryption is noise.
		return nil, nil
	}
	if m.packed < int64(least) {
		return nil, nil
	}
	head := make([]byte, n)
	if err := readAt(z.c.r, head, m.data); err != nil {
		return nil, ignoreMissing(err)
	}
	return head, nil
}

// tryLock tries a password; nil if it does not fit, or may not be tried any more.
func (z *zipFile) tryLock(m packedMember, password string, head []byte) (unlock func(io.Reader) (io.Reader, error), err error) {
	if err := z.stopped(); err != nil {
		return nil, err
	}
	if m.aes.Strength != 0 {
		if !z.affords(int64(m.aes.Rounds())) {
			return nil, nil
		}
		key, ok, err := m.aes.NewKey(password, head)
		if err != nil || !ok {
			return nil, err
		}
		return behind(len(head), func(r io.Reader) io.Reader { return key.Reader(r, m.packed-int64(m.aes.Overhead())) }), nil
	}
	if !z.affords(classicRounds) {
		return nil, nil
	}
	checks := []byte{byte(m.crc >> 24)}
	if m.flags&flagDescriptor != 0 {
		checks = append(checks, byte(m.time>>8))
	}
	for _, check := range checks {
		if keys, ok := zipcrypt.NewKeys(password, [zipcrypt.HeaderLen]byte(head), check); ok {
			return behind(len(head), keys.Reader), nil
		}
	}
	return nil, nil
}

// behind decrypts what follows n octets.
func behind(n int, decrypt func(io.Reader) io.Reader) func(io.Reader) (io.Reader, error) {
	return func(r io.Reader) (io.Reader, error) {
		if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
			return nil, orUnexpected(err)
		}
		return decrypt(r), nil
	}
}
