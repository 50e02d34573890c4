// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Rebuild writes the whole message anew, after all other edits, so that our reading is the only one that is left: header sections of nothing but
// fields, one of each content field, one form of each parameter, one file name, boundaries of ours that no content can hold, regular transfer
// encodings, nothing before and behind body parts. Messages inside are written anew as well, also those in a transfer encoding. Fields keep their
// order and, if they are regular, their octets; what is signed or encrypted stays as it is if it can be read in one way only. What a limit kept from being
// read becomes a file of octets. Content left out is told of in a field Mailweir-Left-Out of the entity that it was in.
// Rebuilding what was rebuilt changes nothing.
type Rebuild struct{}

var _ Edit = Rebuild{}

func (e Rebuild) String() string { return "rebuild" }

// Apply adds the change to d.
func (e Rebuild) Apply(d *Draft) error {
	d.rebuild = true
	return nil
}

// writeRebuilt writes the message with the changes, rebuilt.
func (d *Draft) writeRebuilt(w io.Writer) error {
	m := d.msg
	if len(d.changes) > 0 {
		edited, done, err := d.reread()
		if err != nil {
			return err
		}
		defer done()
		m = edited
	}
	return m.rebuild(w)
}

// reread parses the message with the changes. done gives back what holds it.
func (d *Draft) reread() (m *Message, done func(), err error) {
	if spool, ok := d.msg.r.(*Spool); ok && spool.spooler != nil {
		edited := spool.spooler.New(d.msg.size)
		done = func() { _ = edited.Close() } // It was only for reading.
		if err = d.write(edited); err == nil {
			m, err = Parse(edited, edited.Size(), d.msg.budget.again())
		}
		if err != nil {
			done()
		}
		return m, done, err
	}
	var b bytes.Buffer
	if err := d.write(&b); err != nil {
		return nil, nil, err
	}
	m, err = Parse(bytes.NewReader(b.Bytes()), int64(b.Len()), d.msg.budget.again())
	return m, func() {}, err
}

// rebuild writes m anew: once to nowhere, to make boundaries out of what is written, and once to w.
func (m *Message) rebuild(w io.Writer) error {
	p := plan{msg: m, entities: map[*Part]*planned{}}
	if err := p.entity(m.root, 0); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	sum := sha256.New()
	counted := bufio.NewWriterSize(sum, decodeBuffer)
	r := rebuilder{plan: &p, w: counted, lineEnd: m.lineEnd}
	if err := r.entity(m.root); err != nil {
		return err
	}
	if err := counted.Flush(); err != nil {
		return err
	}
	// No body can hold its own sum, so none can hold a delimiter line.
	out := bufio.NewWriterSize(w, decodeBuffer)
	r = rebuilder{plan: &p, w: out, lineEnd: m.lineEnd, mark: hex.EncodeToString(sum.Sum(nil)[:markOctets])}
	if err := r.entity(m.root); err != nil {
		return err
	}
	return out.Flush()
}

// markOctets are those of the sum in a boundary, which may have 70 characters (RFC 2046 section 5.1.1).
const markOctets = 16

// rebuilder writes entities as planned.
type rebuilder struct {
	plan    *plan
	w       io.Writer
	lineEnd string
	mark    string       // In all boundaries.
	count   int          // Of boundaries so far.
	buf     []byte       // Of stream.
	text    []byte       // Of stream, in base64.
	body    decodeReader // Of stream.
}

// entity writes p. It is as deep in calls as the tree, which the budget bounds.
func (r *rebuilder) entity(p *Part) error {
	e := r.plan.entities[p]
	boundary := ""
	if e.kind == asMultipart {
		r.count++
		boundary = fmt.Sprintf("=_%s_%d=", r.mark, r.count)
	}
	head := e.head
	if head == nil {
		head = append(r.header(p, e, boundary), r.lineEnd...)
	}
	if e.kind != asMultipart {
		e.head = head // It is written twice.
	}
	// The sum is of the body alone: a signature comes on top once all below it is known, and must not change that.
	if r.mark != "" || p != r.plan.msg.root {
		if _, err := r.w.Write(head); err != nil {
			return err
		}
	}
	switch e.kind {
	case asMultipart:
		return r.multipart(p, e, boundary)
	case asMessage:
		return r.entity(e.children[0])
	case asSealed, asIs:
		_, err := io.Copy(r.w, p.Raw())
		return err
	case asStream:
		return r.stream(p)
	}
	text, err := r.plan.body(p, e)
	if err != nil {
		return err
	}
	_, err = r.w.Write(text)
	return err
}

func (r *rebuilder) multipart(p *Part, e *planned, boundary string) error {
	for _, c := range e.children {
		if err := r.print("--", boundary, r.lineEnd); err != nil {
			return err
		}
		if err := r.entity(c); err != nil {
			return err
		}
		if err := r.print(r.lineEnd); err != nil {
			return err
		}
	}
	if err := r.print("--", boundary, "--"); err != nil || p != r.plan.msg.root {
		return err
	}
	return r.print(r.lineEnd)
}

// stream writes a body that may be large in base64.
func (r *rebuilder) stream(p *Part) error {
	if r.buf == nil {
		r.buf = make([]byte, base64Line*(decodeBuffer/base64Line))
	}
	body := p.Raw()
	r.body = decodeReader{r: body, d: newDecoder(p.Encoding), in: r.body.in, out: r.body.out, size: decodeBuffer}
	open := io.Reader(&r.body)
	if p.opaque || r.body.d == nil {
		open = body
	}
	for first := true; ; first = false {
		n, err := io.ReadFull(open, r.buf)
		if n > 0 && !first {
			r.text = append(r.text[:0], r.lineEnd...)
		} else {
			r.text = r.text[:0]
		}
		r.text = appendBase64(r.text, r.buf[:n], r.lineEnd, false)
		if _, err := r.w.Write(r.text); err != nil {
			return err
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if p == r.plan.msg.root {
		return r.print(r.lineEnd)
	}
	return nil
}

// print writes texts.
func (r *rebuilder) print(texts ...string) error {
	for _, s := range texts {
		if _, err := io.WriteString(r.w, s); err != nil {
			return err
		}
	}
	return nil
}
