// SPDX-License-Identifier: Apache-2.0

// Package salearn takes over what SpamAssassin has learned. It reads the files of "sa-learn --backup", takes messages apart into tokens as
// SpamAssassin's Bayes does, and combines what was counted for them as SpamAssassin does. The result is a prior: what was known before our own model
// (package learn) has learned enough. It learns nothing itself. Package learn/store keeps the counts; filters/bayes asks them.
package salearn

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Token is how SpamAssassin keeps a token: the last five octets of the SHA-1 of its text, as a number of 40 bits.
type Token uint64

// maxTokens bounds the tokens of one database; SpamAssassin keeps about 150,000 by default. In memory each takes 16 octets.
const maxTokens = 4_000_000

// Counts are what SpamAssassin has counted. They do not change, and are safe for many goroutines.
type Counts struct {
	Spam, Ham uint32   // Messages learned.
	tokens    []Token  // In rising order, each once.
	seen      []counts // Of each token.
}

// counts are the messages that a token was in.
type counts struct{ spam, ham uint32 }

// Len is the number of tokens.
func (c *Counts) Len() int { return len(c.tokens) }

// of gives what was counted for a token.
func (c *Counts) of(t Token) (counts, bool) {
	i, ok := slices.BinarySearch(c.tokens, t)
	if !ok {
		return counts{}, false
	}
	return c.seen[i], true
}

// magic begins counts that were kept.
const magic = "mailweir sa counts 1\n"

var errCounts = errors.New("not counts of SpamAssassin that can be read")

// Write writes the counts in a form of our own, which Read reads.
func (c *Counts) Write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	b := binary.AppendUvarint([]byte(magic), uint64(c.Spam))
	b = binary.AppendUvarint(b, uint64(c.Ham))
	b = binary.AppendUvarint(b, uint64(len(c.tokens)))
	var last Token
	for i, t := range c.tokens {
		b = binary.AppendUvarint(b, uint64(t-last))
		b = binary.AppendUvarint(b, uint64(c.seen[i].spam))
		b = binary.AppendUvarint(b, uint64(c.seen[i].ham))
		last = t
		if _, err := out.Write(b); err != nil {
			return err
		}
		b = b[:0]
	}
	if _, err := out.Write(b); err != nil { // What stands in front, if there was no token.
		return err
	}
	return out.Flush()
}

// Read reads what Write wrote. The error tells that it is something else or damaged, or why it could not be read.
func Read(r io.Reader) (*Counts, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(in, head); err != nil || string(head) != magic {
		return nil, errors.Join(errCounts, err)
	}
	n := numbers{in: in}
	c := &Counts{Spam: n.upTo32(), Ham: n.upTo32()}
	total := n.next(maxTokens)
	last := Token(0)
	for i := range total {
		step := n.next(largestToken)
		t := counts{spam: n.upTo32(), ham: n.upTo32()}
		if n.err != nil || i > 0 && step == 0 || last+Token(step) > largestToken {
			break
		}
		last += Token(step)
		c.tokens, c.seen = append(c.tokens, last), append(c.seen, t)
	}
	if n.err != nil || uint64(len(c.tokens)) != total {
		return nil, errors.Join(errCounts, n.err)
	}
	return c, nil
}

// largestToken is the largest number of 40 bits.
const largestToken = 1<<40 - 1

// numbers reads numbers. After an error it gives zeros.
type numbers struct {
	in  *bufio.Reader
	err error
}

func (n *numbers) next(most uint64) uint64 {
	if n.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(n.in)
	if err == nil && v > most {
		err = fmt.Errorf("%d is more than %d", v, most)
	}
	if err != nil {
		n.err = err
		return 0
	}
	return v
}

func (n *numbers) upTo32() uint32 { return uint32(n.next(math.MaxUint32)) }
