// SPDX-License-Identifier: Apache-2.0

// Package mail is the vocabulary of mailweir: the envelope, the message and its MIME tree by octet offsets, header
// fields, edits, and the spool that holds a message while it is looked at.
package mail

import (
	"crypto/rand"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"
)

// PartID names an entity of a message by its place in the tree: "1" is the message itself, "1.2" its second body part,
// "1.2.1" the message nested in that.
type PartID string

// Message is one spooled message and its MIME tree by octet offsets. It never changes; safe for many goroutines. What filters derive
// from it is kept with it, see Shared, until it is closed.
type Message struct {
	r        io.ReaderAt
	size     int64
	root     *Part
	defects  []Defect
	budget   *Budget
	lineEnd  string
	boundary func() string // Of what is wrapped around it: nobody can guess it, and each Write has the same.
	shared   shared
}

// Part is one entity (RFC 2045 section 2.4). All offsets count octets from the start of the message.
type Part struct {
	ID       PartID
	Parent   *Part   // The multipart or message/rfc822 that it is in; nil for the message itself.
	Children []*Part // Body parts of a multipart, or the nested message of a message/rfc822.
	Depth    int     // 0 for the message itself.

	Boundary int64 // Of the delimiter line before it; the same as Start if there is none.
	Start    int64 // Of the header section.
	Body     int64 // Of the body, behind the empty line.
	End      int64 // Behind the last octet of the body; the line end before the next delimiter does not belong to it.

	Header      Header            // The header section's fields in order.
	MediaType   string            // Lower case type/subtype; the default of RFC 2046 if the entity names none.
	Params      map[string]string // Parameters of Content-Type by lower-case name, RFC 2231 decoded; nil if there are none.
	Encoding    string            // Transfer encoding in lower case: 7bit, 8bit, binary, quoted-printable, base64, or as given.
	Disposition string            // Lower case: inline, attachment, as given; "" if there is no such field.

	msg     *Message
	sep     int64  // Of the empty line behind the header section; the same as Body if there is none.
	next    int64  // Of the delimiter line behind it; the same as End if there is none.
	defects uint64 // Bit set of the defects that it has.
	opaque  bool   // A limit kept us from reading it.
}

// Parse reads the structure of the message that the first size octets of r are. It holds header sections and the tree in
// memory, never bodies, and reads each octet about once. r must stay readable as long as the message is used; if it has a method
// Bytes() []byte that gives the whole content, that is looked at in place.
// The error tells that r failed. Damage and limits become Defects; what a limit hides stays reachable as the body of a leaf.
func Parse(r io.ReaderAt, size int64, b *Budget) (*Message, error) {
	m := &Message{r: r, size: size, budget: b, lineEnd: "\r\n", boundary: sync.OnceValue(rand.Text)}
	w := newWalker(m)
	w.walk()
	if w.src.err != nil {
		return nil, w.src.err
	}
	m.defects = w.defects.list
	return m, nil
}

// Size is the number of octets of the message.
func (m *Message) Size() int64 { return m.size }

// Reader reads the whole message as it is.
func (m *Message) Reader() *io.SectionReader { return io.NewSectionReader(m.r, 0, m.size) }

// Header is the header section of the message itself.
func (m *Message) Header() Header { return m.root.Header }

// Root is the entity that the message is; it is never nil.
func (m *Message) Root() *Part { return m.root }

// Defects are what had to be forgiven, in the order of reading.
func (m *Message) Defects() []Defect { return m.defects }

// Budget is the budget that Parse was given.
func (m *Message) Budget() *Budget { return m.budget }

// LineEnd is what ends lines that are added to the message: LF if that ends its first line, else CRLF.
func (m *Message) LineEnd() string { return m.lineEnd }

// Part finds an entity by its place; nil if there is none.
func (m *Message) Part(id PartID) *Part {
	path, ok := strings.CutPrefix(string(id), string(m.root.ID))
	p := m.root
	for ok && path != "" {
		var step string
		path, ok = strings.CutPrefix(path, ".")
		if i := strings.IndexByte(path, '.'); i >= 0 {
			step, path = path[:i], path[i:]
		} else {
			step, path = path, ""
		}
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > len(p.Children) {
			return nil
		}
		p = p.Children[n-1]
	}
	if !ok || p.ID != id {
		return nil
	}
	return p
}

// Parts goes through the leaves, depth first, those of nested messages included.
func (m *Message) Parts() iter.Seq[*Part] {
	return func(yield func(*Part) bool) { m.root.leaves(yield) }
}

// leaves is as deep in calls as the tree, which the budget bounds.
func (p *Part) leaves(yield func(*Part) bool) bool {
	if p.IsLeaf() {
		return yield(p)
	}
	for _, c := range p.Children {
		if !c.leaves(yield) {
			return false
		}
	}
	return true
}

// isMessage tells that p is a message: the outermost or one nested in a message/rfc822.
func (p *Part) isMessage() bool {
	return p.Parent == nil || !strings.HasPrefix(p.Parent.MediaType, "multipart/")
}

// IsLeaf tells that nothing is in it: neither a multipart with body parts nor a message that was looked into.
func (p *Part) IsLeaf() bool { return len(p.Children) == 0 }

// Raw reads the body as it is.
func (p *Part) Raw() *io.SectionReader { return io.NewSectionReader(p.msg.r, p.Body, p.End-p.Body) }

// Entity reads the header section and the body as they are.
func (p *Part) Entity() *io.SectionReader {
	return io.NewSectionReader(p.msg.r, p.Start, p.End-p.Start)
}

// Preamble reads what is between the header section of a multipart and its first body part; nothing if p has none.
func (p *Part) Preamble() *io.SectionReader {
	if p.IsLeaf() {
		return io.NewSectionReader(p.msg.r, p.Body, 0)
	}
	return io.NewSectionReader(p.msg.r, p.Body, p.Children[0].Boundary-p.Body)
}

// Epilogue reads what is behind the last body part of a multipart, with its close delimiter; nothing if p has none.
func (p *Part) Epilogue() *io.SectionReader {
	if p.IsLeaf() {
		return io.NewSectionReader(p.msg.r, p.End, 0)
	}
	last := p.Children[len(p.Children)-1]
	return io.NewSectionReader(p.msg.r, last.next, max(p.End-last.next, 0))
}
