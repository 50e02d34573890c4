// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
)

// headerSize is the length of a message's header (RFC 1035 section 4.1.1).
const headerSize = 12

// query is a message that was sent, and the octets that an answer to it has to have.
type query struct {
	wire     []byte
	question []byte // Of wire: name with its upper and lower case, type and class.
}

// newQuery packs a question. Its ID, and if mixed the case of each letter of the name, are random, so that somebody who does not see the query has to guess
// them (draft-vixie-dnsext-dns0x20); the port is random because each query has a socket of its own.
func newQuery(q question, edns, mixed bool) (*query, error) {
	var m dns.Msg
	m.SetQuestion(q.name+".", q.qtype)
	if edns {
		m.SetEdns0(udpSize, false)
	}
	wire, err := m.Pack()
	if err != nil {
		return nil, fmt.Errorf("pack query: %w", err)
	}
	end := headerSize + len(q.name) + 2 + 4 // The length of the first label, the root, type and class.
	if len(wire) < end {
		return nil, fmt.Errorf("pack query: %d octets for %d of a name", len(wire), len(q.name))
	}
	var dice [2 + (maxName+7)/8]byte
	if _, err := rand.Read(dice[:]); err != nil {
		return nil, fmt.Errorf("random octets: %w", err)
	}
	copy(wire, dice[:2])
	if mixed {
		shuffleCase(wire[headerSize:end-4], dice[2:])
	}
	return &query{wire: wire, question: wire[headerSize:end]}, nil
}

// shuffleCase gives each letter of a name in wire form the case of one random bit. Lengths of labels are below 64, so they are no letters.
func shuffleCase(name, dice []byte) {
	for i, c := range name {
		if c|0x20 >= 'a' && c|0x20 <= 'z' && c >= 'A' && dice[(i/8)%len(dice)]>>(i%8)&1 == 1 {
			name[i] ^= 0x20
		}
	}
}

// match is how well a message fits a query.
type match int

const (
	stranger  match = iota // Not an answer to it.
	otherCase              // An answer, but for the case of the name: a server that does not keep it, or somebody who guesses.
	headOnly               // A header without the question, which says that the server did not understand it.
	fits
)

// match compares a message with the query: ID, direction, operation and question.
func (q *query) match(msg []byte) match {
	if len(msg) < headerSize || msg[0] != q.wire[0] || msg[1] != q.wire[1] {
		return stranger
	}
	const response, opcode = 0x80, 0x78
	if msg[2]&response == 0 || msg[2]&opcode != 0 {
		return stranger
	}
	switch rcode := int(msg[3] & 0x0f); binary.BigEndian.Uint16(msg[4:6]) {
	case 0:
		if len(msg) == headerSize && (rcode == dns.RcodeFormatError || rcode == dns.RcodeNotImplemented) {
			return headOnly
		}
		return stranger
	case 1:
	default:
		return stranger
	}
	if len(msg) < headerSize+len(q.question) {
		return stranger
	}
	got := msg[headerSize : headerSize+len(q.question)]
	switch {
	case bytes.Equal(got, q.question):
		return fits
	case bytes.EqualFold(got, q.question):
		return otherCase
	}
	return stranger
}

// truncated tells if the answer did not fit into the datagram (RFC 1035 section 4.1.1, TC).
func truncated(msg []byte) bool { return msg[2]&0x02 != 0 }
