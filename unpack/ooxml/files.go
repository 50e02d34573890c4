// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"encoding/base64"
	"io"
	"strings"
)

// MaxFiles is how many files of one document are listed.
const MaxFiles = 10_000

// File is a file that stands in an XML document in base64.
type File struct {
	Name         string
	Offset, Size int64 // Of its base64.
}

// IsDocument tells if a file is an Office document in XML: Word and Excel 2003, Flat OPC, Flat OpenDocument. It is one if its first octets name a
// namespace of Office, or if its first element, however far that is, is that of such a document. If part is set, the file may be a part of a
// document in a zip file, and the element alone tells.
func IsDocument(r *io.SectionReader, part bool) bool {
	head := make([]byte, min(r.Size(), maxHead))
	if n, _ := r.ReadAt(head, 0); n < len(head) || !isXML(head) {
		return false
	}
	if !part && hasMark(strings.ReplaceAll(string(head), "\x00", "")) {
		return true
	}
	found := false
	// A reading error here is one for those who read all of it, too.
	_ = newScanner(utf8(io.NewSectionReader(r, 0, r.Size()))).each(func(t tag) error {
		switch {
		case t.name == "?mso-application":
			found = true
		case t.name == "" && strings.TrimSpace(t.text) == "", t.name != "" && (t.name[0] == '?' || t.name[0] == '!'):
			return nil
		default:
			found = isFlat(t) || !part && hasMark(t.raw)
		}
		return errEnough
	})
	return found
}

// isFlat tells of the first element of a document that is one file.
func isFlat(t tag) bool {
	switch t.name {
	case "package":
		return strings.Contains(t.raw, "xmlPackage")
	case "wordDocument", "Workbook":
		return true
	case "document":
		return strings.Contains(t.raw, "opendocument")
	}
	return false
}

func hasMark(text string) bool {
	for _, mark := range []string{"<?mso-application", "schemas.microsoft.com/office", "urn:schemas-microsoft-com:office", "urn:oasis:names:tc:opendocument"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// Base64 decodes the base64 in a piece of a document. It may be written with entities, comments and sections of character data.
func Base64(r io.Reader) io.Reader {
	return base64.NewDecoder(base64.RawStdEncoding, &digits{in: newScanner(r)})
}

// digits reads the text in a piece of a document, and of that what base64 is written with.
type digits struct {
	in   *scanner
	rest string
}

func (d *digits) Read(b []byte) (int, error) {
	for d.rest == "" {
		next, err := d.in.next()
		if err != nil {
			return 0, err
		}
		if next.name == "" {
			d.rest = strings.Map(digit, next.text)
		}
	}
	n := copy(b, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func digit(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' {
		return r
	}
	return -1
}

// Files lists the files in the document (binData of Word 2003, binaryData of Flat OPC, binary-data of OpenDocument).
func Files(r *io.SectionReader) ([]File, error) {
	var files []File
	var part string
	open := -1
	err := newScanner(r).each(func(t tag) error {
		switch strings.ToLower(t.name) {
		case "part":
			part = t.attr("name")
		case "bindata", "binarydata", "binary-data":
			if open >= 0 {
				files[open].Size = t.start - files[open].Offset
				open = -1
			}
			if t.end || t.empty || len(files) >= MaxFiles {
				return nil
			}
			name := t.attr("name")
			if name == "" {
				name = strings.TrimPrefix(part, "/")
			}
			open = len(files)
			files = append(files, File{name, t.after, r.Size() - t.after})
		}
		return nil
	})
	return files, err
}

// IsUTF16 tells if a document is in UTF-16, by its first octets.
func IsUTF16(head []byte) bool {
	text := string(head[:min(len(head), 2)])
	return text == "\xff\xfe" || text == "\xfe\xff" || text == "<\x00" || text == "\x00<"
}

// UTF8 reads a document as UTF-8.
func UTF8(r io.Reader) io.Reader { return utf8(r) }
