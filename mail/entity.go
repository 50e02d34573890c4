// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"strings"
)

// ReplaceEntity puts a new entity in the place of one. Of a message, nested or not, the fields that are not about its content stay.
// Body is UTF-8 if MediaType is a text type.
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
		return errors.New("there is no such entity")
	}
	head, body, err := e.format(d.msg.lineEnd)
	if err != nil {
		return err
	}
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

// separate puts line ends before p where the message breaks off in front of it: in its delimiter line, or in the header section that
// it is the body of.
func (d *Draft) separate(p *Part) error {
	var missing string
	if p.Start == d.msg.size && p.Start > 0 {
		var last [1]byte
		if n, err := d.msg.r.ReadAt(last[:], p.Start-1); n < 1 {
			return err
		}
		if last[0] != '\n' {
			missing = d.msg.lineEnd
		}
	}
	if p.Parent != nil && p.isMessage() && p.Parent.sep == p.Parent.Body {
		missing += d.msg.lineEnd
	}
	if missing == "" {
		return nil
	}
	return d.Insert(p.Start, []byte(missing))
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
		body = append([]byte(d.msg.lineEnd), body...)
		d.ended = d.ended || p == d.msg.root
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
	params := map[string]string{}
	if strings.EqualFold(major, "text") {
		params["charset"] = "utf-8"
	}
	disposition := "inline"
	if e.Filename != "" {
		disposition = mime.FormatMediaType("attachment", map[string]string{"filename": e.Filename})
	}
	encoding, body := encodeBody(e.Body, strings.EqualFold(major, "text"), lineEnd)
	for _, f := range [][2]string{
		{"Content-Type", mime.FormatMediaType(e.MediaType, params)},
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
	const line = 57 // Octets that make 76 characters.
	for len(b) > 0 {
		n := min(line, len(b))
		body = base64.StdEncoding.AppendEncode(body, b[:n])
		body = append(body, lineEnd...)
		b = b[n:]
	}
	return "base64", body
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
		return errors.New("there is no such entity")
	case p.isMessage():
		return errors.New("it is no body part of a multipart")
	}
	if d.dropped[p] {
		return nil
	}
	if d.dropped == nil {
		d.dropped, d.left = map[*Part]bool{}, map[*Part]int{}
	}
	if _, ok := d.left[p.Parent]; !ok {
		d.left[p.Parent] = len(p.Parent.Children)
	}
	d.dropped[p] = true
	d.left[p.Parent]--
	if d.left[p.Parent] == 0 {
		return ReplaceEntity{Part: e.Part, MediaType: "text/plain"}.Apply(d)
	}
	return d.Replace(p.Boundary, p.next, nil)
}
