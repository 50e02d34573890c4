// SPDX-License-Identifier: Apache-2.0

// Package glob matches whole names with patterns of shells, cut down to what names of files and of viruses allow: they are full of brackets,
// slashes and backslashes that mean nothing.
package glob

import "strings"

// Pattern matches a name in any case: * stands for any characters, ? for one. It knows nothing else.
type Pattern []rune

// New makes a pattern of its text.
func New(s string) Pattern { return Pattern(strings.ToLower(s)) }

// Match tells if all of the name matches.
func (p Pattern) Match(name string) bool { return p.MatchLower([]rune(strings.ToLower(name))) }

// MatchLower is Match for a name that is in lower case already. It takes at most len(p) times len(name) steps.
func (p Pattern) MatchLower(name []rune) bool {
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
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
