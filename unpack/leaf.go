// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/mail"
)

// Place tells where in a message some content is.
type Place struct {
	Part  mail.PartID
	File  string   // File name of the entity, cleaned for display; "" if it has none.
	Names []string // Of archive members, from the outermost archive inward; empty for the entity's body itself.
}

// String is the place as people are told it, such as "evil.zip/inner.zip/eicar.com".
func (p Place) String() string {
	top := p.File
	if top == "" {
		top = "part " + string(p.Part)
	}
	return strings.Join(append([]string{top}, p.Names...), "/")
}

// member is the place of an archive member.
func (p Place) member(name string) Place {
	p.Names = append(slices.Clip(p.Names), name)
	return p
}

// Holder is the kind of thing that some content was taken out of.
type Holder string

// The holders.
const (
	Entity   Holder = "entity"   // The body of an entity of the message.
	Archive  Holder = "archive"  // An archive or a compressed file: its members are files that a user can open.
	Document Holder = "document" // A document: what is in it belongs to it, unless it is a file put in by hand.
	Letter   Holder = "message"  // The body of an entity of a message inside.
	Reading  Holder = "reading"  // The same octets, as some clients read them.
)

// Leaf is some content on its own: the decoded body of an entity or a member of an archive. Filters do not change it.
type Leaf struct {
	Place
	Content io.ReaderAt // Readable by many goroutines until the message is closed.
	Size    int64       // Octets.
	Type    filetype.Type
	Depth   int      // How many containers are around it; 0 for the message itself.
	Within  *Leaf    // What it was taken out of; nil for the body of an entity.
	By      string   // Format that it was taken out by, such as "zip"; "" for the body of an entity.
	Kept    Holder   // The kind of thing it was taken out of.
	Aliases []string // All names that programs may show for it, decoded but not cleaned; the usual one first.
	Sealed  Kind     // Encrypted or Unscannable if no more than the names is known; "" if the content is here.
	Empty   bool     // A container that was read to its end, with nothing in it.
	Facts   []Fact   // What a document does, as its reader says.
	Links   []string // URIs in a document, as they stand there.

	base    *Leaf  // What it is a section of; nil if it is none.
	at      int64  // Where in that.
	signs   *signs // While it is being opened.
	covered ranges // Of its octets, those that are leaves as they stand there.
}

// Fact is something that a document does or holds, such as a program.
type Fact struct {
	Code   string // Stable: "macro.vba".
	Detail string // One line, in plain words.
}

// Reader reads the content from its start.
func (l *Leaf) Reader() *io.SectionReader { return io.NewSectionReader(l.Content, 0, l.Size) }

// Contents is all that is in a message.
type Contents struct {
	Leaves   []*Leaf // In the order of the walk: a container stands before what is in it.
	Problems []Problem

	arena *mail.Spool // What was decoded and unpacked.
}

// Close gives back what the leaves' content is kept in. The message does so when it is closed.
func (c *Contents) Close() error { return c.arena.Close() }

// Kind is what kept content from being looked at as a whole.
type Kind string

// The kinds.
const (
	Encrypted   Kind = "encrypted"   // It needs a password. What could be read without one is there.
	Unscannable Kind = "unscannable" // A limit or an unknown method: it is not there, or not whole.
	Damaged     Kind = "damaged"     // It is there as far as it could be read; other programs may read something else.
	Ambiguous   Kind = "ambiguous"   // A message inside that mail clients may read in two ways.
)

// Problem tells of content that could not be shown, or not as everybody else may see it.
type Problem struct {
	Place
	Kind   Kind
	Detail string // One line; names in it are cleaned.
}

// String is the problem on one line.
func (p Problem) String() string { return p.Place.String() + ": " + p.Detail }
