// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strings"
)

// scriptEnd finds the end tag of the script whose content begins at from; -1 if there is none. Behind <!-- a <script> hides the next
// </script> (HTML standard, sections 13.2.5.15 to 13.2.5.31).
func scriptEnd(text []byte, from int) int {
	escaped, double := false, false
	for i := from; i < len(text); i++ {
		n := nextOf(text[i:], escaped)
		if n < 0 {
			return -1
		}
		i += n
		b := text[i:]
		switch {
		case b[0] == '-':
			// --> ends what <!-- began; of more dashes the last two count.
			if bytes.HasPrefix(b, []byte("-->")) {
				escaped, double = false, false
				i += 2
			}
		case bytes.HasPrefix(b, []byte("</")):
			if !isEndTag(b, "script") {
				break
			}
			if !double {
				return i
			}
			double = false
		case !escaped && bytes.HasPrefix(b, []byte("<!--")):
			escaped = true
			i++ // The dashes may be those of the end.
		case escaped && !double && startsScript(b):
			double = true
		}
	}
	return -1
}

// nextOf finds the next < or, in an escaped part, dash.
func nextOf(b []byte, escaped bool) int {
	if escaped {
		return bytes.IndexAny(b, "<-")
	}
	return bytes.IndexByte(b, '<')
}

// startsScript tells if b begins with <script and something that ends the name.
func startsScript(b []byte) bool {
	const name = "<script"
	if len(b) <= len(name) || !strings.EqualFold(string(b[:len(name)]), name) {
		return false
	}
	c := b[len(name)]
	return isSpace(c) || c == '/' || c == '>'
}
