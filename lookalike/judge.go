// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/urls"
)

// How a name imitates another one.
type How string

// The ways.
const (
	Scripts  How = "scripts"  // Letters of several scripts in one word.
	Letters  How = "letters"  // Letters of other scripts that look the same.
	Digits   How = "digits"   // Digits, or letters that look like others, for letters.
	Typo     How = "typo"     // One letter more, less, other or exchanged.
	Affix    How = "affix"    // The name with something around it.
	Suffix   How = "suffix"   // The name below another public suffix.
	Signs    How = "signs"    // Characters that look like the slash, the full stop and the like of an address.
	Embedded How = "embedded" // The whole domain as part of a longer host name.
)

// Verdict says what a host name looks like.
type Verdict struct {
	How   How
	Name  string // The domain that it looks like; "" for Scripts and Signs, which may look like anything.
	Label string // What of the host does, as it is shown.
}

// Judge knows the names that are worth imitating. It does not change, and is safe for many goroutines.
type Judge struct {
	entries   []entry
	protected map[string]bool // Registrable domains of the site's own.
	owner     map[string][]int
	words     map[string]int
	skeletons map[string]int
	own       map[string]bool // Labels that only look like one of the names.
}

// maxProtected is the number of names that a site may protect.
const maxProtected = 1000

// New makes a judge that knows the shipped list of names, if wellKnown is set, and the site's own domains.
func New(wellKnown bool, protect []string) (*Judge, error) {
	if len(protect) > maxProtected {
		return nil, fmt.Errorf("%d names, at most %d", len(protect), maxProtected)
	}
	j := &Judge{
		protected: map[string]bool{}, owner: map[string][]int{}, words: map[string]int{}, skeletons: map[string]int{}, own: map[string]bool{},
	}
	var errs []error
	for _, name := range protect {
		errs = append(errs, j.protect(name))
	}
	if wellKnown {
		errs = append(errs, j.ship())
	}
	return j, errors.Join(errs...)
}

func (j *Judge) ship() error {
	all, err := parse(shipped)
	for _, e := range all {
		if e.word == "!" {
			for _, w := range e.domains {
				j.own[w] = true
			}
			continue
		}
		j.add(e)
	}
	return err
}

// protect adds one of the site's own domains.
func (j *Judge) protect(name string) error {
	host, ok := urls.Host(name)
	d := urls.DomainOf(host)
	if !ok || d.Suffix == "" || d.Registrable == d.Suffix {
		return fmt.Errorf("%q: want a domain", name)
	}
	word := strings.TrimSuffix(d.Registrable, "."+d.Suffix)
	j.protected[d.Registrable] = true
	if i, ok := j.words[word]; ok {
		j.entries[i].domains = append(j.entries[i].domains, d.Registrable)
		j.owner[d.Registrable] = append(j.owner[d.Registrable], i)
		return nil
	}
	j.add(entry{word: word, common: len(word) < minWord, domains: []string{d.Registrable}})
	return nil
}

// minWord is the number of letters of a name that is looked for in the midst of others.
const minWord = 4

func (j *Judge) add(e entry) {
	i := len(j.entries)
	j.entries = append(j.entries, e)
	for _, d := range e.domains {
		j.owner[d] = append(j.owner[d], i)
	}
	if _, ok := j.words[e.word]; !ok {
		j.words[e.word] = i
		j.skeletons[Skeleton(urls.Unicode(e.word))] = i
	}
}

// WellKnown tells if a registrable domain belongs to a name of the list.
func (j *Judge) WellKnown(domain string) bool { return len(j.owner[domain]) > 0 }

// Guarded tells if a registrable domain belongs to a name of the list that nobody else has reason to show for an address of his own: a
// bank, not a social network.
func (j *Judge) Guarded(domain string) bool {
	for _, i := range j.owner[domain] {
		if !j.entries[i].social {
			return true
		}
	}
	return false
}

// Protected tells if a registrable domain is one of the site's own.
func (j *Judge) Protected(domain string) bool { return j.protected[domain] }

// SameOwner tells if two registrable domains belong to one name of the list.
func (j *Judge) SameOwner(a, b string) bool {
	for _, i := range j.owner[a] {
		if slices.Contains(j.owner[b], i) {
			return true
		}
	}
	return false
}
