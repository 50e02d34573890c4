// SPDX-License-Identifier: Apache-2.0

package lists

// recipients is whom an entry is for.
type recipients struct {
	all       bool
	addresses map[string]bool
	domains   map[string]bool
	below     map[string]bool
	globs     []globRef
}

func newRecipients() *recipients {
	return &recipients{addresses: map[string]bool{}, domains: map[string]bool{}, below: map[string]bool{}}
}

func (t *recipients) add(p pattern) error {
	switch p.shape {
	case exactly:
		t.addresses[p.key] = true
	case within:
		t.domains[p.key] = true
	case below:
		t.below[p.key] = true
	case everything:
		t.all = true
	case globbed:
		t.globs = append(t.globs, globRef{glob: p.glob})
		if len(t.globs) > maxGlobs {
			return errTooManyGlobs
		}
	}
	return nil
}

// has tells if a recipient is one of them, and how near the pattern is. A list of all has the same rank as none.
func (t *recipients) has(a address) (rank int, ok bool) {
	switch {
	case t == nil:
		return rankNone, true
	case t.addresses[a.full]:
		return rankOne, true
	case t.domains[a.domain]:
		return rankMany, true
	}
	in := false
	above(a.domain, func(parent string) { in = in || t.below[parent] })
	full := []rune(a.full)
	for i := 0; i < len(t.globs) && !in; i++ {
		in = t.globs[i].glob.MatchLower(full)
	}
	if in {
		return rankMany, true
	}
	return rankNone, t.all
}
