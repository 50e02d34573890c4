// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// maxBoundary bounds the octets of a boundary. RFC 2046 section 5.1.1 allows 70; a line may have 998.
const maxBoundary = 998

// walker builds the tree of entities in one pass from the front to the back. What is open at the octet that it looks at is a stack,
// as deep as the budget allows, so nothing is read twice and nothing recurses.
type walker struct {
	msg     *Message
	src     window
	defects defects
	open    []frame
	fields  []fieldMark // Scratch of the header section being read.
	eol     byte        // Last octet of a line end.
	stopped bool        // A limit was hit that leaves the rest unread.
	passed  int64       // Of the header section read last, see section.
}

// frame is an entity whose end is not known yet.
type frame struct {
	part     *Part
	boundary string // Of a multipart; else "".
	closed   bool   // The close delimiter was seen.
}

func newWalker(m *Message) *walker {
	w := &walker{msg: m, src: newWindow(m.r, m.size), eol: '\n', open: make([]frame, 0, 8)}
	switch i := w.firstLF(); {
	case i < 0 && bytes.IndexByte(w.src.from(0, windowSize), '\r') >= 0:
		w.eol = '\r'
	case i == 0, i > 0 && w.src.text(i-1, i) != "\r":
		m.lineEnd = "\n"
	}
	return w
}

// firstLF is the offset of the first LF in the message; -1 if there is none.
func (w *walker) firstLF() int64 {
	for off := int64(0); ; {
		b := w.src.from(off, lineHead)
		if len(b) == 0 {
			return -1
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return off + int64(i)
		}
		off += int64(len(b))
	}
}

// walk reads the whole message.
func (w *walker) walk() {
	w.msg.root = &Part{ID: "1", msg: w.msg}
	if w.eol == '\r' {
		w.defects.add(lineCROnly, w.msg.root, 0, "")
	}
	off := w.entity(w.msg.root)
	for !w.stopped {
		d, ok := w.delimiter(off)
		if !ok {
			break
		}
		w.closeAbove(d.frame, d.start)
		f := &w.open[d.frame]
		if f.closed {
			w.between(f.part, off, d.start)
		}
		if d.close {
			f.closed = true
			off = d.end
			continue
		}
		if f.closed {
			f.closed = false
			w.defects.add(mimePartAfterClose, f.part, d.start, "")
		}
		off = w.entity(w.child(f.part, d.start, d.end))
	}
	w.closeAll()
}

// between notices text behind the close delimiter of p that another delimiter line follows: who takes all delimiter lines for alike sees a body part in
// it.
func (w *walker) between(p *Part, off, end int64) {
	for off < end && len(p.Children) > 0 {
		b := w.src.from(off, lineHead)
		b = b[:min(int64(len(b)), end-off)]
		if len(b) == 0 {
			return
		}
		if len(bytes.TrimSpace(b)) > 0 {
			w.defects.add(mimeEpiloguePart, p, off, "")
			return
		}
		off += int64(len(b))
	}
}

// child makes the next entity in parent.
func (w *walker) child(parent *Part, boundary, start int64) *Part {
	n := len(parent.Children) + 1
	p := &Part{
		ID:       parent.ID + PartID("."+strconv.Itoa(n)),
		Parent:   parent,
		Depth:    parent.Depth + 1,
		Boundary: boundary,
		Start:    start,
		msg:      w.msg,
	}
	parent.Children = append(parent.Children, p)
	return p
}

// entity reads the header section of p, and of the nested message if p begins with one, and leaves them open. It returns the start of the
// body of the innermost.
func (w *walker) entity(p *Part) int64 {
	for {
		w.open = append(w.open, frame{part: p})
		p.Body, p.sep = p.Start, p.Start
		err := w.afford(p)
		if err == nil {
			err = w.header(p)
		}
		w.describe(p)
		if err != nil {
			w.stop(p.Body, err)
			return p.Body
		}
		w.passOver(p)
		if !w.enter(p) {
			return p.Body
		}
		if strings.HasPrefix(p.MediaType, "multipart/") {
			w.openMultipart(p)
			return p.Body
		}
		p = w.child(p, p.Body, p.Body)
	}
}

func (w *walker) afford(p *Part) error {
	if err := w.msg.budget.Part(); err != nil {
		return err
	}
	return w.msg.budget.CheckTime()
}

// enter tells if p holds entities that may be read.
func (w *walker) enter(p *Part) bool {
	encoded := newDecoder(p.Encoding) != nil
	switch {
	case strings.HasPrefix(p.MediaType, "multipart/"):
		if encoded {
			w.defects.add(mimeEncodedMultipart, p, p.Start, p.Encoding)
		}
	case isMessage(p.MediaType):
		if encoded {
			w.defects.add(mimeEncodedMessage, p, p.Start, p.Encoding)
			return false
		}
	default:
		return false
	}
	if err := w.msg.budget.Depth(p.Depth + 1); err != nil {
		w.defects.addLimit(limitDepth, p, p.Start, err)
		p.opaque = true
		return false
	}
	return true
}

// isMessage tells if a body of the media type is a message: RFC 2046 section 5.2.1, RFC 6532 section 3.7, RFC 5537 section 4.1.
func isMessage(mediaType string) bool {
	return mediaType == "message/rfc822" || mediaType == "message/global" || mediaType == "message/news"
}

// openMultipart makes the boundary of p known. Without one p stays a leaf.
func (w *walker) openMultipart(p *Part) {
	b := p.Params["boundary"]
	if t := strings.TrimRight(b, " \t"); t != b {
		w.defects.add(mimeBoundaryBlank, p, p.Start, b)
		b = t
	}
	switch {
	case b == "":
		w.defects.add(mimeNoBoundary, p, p.Start, "")
		return
	case len(b) > maxBoundary:
		w.defects.add(mimeBoundaryTooLong, p, p.Start, b)
		return
	}
	for _, f := range w.open {
		switch {
		case f.boundary == "":
		case f.boundary == b:
			w.defects.add(mimeBoundaryReused, p, p.Start, b)
		case b == f.boundary+"--" || f.boundary == b+"--":
			w.defects.add(mimeBoundaryPrefix, p, p.Start, b)
		}
	}
	w.open[len(w.open)-1].boundary = b
}

// closeAbove ends all that is open inside frame i, at the delimiter line that starts at off.
func (w *walker) closeAbove(i int, off int64) {
	if i+1 == len(w.open) {
		return
	}
	end := max(w.beforeLineEnd(off), w.open[len(w.open)-1].part.Body)
	for _, f := range w.open[i+1:] {
		w.close(f, end)
		f.part.next = off
	}
	w.open = w.open[:i+1]
}

// closeAll ends what is open at the end of the message.
func (w *walker) closeAll() {
	for _, f := range w.open {
		w.close(f, w.msg.size)
	}
	w.open = nil
}

func (w *walker) close(f frame, end int64) {
	f.part.End, f.part.next = end, end
	switch {
	case f.boundary == "" || w.stopped:
	case len(f.part.Children) == 0:
		w.defects.add(mimeNoParts, f.part, f.part.Body, f.boundary)
	case !f.closed:
		w.defects.add(mimeMissingClose, f.part, end, f.boundary)
	}
}

// beforeLineEnd is the offset of the line end that ends at off: it belongs to the delimiter (RFC 2046 section 5.1.1).
func (w *walker) beforeLineEnd(off int64) int64 {
	start := max(off-2, 0)
	b := w.src.from(start, int(off-start))
	b = b[:min(len(b), int(off-start))]
	switch {
	case bytes.HasSuffix(b, []byte("\r\n")):
		return off - 2
	case len(b) > 0 && b[len(b)-1] == w.eol:
		return off - 1
	}
	return off
}

// stop gives all from off on to the innermost entity, because a limit forbids to read on.
func (w *walker) stop(off int64, err error) {
	w.stopped = true
	p := w.open[len(w.open)-1].part
	if len(p.Children) > 0 {
		// Behind its body parts nothing would be reachable.
		p = w.child(p, off, off)
		p.Body, p.sep = off, off
		w.describe(p)
		w.open = append(w.open, frame{part: p})
	}
	p.opaque = true
	code := limitTime
	if e, ok := errors.AsType[*LimitError](err); ok {
		switch e.Limit {
		case "parts":
			code = limitParts
		case "header_octets":
			code = limitHeaderOctets
		}
	}
	w.defects.addLimit(code, p, off, err)
}
