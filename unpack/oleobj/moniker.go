// SPDX-License-Identifier: Apache-2.0

package oleobj

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
)

// maxMonikers is how many addresses are kept of one stream, and as many that lead to other machines.
const maxMonikers = 1000

// Class identifiers of monikers, as they are stored (MS-OSHARED section 2.3.7).
const (
	urlMoniker  = "\xE0\xC9\xEA\x79\xF9\xBA\xCE\x11\x8C\x82\x00\xAA\x00\x4B\xA9\x0B"
	fileMoniker = "\x03\x03\x00\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"
	soapMoniker = "\xC7\xAF\xAB\xEC\x36\x58\xAC\x4D\x9C\x79\x7C\x7A\x7A\x7E\x2B\xB2"
)

// Monikers lists the addresses of all monikers that stand in the octets, wherever they do.
func Monikers(b []byte) []string {
	var all []string
	seen := map[string]bool{}
	for _, class := range []string{urlMoniker, fileMoniker, soapMoniker} {
		rest := b
		for {
			i := bytes.Index(rest, []byte(class))
			if i < 0 {
				break
			}
			rest = rest[i+len(class):]
			// The next one ends it: what follows is read once.
			text, _, _ := bytes.Cut(rest[:min(len(rest), maxName)], []byte(class))
			if a := address(class, text); a != "" && !seen[a] && len(all) < 2*maxMonikers && (len(all) < maxMonikers || field.Remote(a)) {
				seen[a] = true
				all = append(all, a)
			}
		}
	}
	return all
}

// address reads what is behind a moniker's class: of a URL its octets and UTF-16, of a file two octets, its length and text.
func address(class string, b []byte) string {
	switch {
	case class == urlMoniker && len(b) > 4:
		n := min(int64(binary.LittleEndian.Uint32(b)), int64(len(b)-4))
		return strings.TrimSpace(utf16Text(b[4 : 4+n]))
	case class == fileMoniker && len(b) > 6:
		n := min(int64(binary.LittleEndian.Uint32(b[2:])), int64(len(b)-6))
		return strings.TrimRight(latin1(b[6:6+n]), "\x00")
	case class == soapMoniker:
		i := bytes.Index(b, []byte("h\x00t\x00t\x00p\x00"))
		if i < 0 {
			return "soap:"
		}
		return "soap:" + utf16Text(b[i:])
	}
	return ""
}
