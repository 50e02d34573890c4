// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/unpack/ooxml"
)

const markSize = 2 // Octets of a byte order mark.

// isOfficeXML tells of documents that are one XML file: Word and Excel 2003, Flat OPC, Flat OpenDocument.
func isOfficeXML(h *head) bool {
	if len(h.octet) == 0 || strings.IndexByte("<\xef\xff\xfe \t\r\n\x00", h.octet[0]) < 0 {
		return false
	}
	return ooxml.IsDocument(h.leaf.Reader(), h.leaf.By == "zip") || ooxml.IsPage(h.octet) && isCalledDocument(h.leaf)
}

// isCalledDocument tells if Word opens a leaf, or what it is in.
func isCalledDocument(l *Leaf) bool {
	for ; l != nil; l = l.Within {
		if hasExtension(l, ".doc", ".dot", ".docx", ".dotx", ".docm", ".dotm", ".rtf", ".wbk") {
			return true
		}
	}
	return false
}

// openOfficeXML tells what such a document does and takes out the files in it.
func openOfficeXML(b *box) error {
	r, size := b.content()
	head := make([]byte, min(size, markSize))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return orUnexpected(err)
	}
	if ooxml.IsUTF16(head) {
		return b.member(member{names: []string{"as UTF-8"}, size: size / 2, open: func() (io.Reader, error) { return ooxml.UTF8(io.NewSectionReader(r, 0, size)), nil }})
	}
	in := ooxml.New()
	b.ended(in.Part("document", io.NewSectionReader(r, 0, size)))
	b.report(in.Report(), nil)
	files, err := ooxml.Files(io.NewSectionReader(r, 0, size))
	b.ended(err)
	for i, f := range files {
		name := f.Name
		if name == "" {
			name = fmt.Sprintf("file %d", i+1)
		}
		open := func() (io.Reader, error) {
			return ooxml.Base64(io.NewSectionReader(r, f.Offset, f.Size)), nil
		}
		if err := b.member(member{names: []string{name}, size: f.Size * 3 / 4, open: open}); err != nil {
			return err
		}
	}
	return nil
}

// activeMime is what a container begins with in which Office keeps macros when it saves a document as HTML or XML.
const activeMime = "ActiveMime"

func isActiveMime(h *head) bool { return h.has(0, activeMime) }

// openActiveMime unpacks such a container: a header of some length, and zlib. The header says where that begins; what stands at the usual places
// is unpacked too.
func openActiveMime(b *box) error {
	const lengthAt, behind, most = 0x1E, 46, 4096
	r, size := b.content()
	head := make([]byte, min(size, most))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return orUnexpected(err)
	}
	places := []int64{50, 0x22A}
	if len(head) > lengthAt+1 {
		places = append(places, behind+int64(binary.LittleEndian.Uint16(head[lengthAt:])))
	}
	if i := bytes.IndexByte(head[min(len(head), 50):], 'x'); i >= 0 {
		places = append(places, 50+int64(i))
	}
	slices.Sort(places)
	some := false
	for _, at := range slices.Compact(places) {
		data, err := zlib.NewReader(io.NewSectionReader(r, at, max(size-at, 0)))
		if err != nil {
			continue
		}
		some = true
		err = b.member(member{names: []string{"project"}, size: -1, open: func() (io.Reader, error) { return data, nil }})
		if err != nil {
			return err
		}
	}
	if !some {
		b.problem(Unscannable, "a container of macros that cannot be read")
	}
	return nil
}
