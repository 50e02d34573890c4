// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// View is one side of a message, at which a learner looks apart from the others.
type View int

// The views. Each feature is in one. Hidden stands last: no learner looks at it alone.
const (
	Text   View = iota // Words of the visible text.
	Pairs              // Two words of it that follow each other, or have one between them.
	Names              // Subject, addresses, display names, identifiers.
	Trace              // Received fields, order and shape of fields, media types, sizes, file names.
	Links              // Hosts, domains, paths and shapes of links.
	Facts              // Names of facts, as package facts finds them.
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

// Features are what the learners know of a message: hashes, in each list each once. No text can be read from them.
type Features struct {
	Views   [views][]uint32
	Grams   []uint32 // Of four octets each, from the beginnings of the header section and of the body.
	Letters []uint32 // Of four octets each, from the beginning of the visible text.
}

// Encode gives the form in which features are kept: for each list its length and its hashes, four octets each, low octet first.
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
