// SPDX-License-Identifier: Apache-2.0

package virus

import "strings"

// pattern is a glob over signatures: * stands for any characters, ? for one. It knows nothing else, because signatures are full of
// brackets, slashes and backslashes that mean nothing.
type pattern string

func newPattern(s string) pattern { return pattern(strings.ToLower(s)) }

// matches tells if all of name matches, in any case. It takes at most len(p) times len(name) steps.
func (p pattern) matches(name string) bool {
	name = strings.ToLower(name)
	i, j := 0, 0
	star, mark := -1, 0 // Where the last * stands, and how much of name it has taken.
	for j < len(name) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == name[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}
