// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/doc"
	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/oleobj"
	"github.com/mailweir/mailweir/unpack/ppt"
	"github.com/mailweir/mailweir/unpack/xls"
)

// workbooks looks at the Excel workbooks in a compound file, wherever they are: a document may have embedded ones.
func (c *compound) workbooks() error {
	for _, e := range c.file.Entries {
		if e.Kind != ole.Stream || !strings.EqualFold(e.Name, "Workbook") && !strings.EqualFold(e.Name, "Book") {
			continue
		}
		c.taken[e] = true
		r, err := c.file.Open(e)
		if err != nil {
			c.ended(err)
			continue
		}
		book, err := xls.Read(r)
		c.ended(err)
		c.workbook(book)
		c.hyperlinks(e)
		if book.Encrypted {
			if err := c.encryptedBook(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// workbook tells what a workbook does.
func (b *box) workbook(book *xls.Book) {
	var macros, hidden []string
	for _, s := range book.Sheets {
		if s.Macro {
			macros = append(macros, fmt.Sprintf("%q", s.Name))
		}
		if s.Macro && s.Hidden != "" {
			hidden = append(hidden, fmt.Sprintf("%q is %s", s.Name, s.Hidden))
		}
	}
	if book.Macros > 0 || len(macros) > 0 {
		detail := "Excel 4 macros"
		if len(macros) > 0 {
			detail += " in sheet " + strings.Join(macros, ", ")
		}
		if len(hidden) > 0 {
			detail += "; " + strings.Join(hidden, ", ")
		}
		if len(book.Calls) > 0 {
			detail += "; they call " + strings.Join(book.Calls, ", ")
		}
		b.fact("macro.xlm", detail)
		if len(book.Auto) > 0 {
			b.fact("macro.autorun", "Excel 4 macros run by themselves: "+strings.Join(book.Auto, ", "))
		}
	}
	if book.Modules > 0 {
		b.fact("macro.vba", "modules of Visual Basic, as Excel 5 and 95 have them")
	}
	for _, d := range book.DDE {
		b.fact("macro.dde", fmt.Sprintf("DDE link %q", d))
	}
	for _, l := range book.Links {
		b.link(l)
	}
}

// maxLinkBook is how many octets of a workbook are looked at for hyperlinks.
const maxLinkBook = 8 << 20

// hyperlinks tells of the hyperlinks of a workbook, which are monikers.
func (c *compound) hyperlinks(e *ole.Entry) {
	b, err := c.file.Read(e, maxLinkBook)
	c.ended(err)
	for _, address := range oleobj.Monikers(b) {
		if field.Remote(address) || strings.HasPrefix(address, "mailto:") {
			c.link(address)
		}
	}
}

// words looks at the Word documents in a compound file, wherever they are. One that is encrypted comes last: when it is decrypted, all of them
// are looked at again.
func (c *compound) words() error {
	var locked *doc.Document
	var at *ole.Entry
	for _, e := range c.file.Entries {
		if !strings.EqualFold(e.Name, doc.Name) {
			continue
		}
		d, err := doc.Read(c.file, e)
		switch {
		case errors.Is(err, doc.ErrFormat):
			continue
		case err != nil:
			c.ended(err)
			continue
		case d.Encrypted:
			locked, at = d, e
		default:
			c.word(d)
		}
	}
	if locked == nil {
		return nil
	}
	return c.encryptedWord(at, locked)
}

// word tells what a Word document does.
func (c *compound) word(d *doc.Document) {
	if d.Macros {
		c.fact("macro.vba", "macros in WordBasic, which Word makes VBA of")
	}
	if field.Remote(d.Template) {
		c.fact("macro.template", fmt.Sprintf("template is loaded from %q", d.Template))
		c.link(d.Template)
	}
	if d.Cut {
		c.problem(Unscannable, fmt.Sprintf("limit pieces of a Word document (%d octets of their table, %d times its text) exceeded", doc.MaxPieces, doc.MaxRepeat))
	}
	c.fields(d.Fields)
}

// fields tells what the fields of a document do.
func (b *box) fields(all []field.Field) {
	for _, f := range all {
		if f.Dynamic() {
			b.fact("macro.dde", fmt.Sprintf("field %q", cleanName(f.String())))
		}
		address, loads := f.Target()
		if !field.Remote(address) && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
			continue
		}
		b.link(address)
		if loads && field.Remote(address) {
			b.fact("macro.ole_link", fmt.Sprintf("field %s loads %q", f.Name, address))
		}
	}
}

// slides tells what a PowerPoint document does, and takes out the compound files in it.
func (c *compound) slides() error {
	e := c.file.Find("PowerPoint Document")
	if e == nil || e.Kind != ole.Stream {
		return nil
	}
	c.taken[e] = true
	r, err := c.file.Open(e)
	if err != nil {
		c.ended(err)
		return nil
	}
	d, err := ppt.Read(r)
	c.ended(err)
	if d.Encrypted || c.file.Find("EncryptedSummary") != nil {
		c.problem(Encrypted, needsPassword)
	}
	for _, a := range d.Actions {
		c.fact("macro.action", fmt.Sprintf("a click runs %q", a))
	}
	for _, l := range d.Links {
		if field.Remote(l) {
			c.link(l)
		}
	}
	if len(d.Objects) >= ppt.MaxObjects {
		c.problem(Unscannable, fmt.Sprintf("limit objects of a PowerPoint document (%d) exceeded", ppt.MaxObjects))
	}
	for i, o := range d.Objects {
		m := member{names: []string{fmt.Sprintf("object %d", i+1)}, size: -1, open: func() (io.Reader, error) { return o.Open(r), nil }}
		if err := c.member(m); err != nil {
			return err
		}
	}
	return nil
}

// openBIFF tells what a workbook of Excel 2 to 4 does, which is a stream without a compound file around it.
func openBIFF(b *box) error {
	r, size := b.content()
	book, err := xls.Read(io.NewSectionReader(r, 0, size))
	b.ended(err)
	b.workbook(book)
	if book.Encrypted {
		b.problem(Encrypted, needsPassword)
	}
	return nil
}

func isBIFF(h *head) bool { return xls.Is(h.octet) }
