// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// maxOctets bounds the octets that grams are taken from, of the header section, of the body and of the visible text.
const maxOctets = 2000

// gramBits is the size of the set in which grams are told apart.
const gramBits = 22

// Multipliers that spread the bits of a gram: 2^32 divided by the golden ratio, and one of MurmurHash3.
const (
	spread      = 0x9e3779b1
	spreadAgain = 0x85ebca6b
)

// grams makes features of every four octets in a row.
type grams struct {
	seen []uint64 // One bit for each value; all 0 between messages.
}

// of gives the grams of a piece of octets, each once, in the order in which they come.
func (g *grams) of(piece []byte) []uint32 {
	if g.seen == nil {
		g.seen = make([]uint64, 1<<gramBits/64)
	}
	out := make([]uint32, 0, len(piece))
	var four uint32
	for i, c := range piece {
		if four = four>>8 | uint32(c)<<24; i < 3 {
			continue
		}
		h := four * spread
		h ^= h >> 15
		h *= spreadAgain
		bit := h >> (32 - gramBits)
		if g.seen[bit/64]&(1<<(bit%64)) == 0 {
			g.seen[bit/64] |= 1 << (bit % 64)
			out = append(out, h)
		}
	}
	for _, h := range out {
		g.seen[h>>(32-gramBits)/64] = 0
	}
	return out[:min(len(out), maxGrams)]
}

// octets are the first ones of the header section, without the fields that are not learned from, and those of the body as it came.
func (s *session) octets(msg *mail.Message) ([]byte, error) {
	head := make([]byte, 0, 2*maxOctets+128)
	for _, f := range msg.Header() {
		if s.strip.strips(strings.ToLower(f.Name)) {
			continue
		}
		if strings.EqualFold(f.Name, "subject") {
			head = append(head, "Subject: "+cut(facts.PlainSubject(f.Value()), maxOctets)+"\n"...)
		} else {
			head = append(head, cut(f.Raw, maxOctets)...)
		}
		if len(head) >= maxOctets {
			head = head[:maxOctets]
			break
		}
	}
	root := msg.Root()
	body := make([]byte, max(0, min(root.End-root.Body, maxOctets)))
	if n, err := msg.Reader().ReadAt(body, root.Body); n < len(body) {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return append(head, body...), nil
}
