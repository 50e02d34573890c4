// SPDX-License-Identifier: Apache-2.0

// Package mail is the vocabulary of mailweir: the envelope, the message and its MIME tree by octet offsets, header
// fields, edits, and the spool that holds a message while it is looked at.
package mail

import (
	"fmt"
	"io"
)

// PartID names an entity of a message by its place in the tree: "1" is the message itself, "1.2" its second body part,
// "1.2.1" the message nested in that.
type PartID string

// Message is one spooled message and its MIME tree by octet offsets. It never changes; safe for many goroutines.
type Message struct {
	r       io.ReaderAt
	size    int64
	root    *Part
	parts   map[PartID]*Part
	defects []Defect
	budget  *Budget
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
	Params      map[string]string // Parameters of Content-Type by lower-case name, RFC 2231 decoded.
	Encoding    string            // Transfer encoding in lower case: 7bit, 8bit, binary, quoted-printable, base64, or as given.
	Disposition string            // Lower case: inline, attachment, as given; "" if there is no such field.

	msg *Message
}

// Header is the header section of an entity: all its fields in order.
type Header []Field

// Field is one header field. Raw holds its octets: name, colon, body with its folding, line end.
type Field struct {
	Name   string // As given, without blanks before the colon; "" if the line has no colon.
	Raw    string
	Offset int64 // Of the first octet of the name in the message.
}

// Defect is something that had to be forgiven when the message was read.
type Defect struct {
	Code   string // Stable: "header.no_colon", "mime.missing_close", "limit.depth".
	Part   PartID
	Offset int64
	Detail string
}

// Edit is one change, as a value: it can be listed, compared by its String, and left undone.
type Edit interface {
	fmt.Stringer
	Apply(d *Draft) error
}

// Draft is a message with the changes so far. An Edit adds its own.
type Draft struct {
	msg *Message
}
