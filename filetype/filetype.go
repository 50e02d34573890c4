// SPDX-License-Identifier: Apache-2.0

// Package filetype tells what content is by looking at it, never by its name. It knows what mail brings and what attackers
// send: programs, scripts, shortcuts, archives and disk images, documents, pictures. Whatever else is known to the library mimetype
// comes with its media type. It opens nothing, executes nothing and keeps nothing; package unpack goes inside. Package unpack
// asks it about every leaf, filters read the answer.
package filetype

import (
	"bytes"
	"io"
	"slices"
)

// Group is what a type is for.
type Group string

// The groups.
const (
	Executable Group = "executable" // Code that runs when it is opened: programs, installers, libraries, applets.
	Script     Group = "script"     // A program as text, and settings that act when they are opened.
	Shortcut   Group = "shortcut"   // A small file that sends a program or the desktop elsewhere.
	Archive    Group = "archive"    // Holds files: archives, compressed files, disk images.
	Document   Group = "document"   // Office, PDF, HTML.
	Image      Group = "image"
	Audio      Group = "audio"
	Video      Group = "video"
	Font       Group = "font"
	Message    Group = "message" // Holds mail: messages, signed and encrypted wrappers.
	Text       Group = "text"    // For reading as it is.
	Data       Group = "data"    // None of these, or not known.
)

// Groups lists every group, in the order of the documents.
func Groups() []Group {
	return []Group{Executable, Script, Shortcut, Archive, Document, Image, Audio, Video, Font, Message, Text, Data}
}

// Type is what some content is.
type Type struct {
	Name  string // Stable short word, one of Types: "pe", "script.js", "zip"; "data" if it is not known.
	Media string // Media type (RFC 6838) in lower case without parameters; "application/octet-stream" if it is not known.
	Group Group
}

// String is the name.
func (t Type) String() string { return t.Name }

// Types lists every type that has a name of its own.
func Types() []Type {
	all := make([]Type, 0, len(types))
	all = append(all, types[1:]...)
	return all
}

// Named is the type of that name.
func Named(name string) (Type, bool) {
	for _, t := range types[1:] {
		if t.Name == name {
			return t, true
		}
	}
	return Type{}, false
}

// HeadSize is how many octets of the start of content decide most types.
const HeadSize = 4 << 10

// Detect tells what the content is, by what it begins with and marks at fixed places. It reads HeadSize octets, and a few KiB
// more of some formats. Content that cannot be read is data.
func Detect(r io.ReaderAt, size int64) Type {
	return DetectHead(readAt(r, 0, min(size, HeadSize)), r, size)
}

// DetectHead is Detect for who has read the first octets already: head is all of the content, or its first HeadSize octets.
func DetectHead(head []byte, r io.ReaderAt, size int64) Type {
	return sample{head: head, r: r, size: size}.typ()
}

// All tells every format that the content is or holds where programs look for it: the one of Detect comes first, then those
// behind it: a zip at the end of a picture, a PDF behind other octets, an archive behind a program. Of an archive's or document's own
// marks nothing is told. It reads at most 8 MiB from the start and 64 KiB from the end, in constant memory.
func All(r io.ReaderAt, size int64) []Type {
	s := sample{head: readAt(r, 0, min(size, HeadSize)), r: r, size: size}
	all := []Type{s.typ()}
	for _, k := range s.others(all[0]) {
		if t := types[k]; !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// sample is content that is looked at.
type sample struct {
	head []byte // The first HeadSize octets, or all if it is shorter.
	r    io.ReaderAt
	size int64
}

// typ is the type of the table, or else what the library knows.
func (s sample) typ() Type {
	k := s.detect()
	if k == data && len(s.head) > 0 {
		return other(s.head)
	}
	return types[k]
}

// detect goes from what is certain to what is likely.
func (s sample) detect() kind {
	if len(s.head) == 0 {
		if s.size == 0 {
			return empty
		}
		return data
	}
	if k := s.magic(); k != unknown {
		return k
	}
	if k := s.far(); k != unknown {
		return k
	}
	if t, ok := plain(s.head, s.size > int64(len(s.head))); ok {
		return s.text(t)
	}
	if bytes.Contains(s.head[:min(len(s.head), pdfWithin)], []byte("%PDF-")) {
		return pdf
	}
	return data
}

// readAt reads n octets at off, or what there is of them.
func readAt(r io.ReaderAt, off, n int64) []byte {
	if n <= 0 || off < 0 {
		return nil
	}
	b := make([]byte, n)
	got, _ := r.ReadAt(b, off) // What cannot be read is not there; who reads the content will say so.
	return b[:max(got, 0)]
}
