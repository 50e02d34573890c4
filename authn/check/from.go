// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// fromBodies are the bodies of all From fields as they came.
func fromBodies(h mail.Header) []string {
	var list []string
	for f := range h.All("From") {
		_, body, _ := strings.Cut(f.Raw, ":")
		list = append(list, body)
	}
	return list
}

// hiddenFrom tells if a line that is no field, such as one with blanks before it, looks like From: some clients take it for one.
func hiddenFrom(h mail.Header) bool {
	for _, f := range h {
		if f.Name != "" {
			continue
		}
		name, _, ok := strings.Cut(f.Raw, ":")
		if ok && len(name) < 100 && strings.EqualFold(strings.TrimFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f }), "from") {
			return true
		}
	}
	return false
}
