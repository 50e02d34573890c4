// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// secretOctets is the length of a secret; its file has it in hexadecimal digits.
const secretOctets = 32

// Secret makes keys that mean nothing to who does not have it. Safe for many goroutines.
type Secret struct {
	key [secretOctets]byte
}

var errNoSecret = errors.New("is no secret: want 64 hexadecimal digits")

// OpenSecret reads the secret from its file, which is made if it is not there, with a new secret that only its owner can read. Who loses the file has
// forgotten all that was remembered with it.
func OpenSecret(path string) (*Secret, error) {
	s, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if err := makeSecret(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make secret: %w", err)
	}
	return readSecret(path) // Somebody else may have been first.
}

func readSecret(path string) (*Secret, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("read secret: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case info.Mode().Perm()&0o007 != 0:
		return nil, fmt.Errorf("%s: everybody may use the secret (mode %04o); want 0600 or 0640", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, 2*secretOctets+3))
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimRight(string(text), "\r\n"))
	if err != nil || len(key) != secretOctets {
		return nil, fmt.Errorf("%s: %w", path, errNoSecret)
	}
	s := &Secret{}
	copy(s.key[:], key)
	return s, nil
}

// LookSecret is OpenSecret for who may not make anything: if the file is not there, nothing was remembered, and the secret is one that nobody else has.
func LookSecret(path string) (*Secret, error) {
	s, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	s = &Secret{}
	_, _ = rand.Read(s.key[:]) // It never fails.
	return s, nil
}

// makeSecret writes a new secret and gives it its name when it is whole: nobody reads a half, and of two who do this one wins.
func makeSecret(path string) error {
	var key [secretOctets]byte
	_, _ = rand.Read(key[:]) // It never fails.
	temporary := path + "." + hex.EncodeToString(key[:4])
	_, _ = rand.Read(key[:])
	f, err := openOwn(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary) }()
	_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Link(temporary, path)
}

// Key is the key of something: its kind, and the parts that make it up.
func (s *Secret) Key(kind string, parts ...string) Key {
	h := hmac.New(sha256.New, s.key[:])
	var length [4]byte
	write := func(text string) {
		binary.BigEndian.PutUint32(length[:], uint32(len(text))) // So that no two lists of parts look the same.
		h.Write(length[:])
		h.Write([]byte(text))
	}
	write(kind)
	for _, p := range parts {
		write(p)
	}
	var sum [sha256.Size]byte
	return Key(h.Sum(sum[:0])[:len(Key{})])
}

// Group is the group of entries that belong to somebody.
func (s *Secret) Group(who string) uint8 { return s.Key("group", who)[0] }
