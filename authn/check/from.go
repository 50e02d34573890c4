// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// hiddenFrom tells if a line that is no field, such as one with blanks before it, looks like From, or what stands behind a CR alone: some clients take it for one.
func hiddenFrom(h mail.Header) bool {
	for _, f := range h {
		if f.Name == "" && looksLikeFrom(f.Raw) {
			return true
		}
		_, behind, _ := strings.Cut(f.Raw, "\r")
		for line := range strings.SplitSeq(behind, "\r") {
			if looksLikeFrom(line) {
				return true
			}
		}
	}
	return false
}

// looksLikeFrom tells if a line is a From field to those who overlook what is not printable or not US-ASCII.
func looksLikeFrom(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	return ok && !strings.HasPrefix(name, "\n") && strings.EqualFold(strings.Map(visible, name), "from")
}

func visible(r rune) rune {
	if r <= ' ' || r >= 0x7f {
		return -1
	}
	return r
}
