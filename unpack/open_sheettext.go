// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"path"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/xls"
)

// maxSheetText is how many octets of a text file are looked at.
const maxSheetText = 8 << 20

// isSheetText tells of text that Excel opens as a sheet: by content where that tells, and by name where only the name does that.
func isSheetText(h *head) bool {
	_, query := xls.IsQuery(h.octet)
	return query || xls.IsDataQuery(h.octet) || xls.IsSYLK(h.octet) || hasSheetName(h.leaf)
}

// hasSheetName tells if a name of the leaf has Excel open it as a text file.
func hasSheetName(l *Leaf) bool {
	for _, name := range append(l.Aliases, l.File) {
		switch strings.ToLower(path.Ext(strings.TrimRight(name, " ."))) {
		case ".csv", ".tsv", ".tab", ".prn", ".dif", ".slk", ".xls", ".xlt", ".xla", ".xlw":
			return true
		}
	}
	return false
}

// openSheetText tells what a text file does when Excel opens it.
func openSheetText(b *box) error {
	r, size := b.content()
	text := make([]byte, min(size, maxSheetText))
	if n, err := r.ReadAt(text, 0); n < len(text) {
		return orUnexpected(err)
	}
	if address, ok := xls.IsQuery(text[:min(len(text), headSize)]); ok {
		b.link(address)
		if field.Remote(address) {
			b.fact("macro.query", fmt.Sprintf("web query loads a sheet from %q", address))
		}
		return nil
	}
	if xls.IsDataQuery(text[:min(len(text), headSize)]) {
		b.fact("macro.query", "query that is sent to a database")
		return nil
	}
	var dde []string
	if xls.IsSYLK(text) {
		t := xls.SYLK(text)
		if t.Macro != "" {
			b.fact("macro.xlm", "symbolic link file: "+t.Macro)
		}
		dde = t.DDE
	} else {
		dde = xls.CSV(text)
	}
	for _, d := range dde {
		b.fact("macro.dde", fmt.Sprintf("formula %q", cleanName(d)))
	}
	return nil
}
