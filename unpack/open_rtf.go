// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/oleobj"
	"github.com/mailweir/mailweir/unpack/rtf"
)

func isRTF(h *head) bool { return rtf.Is(h.octet) }

// openRTF tells what a Rich Text file does and takes out the objects in it.
func openRTF(b *box) error {
	r, size := b.content()
	d, err := rtf.Scan(r, size)
	b.ended(err)
	for _, t := range d.Templates {
		if field.Remote(t) {
			b.fact("macro.template", fmt.Sprintf("template is loaded from %q", t))
			b.link(t)
		}
	}
	b.fields(d.Fields)
	for i, o := range d.Objects {
		b.richObject(o)
		for n := range o.Readings {
			name := fmt.Sprintf("object %d", i+1)
			if n > 0 {
				name += " as all digits"
			}
			if err := b.member(member{names: []string{name}, size: -1, open: func() (io.Reader, error) { return o.Data(r, size, n), nil }}); err != nil {
				return err
			}
		}
	}
	if len(d.Objects) >= rtf.MaxObjects {
		b.problem(Unscannable, fmt.Sprintf("limit objects of a Rich Text file (%d) exceeded", rtf.MaxObjects))
	}
	return b.behindText(d.End)
}

// minBehind is how many octets behind a text are looked at: fewer are line ends and rests.
const minBehind = 64

// behindText makes a member of what stands behind a text: programs that attack a reader carry their files there.
func (b *box) behindText(end int64) error {
	if end == 0 || b.leaf.Size-end < minBehind {
		return nil
	}
	return b.section([]string{"behind the text"}, end, b.leaf.Size-end)
}

// richObject tells of an object. What is in it tells more: it is a leaf of its own.
func (b *box) richObject(o rtf.Object) {
	if o.Readings == 0 && !o.Linked && !o.HTML {
		return
	}
	detail := "object"
	switch {
	case o.Linked:
		detail = "linked object"
	case o.HTML:
		detail = "control"
	}
	if o.Class != "" {
		detail += fmt.Sprintf(" of class %q", o.Class)
	}
	if o.Update {
		detail += ", which acts when the file is opened"
	}
	if o.Odd {
		detail += ", written so as not to be found"
	}
	b.fact("macro.object", detail)
	b.classFact(o.Class)
}

// classFact tells of a class of objects that is dangerous by itself.
func (b *box) classFact(class string) {
	switch lower := strings.ToLower(class); {
	case strings.HasPrefix(lower, "equation."):
		b.fact("macro.equation", fmt.Sprintf("object of the Equation Editor (%q), which old versions of Office run with its faults", class))
	case lower == "ole2link":
		b.fact("macro.ole_link", "object that is a link to elsewhere")
	}
}

// isObject tells of the data of an object in a Rich Text file.
func isObject(h *head) bool { return h.leaf.By == "rtf" }

// openObject takes out what an object header of OLE 1 has behind it. If there is no header that can be read, a compound file is looked for.
func openObject(b *box) error {
	r, size := b.content()
	o, err := oleobj.ReadObject(r, size)
	if err != nil {
		return b.lostObjects()
	}
	b.classFact(o.Class)
	if o.Linked {
		b.link(o.Topic)
		if field.Remote(o.Topic) {
			b.fact("macro.ole_link", fmt.Sprintf("object is loaded from %q", o.Topic))
		}
		return nil
	}
	if strings.EqualFold(o.Class, "Package") {
		if p, err := oleobj.ReadPackage(o.Data, o.Data.Size()); err == nil {
			return b.packed(p, "package")
		}
	}
	if o.Data.Size() == 0 {
		return nil
	}
	name := o.Class
	if name == "" {
		name = "data"
	}
	_, off, n := o.Data.Outer()
	return b.section([]string{name}, off, n)
}

// maxLost is how many compound files are looked for in an object without a header.
const maxLost = 4

func (b *box) lostObjects() error {
	at, err := b.find(ole.Magic, maxLost)
	if err != nil {
		return err
	}
	for i, off := range at {
		if off == 0 {
			continue // It is opened as what it is.
		}
		if err := b.section([]string{fmt.Sprintf("data %d", i+1)}, off, b.leaf.Size-off); err != nil {
			return err
		}
	}
	return nil
}
