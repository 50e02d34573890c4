// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"errors"
	"fmt"
	"mime"
	"strings"
)

// AddField puts a header field on top of the message's header section, in the order of the edits, folded at 78 octets.
// Applying it fails if CR, LF or NUL is in Value other than as folding.
type AddField struct{ Name, Value string }

// RemoveFields takes all fields by these names out of the message's own header section. Names are not case-sensitive; one that
// ends in "*" is a prefix: "Mailweir-*".
type RemoveFields struct{ Names []string }

// RemoveField takes out the one field of the message's own header section that begins at the offset.
type RemoveField struct{ Offset int64 }

// ReplaceField puts a field in the place of the first of that name, on top if there is none. Others of the name stay.
type ReplaceField struct{ Name, Value string }

// TagSubject puts the tag and a blank before the body of each Subject field, unless it begins with the tag; it adds a Subject if there is none.
type TagSubject struct{ Tag string }

var _ = []Edit{AddField{}, RemoveFields{}, RemoveField{}, ReplaceField{}, TagSubject{}}

func (e AddField) String() string { return "add field " + e.Name + ": " + e.Value }

// Apply adds the change to d.
func (e AddField) Apply(d *Draft) error { return d.addTop(e.Name, e.Value) }

func (e RemoveFields) String() string { return "remove fields " + strings.Join(e.Names, ", ") }

// Apply adds the changes to d.
func (e RemoveFields) Apply(d *Draft) error {
	for _, f := range d.msg.root.Header {
		if f.Name == "" || !e.matches(f.Name) {
			continue
		}
		if err := d.Replace(f.Offset, f.end(), nil); err != nil {
			return err
		}
	}
	return nil
}

func (e RemoveFields) matches(name string) bool {
	for _, n := range e.Names {
		prefix, ok := strings.CutSuffix(n, "*")
		if ok && len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) || strings.EqualFold(name, n) {
			return true
		}
	}
	return false
}

func (e RemoveField) String() string { return fmt.Sprintf("remove field at %d", e.Offset) }

// Apply adds the change to d.
func (e RemoveField) Apply(d *Draft) error {
	for _, f := range d.msg.root.Header {
		if f.Offset == e.Offset {
			return d.Replace(f.Offset, f.end(), nil)
		}
	}
	return errors.New("no field begins there")
}

func (e ReplaceField) String() string { return "replace field " + e.Name + ": " + e.Value }

// Apply adds the change to d.
func (e ReplaceField) Apply(d *Draft) error {
	for f := range d.msg.root.Header.All(e.Name) {
		b, err := formatField(e.Name, e.Value, d.msg.lineEnd)
		if err != nil {
			return err
		}
		return d.Replace(f.Offset, f.end(), b)
	}
	return d.addTop(e.Name, e.Value)
}

func (e TagSubject) String() string { return "tag subject " + e.Tag }

// Apply adds the changes to d.
func (e TagSubject) Apply(d *Draft) error {
	if strings.ContainsAny(e.Tag, "\r\n\x00") {
		return errors.New("CR, LF or NUL in the tag")
	}
	found := false
	for f := range d.msg.root.Header.All("Subject") {
		found = true
		if strings.HasPrefix(DecodeWords(f.Value()), e.Tag) {
			continue
		}
		if err := d.Insert(f.Offset+int64(f.bodyStart()), e.text(f, d.msg.lineEnd)); err != nil {
			return err
		}
	}
	if found {
		return nil
	}
	return d.addTop("Subject", e.Tag)
}

// text is what goes behind the colon of f. The line is folded behind it if it would get too long.
func (e TagSubject) text(f Field, lineEnd string) []byte {
	tag := " " + e.Tag
	if !isASCII(e.Tag) {
		// The blank between two encoded words is not shown, so this one brings its own.
		tag = " " + mime.QEncoding.Encode("utf-8", e.Tag+" ")
	}
	first, _, _ := strings.Cut(f.Raw, "\n")
	first = strings.TrimSuffix(first, "\r")
	if len(first) <= maxLine && len(first)+len(tag)+1 > maxLine {
		tag += lineEnd
	}
	if body := f.body(); body == "" || body[0] != ' ' && body[0] != '\t' {
		tag += " "
	}
	return []byte(tag)
}

// addTop adds a field to those for the top.
func (d *Draft) addTop(name, value string) error {
	b, err := formatField(name, value, d.msg.lineEnd)
	if err != nil {
		return err
	}
	if d.topEdit == nil {
		d.topEdit = d.edit
	}
	d.top = append(d.top, b)
	return nil
}

// topOffset is where fields are added: behind an mbox line, and behind a first line that would become part of them. bodyFollows
// tells that there is no header section, so that an empty line has to follow.
func (d *Draft) topOffset() (at int64, bodyFollows bool) {
	p := d.msg.root
	for _, f := range p.Header {
		if f.Name != "" {
			return f.Offset, false
		}
		if f.Raw[0] != ' ' && f.Raw[0] != '\t' && !isMboxFrom([]byte(f.Raw)) {
			return f.Offset, false
		}
		if !strings.HasSuffix(f.Raw, "\n") {
			return 0, true // Nothing can stand behind such a line; as body it does no harm.
		}
		at = f.end()
	}
	return at, p.sep == p.Body && p.Body < p.End
}
