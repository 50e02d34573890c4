// SPDX-License-Identifier: Apache-2.0

package officeclean

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// emptySheet is a worksheet without cells. It takes the place of a macro sheet, so that the workbook's list of sheets stays right.
const emptySheet = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n" +
	`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>`

// part writes a part, or leaves it out.
func (c *cleaner) part(w *zip.Writer, f *zip.File) error {
	name := strings.ToLower(f.Name)
	switch {
	case c.drop[name] || c.ofDropped(name):
		c.changed = true
		return nil
	case c.sheets[name] && !strings.HasSuffix(name, ".xml"):
		return fmt.Errorf("%w: macro sheet %q is binary", ErrCannot, f.Name)
	case c.sheets[name]:
		c.changed = true
		return write(w, f, []byte(emptySheet))
	case name == typesPart:
		return c.rewrite(w, f, c.cleanTypes)
	case strings.HasSuffix(name, ".rels"):
		return c.rewrite(w, f, func(b []byte) ([]byte, error) { return c.cleanRelations(name, b) })
	}
	return w.Copy(f)
}

// ofDropped tells of the relationships of a part that is left out.
func (c *cleaner) ofDropped(name string) bool {
	of := sheetOfRels(name)
	return of != "" && (c.drop[of] || c.sheets[of])
}

// sheetOfRels is the part whose relationships are in the part by that name; "" if it has none.
func sheetOfRels(name string) string {
	dir, file, ok := strings.Cut(name, "_rels/")
	if !ok || !strings.HasSuffix(file, ".rels") {
		return ""
	}
	return dir + strings.TrimSuffix(file, ".rels")
}

func write(w *zip.Writer, f *zip.File, b []byte) error {
	to, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: f.Modified})
	if err != nil {
		return err
	}
	_, err = to.Write(b)
	return err
}

// rewrite writes a part with changes; as it is if there are none.
func (c *cleaner) rewrite(w *zip.Writer, f *zip.File, change func([]byte) ([]byte, error)) error {
	b, err := c.read(f)
	if err != nil {
		return err
	}
	if bytes.IndexByte(b[:min(len(b), 64)], 0) >= 0 {
		return fmt.Errorf("%w: part %q is not in UTF-8", ErrCannot, f.Name)
	}
	with, err := change(b)
	if err != nil {
		return err
	}
	if bytes.Equal(b, with) {
		return w.Copy(f)
	}
	c.changed = true
	return write(w, f, with)
}

// defaultTag finds the content type of an extension.
var defaultTag = regexp.MustCompile(`(?i)<(?:\w+:)?Default\b[^>]*>`)

// cleanTypes takes parts that are left out from the list of content types, and makes worksheets of macro sheets. That the document may have
// macros stays as the type of its main part (MS-OFFMACRO section 2.1.1.1): a package has at most one project and need not have one, but programs
// refuse a file whose name is of documents with macros and whose type is of those without, or the other way round.
func (c *cleaner) cleanTypes(b []byte) ([]byte, error) {
	b = overrideTag.ReplaceAllFunc(b, func(tag []byte) []byte {
		name := strings.ToLower(group(partName, tag))
		switch {
		case c.drop[name]:
			return nil
		case c.sheets[name]:
			return replaceGroup(contentType, tag, "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml")
		}
		return tag
	})
	b = defaultTag.ReplaceAllFunc(b, func(tag []byte) []byte {
		if isMacroType(strings.ToLower(group(contentType, tag))) {
			return replaceGroup(contentType, tag, "application/octet-stream")
		}
		return tag
	})
	return b, nil
}

// nowhere stands in the place of an address that something is loaded from.
const nowhere = "about:blank"

// cleanRelations takes out the relationships to what is left out, and the addresses from which templates and objects are loaded. A relationship
// to a part that is not there would have programs take the document for damaged. name is that of the relationships.
func (c *cleaner) cleanRelations(name string, b []byte) ([]byte, error) {
	return relationTag.ReplaceAllFunc(b, func(tag []byte) []byte {
		kind := strings.ToLower(group(relType, tag))
		switch {
		case external.Match(tag):
			if to := html.UnescapeString(group(target, tag)); field.Remote(to) && loads(kind, field.Share(to)) {
				return replaceGroup(target, tag, nowhere)
			}
		case isMacroRelation(kind), c.drop[targetOf(name, tag)]:
			return nil
		case kind == "xlmacrosheet" || kind == "xlintlmacrosheet":
			return replaceGroup(relType, tag, "worksheet")
		}
		return tag
	}), nil
}

// loads tells of relationships that programs follow when the document is opened; of pictures, of those on a share alone.
func loads(kind string, share bool) bool {
	switch kind {
	case "attachedtemplate", "oleobject", "package", "control", "afchunk", "subdocument", "frame", "mailmergesource", "mailmergeheadersource", "transform":
		return true
	case "image", "video", "audio", "media":
		return share
	}
	return false
}

func replaceGroup(re *regexp.Regexp, tag []byte, with string) []byte {
	m := re.FindSubmatchIndex(tag)
	if m == nil {
		return tag
	}
	return []byte(string(tag[:m[2]]) + with + string(tag[m[3]:]))
}
