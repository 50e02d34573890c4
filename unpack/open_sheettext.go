// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/xls"
)

// isSheetText tells of text that Excel opens as a sheet: by content where that tells, and by name where only the name does that.
func isSheetText(h *head) bool {
	_, query := xls.IsQuery(h.octet)
	return query || xls.IsDataQuery(h.octet) || xls.IsSYLK(h.octet) || hasSheetName(h.leaf) && !isWorkbook(h)
}

// isWorkbook tells of files that Excel takes for what they are, whatever their names.
func isWorkbook(h *head) bool { return isOLE(h) || isBIFF(h) || h.has(0, "PK\x03\x04") }

// hasSheetName tells if a name of the leaf has Excel open it as a text file.
func hasSheetName(l *Leaf) bool {
	return hasExtension(l, ".csv", ".tsv", ".tab", ".prn", ".dif", ".slk", ".xls", ".xlt", ".xla", ".xlw")
}

// hasExtension tells if a name of the leaf has one of the extensions, which are in lower case.
func hasExtension(l *Leaf, extensions ...string) bool {
	names := l.Aliases
	if l.Within == nil {
		names = append([]string{l.File}, names...)
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains(extensions, strings.ToLower(path.Ext(strings.TrimRight(name, " ."))))
	})
}

// openSheetText tells what a text file does when Excel opens it.
func openSheetText(b *box) error {
	r, size := b.content()
	head := make([]byte, min(size, headSize))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return orUnexpected(err)
	}
	if address, ok := xls.IsQuery(head); ok {
		b.link(address)
		if field.Remote(address) {
			b.fact("macro.query", fmt.Sprintf("web query loads a sheet from %q", address))
		}
		return nil
	}
	if xls.IsDataQuery(head) {
		b.fact("macro.query", "query that is sent to a database")
		return nil
	}
	text := io.NewSectionReader(r, 0, size)
	if !xls.IsSYLK(head) {
		dde, err := xls.CSV(text)
		b.ended(err)
		b.formulas(dde)
		return nil
	}
	t, err := xls.SYLK(text)
	b.ended(err)
	if t.Macro != "" {
		b.fact("macro.xlm", "symbolic link file: "+t.Macro)
	}
	b.formulas(t.DDE)
	return nil
}

func (b *box) formulas(dde []string) {
	for _, d := range dde {
		b.fact("macro.dde", fmt.Sprintf("formula %q", cleanName(d)))
	}
}
