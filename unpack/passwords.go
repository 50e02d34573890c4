// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// maxRounds is how many rounds of a hash all passwords that are tried on the containers of one message may take: formats make it slow on
// purpose, some by 2^19 rounds for one password. It is a few seconds.
const maxRounds = 32 << 20

// secrets are the passwords that may open what is in a message.
type secrets struct {
	made   bool
	words  []string // Of the message's text, the likeliest first.
	proven []string // That opened something in this message, the last one first.
	rounds int64    // Spent.
}

// common are passwords that need no telling.
func common() []string {
	return []string{
		"infected",        // Samples of malware are sent under it.
		"VelvetSweatshop", // Excel opens workbooks under it without asking.
	}
}

// passwords are those to try on the container, the likeliest first, at most PasswordTries of them: what opened something else in the message,
// what the operator lists, what is common, the name of the file, and the words of the message, those near the word "password" first.
func (b *box) passwords() []string {
	if !b.secrets.made {
		b.secrets.made, b.secrets.words = true, b.messageWords()
	}
	var list []string
	seen := map[string]bool{"": true}
	add := func(words ...string) {
		for _, p := range words {
			if !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	add(b.secrets.proven...)
	add(b.u.Passwords...)
	add(common()...)
	for l := b.leaf; l != nil; l = l.Within {
		for _, name := range l.Aliases {
			add(stem(name))
		}
	}
	add(b.secrets.words...)
	tries := cmp.Or(b.u.PasswordTries, DefaultTries)
	return list[:min(len(list), max(tries, 0))]
}

// stem is a file name without folders and without what tells the type.
func stem(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(name, path.Ext(name))
}

// affords tells if a password may be tried that takes so many rounds of a hash, and spends them.
func (b *box) affords(rounds int64) bool {
	if rounds < 0 || rounds > maxRounds-b.secrets.rounds {
		return false
	}
	b.secrets.rounds += rounds
	return true
}

// opened notes the password that opened a container: it is tried first on the next.
func (b *box) opened(password string) {
	const most = 8
	if i := slices.Index(b.secrets.proven, password); i >= 0 {
		b.secrets.proven = slices.Delete(b.secrets.proven, i, i+1)
	}
	b.secrets.proven = slices.Insert(b.secrets.proven, 0, password)
	b.secrets.proven = b.secrets.proven[:min(len(b.secrets.proven), most)]
}
