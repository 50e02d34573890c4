// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// maxLine is how long the lines of a field are to be, in octets (RFC 5322 section 2.1.1). Package mail folds where there are blanks.
const maxLine = 78

// listField is the edit that adds a field with lists in it, folded behind their commas too, as SpamAssassin does: a line has more than maxLine octets only
// for want of a comma. Who unfolds it finds a tab there.
func listField(name, body string) mail.Edit {
	var b strings.Builder
	at := len(name) + len(": ")
	for i, word := range strings.SplitAfter(body, ",") {
		if first, _, _ := strings.Cut(word, " "); i > 0 && at+len(first) > maxLine {
			b.WriteString("\n\t")
			at = len("\t")
		}
		b.WriteString(word)
		if last := strings.LastIndexByte(word, ' '); at+len(word) > maxLine && last > 0 {
			at = len(word) - last // It is folded there.
		} else {
			at += len(word)
		}
	}
	return mail.AddField{Name: name, Value: b.String()}
}
