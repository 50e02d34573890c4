// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// names are all that programs may show for a member: the names of the extra fields, and the other one as UTF-8 and in code page 437. The first is what
// most of them show. There is always one, "" perhaps.
func (h header) names() []string {
	var names []string
	add := func(s string) {
		if !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	for _, name := range h.unicode {
		add(name)
	}
	if isASCII(h.name) {
		add(h.name)
		return names
	}
	// Each octet is some character there.
	oem, _ := charmap.CodePage437.NewDecoder().String(h.name)
	if utf8.ValidString(h.name) || h.flags&flagUTF8 != 0 {
		add(h.name)
	}
	add(oem)
	return names
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
