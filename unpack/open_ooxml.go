// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"path"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ooxml"
)

// openOOXML tells what a document does whose parts were taken out of a zip file before: Office Open XML and OpenDocument.
func openOOXML(b *box) error {
	parts := b.members()
	if !slices.ContainsFunc(parts, isDocumentPart) {
		return nil
	}
	in := ooxml.New()
	for _, p := range parts {
		if err := b.stopped(); err != nil {
			return err
		}
		if p.Sealed == "" && p.Size > 0 {
			b.ended(in.Part(partName(p), p.Reader()))
		}
	}
	b.report(in.Report(), parts)
	return nil
}

// isDocumentPart tells if a member makes the archive a document.
func isDocumentPart(l *Leaf) bool {
	name := strings.ToLower(partName(l))
	return name == "[content_types].xml" || name == "content.xml" || strings.HasSuffix(name, ".rels") || name == "meta-inf/manifest.xml" || name == "mimetype"
}

// partName is the name of a member as documents have it.
func partName(l *Leaf) string {
	if len(l.Aliases) == 0 {
		return ""
	}
	return strings.TrimPrefix(strings.ReplaceAll(l.Aliases[0], `\`, "/"), "/")
}

// report tells what was found in a document.
func (b *box) report(r *ooxml.Report, parts []*Leaf) {
	for _, f := range r.Facts {
		b.fact(f.Code, f.Detail)
	}
	for _, l := range r.Links {
		b.link(l)
	}
	if r.Cut {
		b.problem(Unscannable, "a part or a tag of the document is too long to be looked at as a whole")
	}
	if r.Charset != "" {
		b.problem(Unscannable, "a part of the document is in the charset "+cleanName(r.Charset)+", which is not read")
	}
	if r.Encrypted {
		b.problem(Encrypted, needsPassword)
	}
	for _, name := range r.VBA {
		for _, p := range parts {
			if strings.EqualFold(path.Base(partName(p)), path.Base(name)) && !ole.Is(firstOctets(p)) {
				b.fact("macro.vba", "VBA project that cannot be read")
			}
		}
	}
}

// firstOctets are those by which some formats are known.
func firstOctets(l *Leaf) []byte {
	const enough = 64
	b := make([]byte, min(l.Size, enough))
	n, _ := l.Content.ReadAt(b, 0)
	return b[:n]
}
