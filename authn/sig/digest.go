// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"crypto"
	"errors"
	"hash"
	"strings"
)

var errHash = errors.New("hash cannot be copied")

// Digest hashes header fields in the order in which they are given.
type Digest struct {
	hash  hash.Hash
	canon Canon
}

// NewDigest begins.
func NewDigest(algo crypto.Hash, c Canon) *Digest { return &Digest{hash: algo.New(), canon: c} }

// Add takes a field as it is.
func (d *Digest) Add(f Field) { d.hash.Write([]byte(d.canon.Field(f))) }

// Sum ends with the field that carries the signature, without the value of its b= and without its CRLF (RFC 6376 section 3.7).
func (d *Digest) Sum(own Field) []byte {
	d.hash.Write([]byte(strings.TrimSuffix(d.canon.Field(WithoutB(own)), "\r\n")))
	return d.hash.Sum(nil)
}

// SumHere is like Sum, and more can be added afterwards.
func (d *Digest) SumHere(own Field) ([]byte, error) {
	c, ok := d.hash.(hash.Cloner)
	if !ok {
		return nil, errHash
	}
	here, err := c.Clone()
	if err != nil {
		return nil, err
	}
	return (&Digest{hash: here, canon: d.canon}).Sum(own), nil
}

// AddNamed takes the fields that an h= list names: of each name the last one that was not taken yet (RFC 6376 section 5.4.2). own is the index of the
// field that carries the signature, which is never taken here; -1 if it is not in the message. It gives how many of each name were taken.
func (d *Digest) AddNamed(m *Message, names []string, own int) map[string]int {
	taken := map[string]int{}
	next := map[string]int{}
	for _, name := range names {
		name = strings.ToLower(name)
		all := m.All(name)
		i := len(all) - 1 - next[name]
		if i >= 0 && all[i] == own {
			next[name]++
			i--
		}
		if i < 0 || name == "" {
			continue
		}
		next[name]++
		taken[name]++
		d.Add(m.Fields[all[i]])
	}
	return taken
}

// WithoutB is a field without the value of its b= tag.
func WithoutB(f Field) Field {
	name, body, _ := strings.Cut(f.Raw, ":")
	var b strings.Builder
	b.WriteString(name)
	b.WriteByte(':')
	for more := true; more; {
		var spec string
		spec, body, more = strings.Cut(body, ";")
		if tag, _, ok := strings.Cut(spec, "="); ok && trim(tag) == "b" {
			spec = tag + "="
		}
		b.WriteString(spec)
		if more {
			b.WriteByte(';')
		}
	}
	f.Raw = strings.TrimSuffix(b.String(), "\r\n") + "\r\n"
	return f
}
