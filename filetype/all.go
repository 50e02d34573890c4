// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"io"
)

// Bounds of what All reads.
const (
	scanSize = 8 << 20           // Octets from the start in which marks are looked for.
	tailSize = endRecord + 65535 // Octets from the end: a zip's end record with the longest comment.
	window   = 64 << 10          // Octets that are looked at together.
	overlap  = 64                // Octets that a window has of the next: more than any mark and what has to follow it.
	tagsSize = 4 * window        // Octets from the start in which markup is looked for; programs that show it search further, slowly.
)

// others are the formats that may stand behind the start. The marks of the format that the content is do not count: an archive is full of them.
func (s sample) others(own Type) (found []kind) {
	if len(s.head) == 0 {
		return nil
	}
	seen := [kindCount]bool{}
	add := func(k kind) {
		if !seen[k] && !family(own, k) {
			seen[k] = true
			found = append(found, k)
		}
	}
	page := make([]byte, min(s.size, window+overlap))
	for at := int64(0); at < min(s.size, scanSize); at += window {
		n, _ := s.r.ReadAt(page, at) // What cannot be read is not there; who reads the content will say so.
		scan(page[:max(n, 0)], at < tagsSize, add)
	}
	if tail := readAt(s.r, max(0, s.size-tailSize), min(s.size, tailSize)); bytes.Contains(tail, []byte("PK\x05\x06")) {
		add(zip)
	}
	if bytes.Contains(s.head[:min(len(s.head), pdfWithin)], []byte("%PDF-")) {
		add(pdf)
	}
	if k := s.volume(); k != unknown {
		add(k)
	}
	if k := s.footer(); k != unknown {
		add(k)
	}
	return found
}

// scan calls add for the marks in b. Markup is only looked for if tags says so.
func scan(b []byte, tags bool, add func(kind)) {
	for i := 0; i+1 < len(b); i++ {
		if !starts[b[i]] || !seconds[b[i+1]] {
			continue
		}
		rest := b[i:]
		for _, m := range inner[b[i]] {
			if len(rest) < len(m.mark) {
				continue
			}
			if m.tag {
				if tags && bytes.EqualFold(rest[:len(m.mark)], []byte(m.mark)) && endsTag(rest[len(m.mark):]) {
					add(m.kind)
				}
			} else if string(rest[:len(m.mark)]) == m.mark && (m.kind != zip || isLocalHeader(rest)) {
				add(m.kind)
			}
		}
	}
}

// endsTag tells if the name of a tag ends before rest. Without that, one picture of two thousand would have one by chance.
func endsTag(rest []byte) bool {
	return len(rest) > 0 && bytes.IndexByte([]byte(" \t\r\n\f/>"), rest[0]) >= 0
}

// innerMark is a mark of a format that programs find behind other octets.
type innerMark struct {
	mark string
	kind kind
	tag  bool // Markup, in any case of letters, that browsers and script hosts run wherever it stands.
}

// inner are these marks by their first octet.
var inner = func() (index [256][]innerMark) {
	for _, m := range []innerMark{
		{"PK\x03\x04", zip, false},
		{"Rar!\x1a\x07", rar, false},
		{"7z\xbc\xaf\x27\x1c", sevenZip, false},
		{"MSCF\x00\x00\x00\x00", cab, false},
		{"**ACE**", ace, false},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ole, false},
		{"This program cannot be run in DOS mode", pe, false},
		{"This program must be run under Win32", pe, false},
		{"ActiveMime", activeMime, false},
		{"QWN0aXZlTWltZ", activeMime, false}, // In base64, as Word finds it behind any other octets.
		{"<html", html, true},
		{"<script", html, true},
		{"<!doctype html", html, true},
		{"<svg", svg, true},
		{"<hta:application", hta, true},
		{"<?php", scriptPHP, true},
	} {
		index[m.mark[0]] = append(index[m.mark[0]], m)
	}
	return index
}()

// starts and seconds are the first and the second octets of the marks.
var starts, seconds = func() (one, two [256]bool) {
	for c, list := range inner {
		for _, m := range list {
			one[c], two[m.mark[1]] = true, true
			if m.tag && m.mark[1] >= 'a' {
				two[m.mark[1]-'a'+'A'] = true
			}
		}
	}
	return one, two
}()

// EndsAsZip tells if the content ends with the end record of a zip (APPNOTE section 4.3.16), so that programs that look for it there, as nearly all do, take
// the content for an archive, whatever it begins with. An archive that is somewhere inside, such as a file in a document, is none to them.
func EndsAsZip(r io.ReaderAt, size int64) bool {
	tail := readAt(r, max(0, size-tailSize), min(size, tailSize))
	for end := len(tail); ; {
		at := bytes.LastIndex(tail[:end], []byte("PK\x05\x06"))
		if at < 0 {
			return false
		}
		if rest := tail[at:]; len(rest) >= endRecord && endRecord+int(rest[20])+int(rest[21])<<8 == len(rest) {
			return true
		}
		end = at
	}
}

// endRecord is the length of the end record without its comment.
const endRecord = 22

// isLocalHeader tells if b looks like a local file header of a zip (APPNOTE section 4.3.7): a version up to 6.3, a known method, a name.
func isLocalHeader(b []byte) bool {
	return len(b) >= 30 && b[4] <= 63 && b[5] <= 3 && b[9] == 0 && (b[26] != 0 || b[27] != 0) && b[27] <= 4
}

// family tells if marks of k are to be expected in content of type t, or tell nothing new.
func family(t Type, k kind) bool {
	switch k {
	case zip:
		return isZip(t)
	case ole:
		return isOLE(t)
	case pe:
		return t.Group == Archive || t.Group == Executable
	case html, svg, hta, scriptPHP:
		return t.Group == Document && t.Name != "pdf" || t.Group == Message || t.Name == types[tnef].Name || t.Name == types[scriptPHP].Name || t.Name == types[k].Name
	default:
		return t.Name == types[k].Name
	}
}

// isZip tells if content of the type is a zip archive.
func isZip(t Type) bool {
	switch t.Name {
	case "zip", "jar", "apk", "appx", "crx", "xpi", "ooxml", "docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "xlsb", "visio", "odf", "epub", "xps":
		return true
	}
	return false
}

// isOLE tells if content of the type is a compound file.
func isOLE(t Type) bool {
	switch t.Name {
	case "ole", "doc", "xls", "ppt", "msi", "msg", "publisher", "visio", "ooxml":
		return true
	}
	return false
}
