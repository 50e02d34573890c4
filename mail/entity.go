// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// ReplaceEntity puts a new entity in the place of one. Of a message, nested or not, the fields that are not about its content stay.
// Body is UTF-8 if MediaType is a text type; of Filename at most 255 octets are kept. Of several ReplaceEntity and DropEntity of one entity the last
// counts; what else is asked for the entity, and for those in it, is void.
type ReplaceEntity struct {
	Part      PartID
	MediaType string
	Filename  string // The new entity is an attachment of that name, or inline if it is "".
	Body      []byte
}

// DropEntity takes a body part out of its multipart, with the delimiter line before it. If nothing else is left in the multipart, an empty text
// takes its place.
type DropEntity struct{ Part PartID }

var _ = []Edit{ReplaceEntity{}, DropEntity{}}

func (e ReplaceEntity) String() string {
	return fmt.Sprintf("replace entity %s by %s %q, %d octets", e.Part, e.MediaType, e.Filename, len(e.Body))
}

// Apply adds the changes to d.
func (e ReplaceEntity) Apply(d *Draft) error {
	p := d.msg.Part(e.Part)
	if p == nil {
		return errNoEntity
	}
	head, body, err := e.format(d.msg.lineEnd)
	if err != nil {
		return err
	}
	d.place(p, func() error { return d.replace(p, head, body) })
	return nil
}

// placement replaces or drops an entity.
type placement struct {
	edit Edit
	do   func() error
}

// place notes what is to become of p. What was to become of it before is void.
func (d *Draft) place(p *Part, do func() error) {
	if d.placed == nil {
		d.placed = map[*Part]placement{}
	}
	d.placed[p] = placement{d.edit, do}
}

// within tells if an entity around p is replaced or dropped.
func (d *Draft) within(p *Part) bool {
	for p = p.Parent; p != nil; p = p.Parent {
		if _, ok := d.placed[p]; ok {
			return true
		}
	}
	return false
}

// replace puts a new entity in the place of p.
func (d *Draft) replace(p *Part, head, body []byte) error {
	if p.next == p.End && p.next < d.msg.size {
		// A delimiter line follows with no line end of its own before it.
		body = append(body, d.msg.lineEnd...)
	}
	if err := d.separate(p); err != nil {
		return err
	}
	if p.isMessage() {
		return d.replaceContent(p, head, body)
	}
	return d.Replace(p.Start, p.End, bytes.Join([][]byte{head, body}, []byte(d.msg.lineEnd)))
}

// separate puts line ends before p where the message breaks off in front of it: in its delimiter line, or in the header sections that
// it is the body of.
func (d *Draft) separate(p *Part) error {
	var missing string
	if p.Start == d.msg.size && p.Start > 0 && !d.completed {
		d.completed = true
		var last [1]byte
		if n, err := d.msg.r.ReadAt(last[:], p.Start-1); n < 1 {
			return err
		}
		if last[0] != '\n' {
			missing = d.msg.lineEnd
		}
	}
	for c := p; c.Parent != nil && c.isMessage() && c.Start == p.Start && c.Parent.sep == c.Parent.Body; c = c.Parent {
		missing += d.endHeader(c.Parent)
	}
	if missing == "" {
		return nil
	}
	return d.Insert(p.Start, []byte(missing))
}

// endHeader is the empty line that is missing behind the header section of p; nothing if another edit has put it there.
func (d *Draft) endHeader(p *Part) string {
	if d.ended[p] {
		return ""
	}
	if d.ended == nil {
		d.ended = map[*Part]bool{}
	}
	d.ended[p] = true
	return d.msg.lineEnd
}

// replaceContent replaces the content fields and the body of a message.
func (d *Draft) replaceContent(p *Part, head, body []byte) error {
	if p.Header.Get("MIME-Version") == "" {
		head = append([]byte("MIME-Version: 1.0"+d.msg.lineEnd), head...)
	}
	cut := false // The last field stays and has no line end.
	for _, f := range p.Header {
		if len(f.Name) > 8 && strings.EqualFold(f.Name[:8], "Content-") {
			if err := d.Replace(f.Offset, f.end(), nil); err != nil {
				return err
			}
			continue
		}
		cut = !strings.HasSuffix(f.Raw, "\n")
	}
	if cut {
		head = append([]byte(d.msg.lineEnd), head...)
	}
	if p.sep == p.Body {
		body = append([]byte(d.endHeader(p)), body...)
	}
	if err := d.Insert(p.sep, head); err != nil {
		return err
	}
	return d.Replace(p.Body, p.End, body)
}

// format makes the header section, without the empty line, and the body.
func (e ReplaceEntity) format(lineEnd string) (head, body []byte, err error) {
	major, minor, ok := strings.Cut(e.MediaType, "/")
	if !ok || !isToken(major) || !isToken(minor) {
		return nil, nil, fmt.Errorf("media type %q", e.MediaType)
	}
	var params []param
	if strings.EqualFold(major, "text") {
		params = []param{{name: "charset", value: "utf-8"}}
	}
	disposition := "inline"
	if e.Filename != "" {
		disposition = formatContent("attachment", []param{{name: "filename", value: e.Filename}})
	}
	encoding, body := encodeBody(e.Body, strings.EqualFold(major, "text"), lineEnd)
	for _, f := range [][2]string{
		{"Content-Type", formatContent(lower(e.MediaType), params)},
		{"Content-Disposition", disposition},
		{"Content-Transfer-Encoding", encoding},
	} {
		b, err := formatField(f[0], f[1], lineEnd)
		if err != nil {
			return nil, nil, err
		}
		head = append(head, b...)
	}
	return head, body, nil
}

// encodeBody leaves plain text as it is, with the line ends of the message, and makes base64 of all else.
func encodeBody(b []byte, text bool, lineEnd string) (encoding string, body []byte) {
	if text && isPlain(b) {
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		return "7bit", bytes.ReplaceAll(b, []byte("\n"), []byte(lineEnd))
	}
	return "base64", appendBase64(nil, b, lineEnd, true)
}

// isPlain tells if text may stand as 7bit (RFC 2045 section 2.7) where a line may be taken for a delimiter.
func isPlain(b []byte) bool {
	for l := range bytes.Lines(b) {
		l = bytes.TrimSuffix(bytes.TrimSuffix(l, []byte("\n")), []byte("\r"))
		if len(l) > 998 || bytes.HasPrefix(l, []byte("--")) || bytes.HasPrefix(l, []byte("From ")) || bytes.ContainsAny(l, "\r\x00") || !isASCII(string(l)) {
			return false
		}
	}
	return true
}

func (e DropEntity) String() string { return fmt.Sprintf("drop entity %s", e.Part) }

// Apply adds the change to d.
func (e DropEntity) Apply(d *Draft) error {
	p := d.msg.Part(e.Part)
	switch {
	case p == nil:
		return errNoEntity
	case p.isMessage():
		return errors.New("it is no body part of a multipart")
	}
	d.place(p, func() error { return d.drop(p) })
	return nil
}

// drop takes p out of its multipart.
func (d *Draft) drop(p *Part) error {
	if d.left == nil {
		d.left = map[*Part]int{}
	}
	if _, ok := d.left[p.Parent]; !ok {
		d.left[p.Parent] = len(p.Parent.Children)
	}
	d.left[p.Parent]--
	if d.left[p.Parent] > 0 {
		return d.Replace(p.Boundary, p.next, nil)
	}
	head, body, err := ReplaceEntity{MediaType: "text/plain"}.format(d.msg.lineEnd)
	if err != nil {
		return err
	}
	return d.replace(p, head, body)
}
