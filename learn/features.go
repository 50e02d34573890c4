// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// View is one side of a message that the learners look at for itself.
type View int

// The views. Each feature is in one.
const (
	Text   View = iota // Words of the visible text.
	Pairs              // Two words of it that follow each other, or have one between them.
	Names              // Subject, addresses, display names, identifiers.
	Trace              // Received fields, order and shape of fields, media types, sizes, file names.
	Links              // Hosts, domains, paths and shapes of links.
	Said               // Names of facts, as package facts finds them.
	Hidden             // Words that are not to be seen.
	views
)

// String is the view in a word.
func (v View) String() string {
	return [...]string{"text", "pairs", "names", "trace", "links", "facts", "hidden"}[v]
}

// Limits of one message's features.
const (
	maxFeatures = 8000 // Of one view.
	maxGrams    = 8000 // Of one piece of octets.
)

// Features are what the learners know of a message: hashes, each once. No text can be read from them.
type Features struct {
	Views   [views][]uint32
	Grams   []uint32 // Of four octets each, from where the header section and the body begin.
	Letters []uint32 // Of four octets each, from where the visible text begins.
}

// Encode is the form in which features are kept: for each list its length and its hashes, four octets each, low octet first.
func (f *Features) Encode() []byte {
	out := make([]byte, 0, 4*(f.count()+lists))
	for _, list := range f.lists() {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(list)))
		for _, h := range list {
			out = binary.LittleEndian.AppendUint32(out, h)
		}
	}
	return out
}

var errFeatures = errors.New("not features of a message")

// DecodeFeatures reads what Encode wrote.
func DecodeFeatures(b []byte) (*Features, error) {
	f := &Features{}
	for i := range lists {
		if len(b) < 4 {
			return nil, errFeatures
		}
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		if n > maxFeatures || int(n)*4 > len(b) {
			return nil, fmt.Errorf("%w: %d hashes in %d octets", errFeatures, n, len(b))
		}
		list := make([]uint32, n)
		for j := range list {
			list[j] = binary.LittleEndian.Uint32(b[4*j:])
		}
		b = b[4*n:]
		switch {
		case i < int(views):
			f.Views[i] = list
		case i == int(views):
			f.Grams = list
		default:
			f.Letters = list
		}
	}
	if len(b) != 0 {
		return nil, errFeatures
	}
	return f, nil
}

// lists is the number of lists of a message's features.
const lists = int(views) + 2

func (f *Features) lists() [lists][]uint32 {
	var out [lists][]uint32
	copy(out[:], f.Views[:])
	out[views], out[views+1] = f.Grams, f.Letters
	return out
}

func (f *Features) count() int {
	n := 0
	for _, l := range f.lists() {
		n += len(l)
	}
	return n
}

// words is the number of features that are not grams.
func (f *Features) words() int { return f.count() - len(f.Grams) - len(f.Letters) }

// bag collects the features of one message.
type bag struct {
	views [views][]uint32
	names map[uint32]string // What features are, for people; nil if nobody asks.
}

// reset empties the bag for the next message.
func (b *bag) reset() {
	for i := range b.views {
		b.views[i] = b.views[i][:0]
	}
	b.names = nil
}

// add puts a feature in. name is called if somebody wants to know what it is.
func (b *bag) add(v View, h hash, name func() string) {
	if len(b.views[v]) >= maxFeatures {
		return
	}
	id := h.fold()
	b.views[v] = append(b.views[v], id)
	if b.names != nil {
		b.names[id] = v.String() + " " + name()
	}
}

// features are what is in the bag, each once, in slices of their own.
func (b *bag) features() *Features {
	f := &Features{}
	for i, list := range b.views {
		slices.Sort(list)
		list = slices.Compact(list)
		f.Views[i] = append(make([]uint32, 0, len(list)), list...)
	}
	return f
}

// hash is FNV-1a with 64 bits over the pieces of a feature. It is the same on every machine, because models are kept.
type hash uint64

const (
	hashStart hash = 14695981039346656037
	hashPrime hash = 1099511628211
)

// hashOf is the hash of a feature of that kind.
func hashOf(kind, value string) hash { return hashStart.string(kind).with(hashStart.string(value)) }

func (h hash) string(s string) hash {
	for i := range len(s) {
		h = (h ^ hash(s[i])) * hashPrime
	}
	return h
}

// with goes on with another hash, as one more piece.
func (h hash) with(o hash) hash {
	h ^= o + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	return h * hashPrime
}

// fold ends a hash: 32 well-mixed bits.
func (h hash) fold() uint32 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return uint32(h >> 32)
}
