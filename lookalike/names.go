// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	_ "embed"
	"fmt"
	"strings"
)

// shipped is the list of well-known names.
//
//go:embed names.txt
var shipped string

// entry is one line of a list of names.
type entry struct {
	word    string   // The name as a label of a host, US-ASCII, lower case.
	common  bool     // A word with a meaning of its own, or short: "apple". Only names that are all of it are compared.
	plain   bool     // Short, but with no other meaning: "dhl". In a sender's name it is nobody else.
	social  bool     // Others link to it by name: a page there is shown in anybody's mail.
	domains []string // Registrable names that belong to it.
}

// parse reads a list of names. Each line is a name, with "~" in front if it is a common word, "=" if it is short and has no other
// meaning, "+" if others link to it, and its domains; the first domain is where a link of it is expected to lead. Empty lines and what follows # are passed over.
func parse(text string) ([]entry, error) {
	var all []entry
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		word := strings.TrimLeft(f[0], "~=+")
		marks := f[0][:len(f[0])-len(word)]
		if len(f) < 2 || word == "" {
			return nil, fmt.Errorf("line %d: want a name and its domains", n)
		}
		plain := strings.Contains(marks, "=")
		all = append(all, entry{
			word: word, common: plain || strings.Contains(marks, "~"), plain: plain, social: strings.Contains(marks, "+"), domains: f[1:],
		})
	}
	return all, nil
}
