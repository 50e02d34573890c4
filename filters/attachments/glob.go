// SPDX-License-Identifier: Apache-2.0

package attachments

import "strings"

// glob is a pattern for a whole name, in lower case: * stands for any characters, ? for one. It knows nothing else, because names are full of
// brackets that mean nothing.
type glob []rune

func newGlob(s string) glob { return glob(strings.ToLower(s)) }

// matches tells if all of name matches. name is in lower case. It takes at most len(g) times len(name) steps.
func (g glob) matches(name []rune) bool {
	i, j := 0, 0
	star, mark := -1, 0 // Where the last * stands, and how much of name it has taken.
	for j < len(name) {
		switch {
		case i < len(g) && g[i] == '*':
			star, mark = i, j
			i++
		case i < len(g) && (g[i] == '?' || g[i] == name[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(g) && g[i] == '*' {
		i++
	}
	return i == len(g)
}

// ext is the extension that the pattern is about, if it is about nothing else: "exe" for "*.exe".
func (g glob) ext() (ext string, ok bool) {
	ext, ok = strings.CutPrefix(string(g), "*.")
	return ext, ok && ext != "" && !strings.ContainsAny(ext, "*?.")
}
