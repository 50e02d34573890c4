// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Bounds of what is read of a zip to tell what it is made for.
const (
	maxZipNames = 64       // Names that decide; a Java archive may begin with its classes.
	maxZipTail  = 16 << 10 // Octets of the directory that are read.
)

// zip: many formats are zip archives with certain members. The first local headers are looked at and, where those give no answer, the
// directory (APPNOTE section 4.3).
func (s sample) zip() kind {
	// The first member of an OpenDocument or EPUB file is named mimetype, stored, and tells it (OpenDocument 1.2 part 3 section 3.3).
	if s.has(30, "mimetype") {
		return s.zipMedia()
	}
	names := s.localNames()
	switch k := zipKind(names); k {
	case zip, ooxml, docx, xlsx, pptx:
		return zipKind(append(names, s.directoryNames()...)) // What tells macros may be far behind.
	default:
		return k
	}
}

// zipMedia goes by the text of the member mimetype.
func (s sample) zipMedia() kind {
	at := 38 + s.u16(28)
	end := min(len(s.head), at+80)
	if at > end {
		return zip
	}
	switch t := string(s.head[at:end]); {
	case strings.HasPrefix(t, "application/epub+zip"):
		return epub
	case strings.HasPrefix(t, "application/vnd.oasis.opendocument"), strings.HasPrefix(t, "application/vnd.sun.xml"):
		return odf
	}
	return zip
}

// localNames are the names in the local headers within the head.
func (s sample) localNames() (names []string) {
	for at := 0; s.has(at, "PK\x03\x04") && len(names) < maxZipNames; {
		n, extra := s.u16(at+26), s.u16(at+28)
		if at+30+n > len(s.head) {
			break
		}
		names = append(names, string(s.head[at+30:at+30+n]))
		flags, size := s.u16(at+6), s.u32(at+18)
		next := int64(at) + 30 + int64(n) + int64(extra) + size
		if flags&8 != 0 && size == 0 || next > int64(len(s.head)) {
			break // The size follows the data, or the next header is further on.
		}
		at = int(next)
	}
	return names
}

// directoryNames are the first names of the central directory, if its end record is where it is without a comment of much length.
func (s sample) directoryNames() (names []string) {
	tail := readAt(s.r, max(0, s.size-1024), min(s.size, 1024))
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+22 > len(tail) {
		return nil
	}
	length := int64(binary.LittleEndian.Uint32(tail[at+12:]))
	// The offset in the record is wrong if something stands before the archive; the directory stands before the record all the same.
	start := s.size - int64(len(tail)) + int64(at) - length
	if start < 0 {
		return nil
	}
	dir := readAt(s.r, start, min(length, maxZipTail))
	for len(dir) >= 46 && string(dir[:4]) == "PK\x01\x02" && len(names) < maxZipNames {
		n := int(binary.LittleEndian.Uint16(dir[28:]))
		rest := n + int(binary.LittleEndian.Uint16(dir[30:])) + int(binary.LittleEndian.Uint16(dir[32:]))
		if 46+n > len(dir) {
			break
		}
		names = append(names, string(dir[46:46+n]))
		dir = dir[min(len(dir), 46+rest):]
	}
	return names
}

// zipKind goes by the names of members. An Office document is known by its list of content types (ECMA-376 part 2 section 10.1.2).
func zipKind(names []string) kind {
	has := map[string]bool{}
	folder := map[string]bool{}
	for _, n := range names {
		n = strings.ToLower(strings.ReplaceAll(n, `\`, "/"))
		has[n] = true
		top, _, _ := strings.Cut(n, "/")
		folder[top] = true
	}
	switch {
	case has["appxmanifest.xml"], has["appxblockmap.xml"], has["appxmetadata/appxbundlemanifest.xml"]:
		return appx
	case has["androidmanifest.xml"]:
		return apk
	case has["[content_types].xml"] || has["_rels/.rels"]:
		return officeKind(has, folder)
	case has["meta-inf/manifest.mf"], has["meta-inf/"]:
		return jar
	case has["fixeddocseq.fdseq"], has["fixeddocumentsequence.fdseq"]:
		return xps
	case has["install.rdf"], has["manifest.json"] && folder["meta-inf"]:
		return xpi
	}
	return zip
}

// officeKind tells the Office documents apart, with macros or without.
func officeKind(has, folder map[string]bool) kind {
	switch {
	case folder["word"] && has["word/vbaproject.bin"]:
		return docm
	case folder["word"]:
		return docx
	case has["xl/workbook.bin"]:
		return xlsb
	case folder["xl"] && has["xl/vbaproject.bin"]:
		return xlsm
	case folder["xl"]:
		return xlsx
	case folder["ppt"] && has["ppt/vbaproject.bin"]:
		return pptm
	case folder["ppt"]:
		return pptx
	case folder["visio"]:
		return visio
	case has["fixeddocseq.fdseq"], folder["documents"]:
		return xps
	}
	return ooxml
}
