// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"io"
	"math"
	"strings"
)

// Ways in which Rebuild writes the body of an entity.
const (
	asText      = iota // Read as a whole and encoded.
	asStream           // In base64, piece by piece.
	asMultipart        // Its children with a boundary of ours.
	asMessage          // Its child.
	asSealed           // As it is, which is signed or encrypted.
	asIs               // As it is, which is regular.
)

// planned is how an entity is written.
type planned struct {
	kind      int
	children  []*Part // Of this message, or of one that was in a transfer encoding.
	mediaType string
	encoding  string // Transfer encoding; "" if it needs none.
	asFile    bool   // A limit kept it from being read: what it says of itself is nothing to go by.
	eightBit  bool   // Octets over 127 are in it or in what it holds.
	leftOut   int64  // Octets with body parts in them that are before and behind those of a multipart.
	head      []byte // Header section, once written, if it has no boundary of ours.
}

// plan is how a message is written anew.
type plan struct {
	msg      *Message
	entities map[*Part]*planned
	decoded  int64 // Octets of entities in a transfer encoding that were looked into; they are kept.
}

// maxDecoded bounds how many times the octets of the message are kept of what is in a transfer encoding and holds entities. Each level of such entities in
// one another counts, as none need be shorter than the one around it.
const maxDecoded = 4

// entity plans p, which is depth levels inside messages in transfer encodings, and what is in it. It is as deep in calls as the tree.
func (l *plan) entity(p *Part, depth int) error {
	e := &planned{mediaType: p.MediaType, children: p.Children}
	l.entities[p] = e
	e.eightBit = l.headHigh(p, e)
	switch {
	case p.opaque:
		e.kind, e.mediaType, e.encoding, e.asFile, e.eightBit = asStream, "application/octet-stream", "base64", true, false
		return nil
	case isSeal(p) && p.clean() && p.complete():
		e.kind = asSealed
		high, err := hasHigh(p.Raw())
		e.eightBit = e.eightBit || high
		return err
	case p.IsLeaf():
		return l.leaf(p, e, depth)
	}
	return l.composite(p, e, depth)
}

// headHigh tells if octets over 127 are in the header section as it will be. What is made anew has none.
func (l *plan) headHigh(p *Part, e *planned) bool {
	for _, f := range p.Header {
		if !isASCII(f.Raw) {
			r := rebuilder{plan: l, lineEnd: l.msg.lineEnd}
			return !isASCII(string(r.header(p, e, "")))
		}
	}
	return false
}

// isSeal tells if p is a multipart whose octets are signed or encrypted (RFC 1847).
func isSeal(p *Part) bool {
	return p.MediaType == "multipart/signed" || p.MediaType == "multipart/encrypted"
}

// clean tells that neither p nor anything in it can be read in two ways.
func (p *Part) clean() bool {
	if p.opaque || p.ambiguous() {
		return false
	}
	for _, c := range p.Children {
		if !c.clean() {
			return false
		}
	}
	return true
}

// complete tells that each entity in p has the end of its header section, so that it does not matter what follows p.
func (p *Part) complete() bool {
	for _, c := range p.Children {
		if c.sep == c.Body || !c.complete() {
			return false
		}
	}
	return true
}

// composite plans an entity that holds others.
func (l *plan) composite(p *Part, e *planned, depth int) error {
	e.kind = asMessage
	if strings.HasPrefix(p.MediaType, "multipart/") {
		e.kind = asMultipart
		if p.defects&(1<<mimePreamblePart|1<<mimeEpiloguePart) != 0 {
			e.leftOut = p.outside()
		}
	}
	for _, c := range e.children {
		if err := l.entity(c, depth); err != nil {
			return err
		}
		e.eightBit = e.eightBit || l.entities[c].eightBit
	}
	if e.eightBit {
		e.encoding = "8bit"
	}
	return nil
}

// outside counts the octets of a multipart that are before, between and behind its body parts.
func (p *Part) outside() int64 {
	sum, off := int64(0), p.Body
	for _, c := range p.Children {
		sum, off = sum+c.Boundary-off, c.next
	}
	return sum + max(p.End-off, 0)
}

// leaf plans an entity that holds no other, or one that is in a transfer encoding.
func (l *plan) leaf(p *Part, e *planned, depth int) error {
	composite := isMessage(p.MediaType) || strings.HasPrefix(p.MediaType, "multipart/")
	if composite && newDecoder(p.Encoding) != nil {
		inside, err := l.inside(p, depth)
		if err != nil {
			return err
		}
		if inside != nil {
			e.children = inside
			return l.composite(p, e, depth+1)
		}
	}
	if composite {
		e.mediaType = "text/plain" // There is nothing in it for anybody who reads it as we do.
	}
	if newDecoder(p.Encoding) != nil && p.Encoding != "quoted-printable" {
		e.kind, e.encoding = asStream, "base64"
		return nil
	}
	return l.choose(p, e)
}

// inside are the entities of a multipart or message that is in a transfer encoding; nil if there are none, or a limit forbids to look.
func (l *plan) inside(p *Part, depth int) ([]*Part, error) {
	l.decoded += p.End - p.Body
	if l.msg.budget.Depth(depth+p.Depth+1) != nil || l.decoded > maxDecoded*l.msg.size {
		return nil, nil //nolint:nilerr // a limit: nothing is looked at
	}
	var b bytes.Buffer
	if !isMessage(p.MediaType) {
		b.WriteString("Content-Type: " + formatContent(p.MediaType, []param{{name: "boundary", value: p.Params["boundary"]}}) + "\r\n\r\n")
	}
	if _, err := io.Copy(&b, p.Open()); err != nil {
		return nil, err
	}
	m, err := Parse(bytes.NewReader(b.Bytes()), int64(b.Len()), l.msg.budget.again())
	if err != nil {
		return nil, err
	}
	if isMessage(p.MediaType) {
		return []*Part{m.root}, nil
	}
	return m.root.Children, nil
}

// choose finds the transfer encoding of a body that has none or is in quoted-printable.
func (l *plan) choose(p *Part, e *planned) error {
	text, err := l.content(p, e)
	if err != nil {
		return err
	}
	ascii := isASCII(string(text))
	switch {
	case !l.regular(text) || p.Encoding == "quoted-printable":
		e.encoding = "base64"
		if l.isText(p, e) {
			e.encoding = "quoted-printable"
		}
	case !ascii:
		e.encoding, e.eightBit = "8bit", true
	}
	// Line ends that were made alike would have changed its length.
	if newDecoder(p.Encoding) == nil && e.encoding != "base64" && e.encoding != "quoted-printable" && int64(len(text)) == p.End-p.Body && !p.msg.endsLinesWithCR() {
		e.kind = asIs
	}
	return nil
}

// regular tells if text can stand in a message as it is: its line ends are the message's, no line is too long.
func (l *plan) regular(text []byte) bool {
	for line := range bytes.Lines(text) {
		line, ended := bytes.CutSuffix(line, []byte(l.msg.lineEnd))
		if len(line) > maxLine || bytes.ContainsAny(line, "\x00\r") || !ended && bytes.HasSuffix(line, []byte("\n")) {
			return false
		}
	}
	return true
}

// isText tells if it is lines that the body is made of, with line ends of any kind.
func (l *plan) isText(p *Part, e *planned) bool {
	return strings.HasPrefix(e.mediaType, "text/") && isTransparent(lower(p.Params["charset"]))
}

// content is the body of p without its transfer encoding, with the line ends of the message where that makes no difference.
func (l *plan) content(p *Part, e *planned) ([]byte, error) {
	text, err := p.read(p.Open(), math.MaxInt64)
	if err != nil {
		return nil, err
	}
	if p.msg.endsLinesWithCR() {
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	if l.isText(p, e) || newDecoder(p.Encoding) == nil {
		text = withLineEnds(text, l.msg.lineEnd)
	}
	return text, nil
}

// endsLinesWithCR tells if the lines of m end with CR alone.
func (m *Message) endsLinesWithCR() bool { return m.root.defects&(1<<lineCROnly) != 0 }

// body is the body of p as it is written.
func (l *plan) body(p *Part, e *planned) ([]byte, error) {
	text, err := l.content(p, e)
	if err != nil {
		return nil, err
	}
	switch e.encoding {
	case "quoted-printable":
		q := qpWriter{lineEnd: l.msg.lineEnd, text: true}
		q.write(text, false)
		return q.out, nil
	case "base64":
		return appendBase64(nil, text, l.msg.lineEnd, p == l.msg.root), nil
	}
	return text, nil
}

// hasHigh tells if octets over 127 are in what r reads.
func hasHigh(r io.Reader) (bool, error) {
	buf := make([]byte, decodeBuffer)
	for {
		n, err := r.Read(buf)
		if !isASCII(string(buf[:n])) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
