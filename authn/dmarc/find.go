// SPDX-License-Identifier: Apache-2.0

package dmarc

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mailweir/mailweir/authn"
)

// Limits of the walk up the tree (DMARCbis section 4.10) and of all walks for one author domain.
const (
	maxSteps   = 8  // Names that are asked for, of one domain.
	maxQueries = 16 // For one author domain: its own and those of whoever vouches for it.
	maxRecords = 20 // TXT records of one name that are looked at.
)

// finder asks for records, each name once. It belongs to one author domain of one message.
type finder struct {
	r     authn.Resolver
	known map[string]answer
}

type answer struct {
	record Record
	ok     bool
	broken bool // There is one that asks for nothing that can be understood.
	err    error
}

var errQueries = errors.New("too many domains to ask about")

// at is the record of one domain. Several count as none (RFC 7489 section 6.6.3, step 5).
func (f *finder) at(ctx context.Context, domain string) answer {
	if a, ok := f.known[domain]; ok {
		return a
	}
	if len(f.known) >= maxQueries {
		return answer{err: errQueries} // What was not asked is not known.
	}
	a := f.ask(ctx, domain)
	f.known[domain] = a
	return a
}

func (f *finder) ask(ctx context.Context, domain string) answer {
	list, err := f.r.LookupTXT(ctx, "_dmarc."+domain)
	if authn.IsNotFound(err) {
		return answer{}
	}
	if err != nil {
		return answer{err: err}
	}
	var a answer
	n := 0
	for _, txt := range list[:min(len(list), maxRecords)] {
		if IsRecord(txt) {
			n++
			a.record, a.ok = Parse(txt)
		}
	}
	if n != 1 {
		return answer{}
	}
	a.broken = !a.ok
	return a
}

// place is a record and where it was found.
type place struct {
	domain string
	record Record
}

// trail is what a walk has found.
type trail struct {
	found []place // The domain's own first, if it has one.
	err   error   // A name within the organisation gave no answer; the walk ended there.
	above error   // The same of a name above it, which does not change where the organisation ends.
}

// walk looks for the records of a domain and those above it (DMARCbis section 4.10). It ends behind a record that says where the organisation ends.
func (f *finder) walk(ctx context.Context, domain string) (t trail) {
	name := domain
	for range maxSteps {
		a := f.at(ctx, name)
		if a.err != nil && authn.IsWithin(name, organisation(domain, nil)) {
			t.err = a.err
			return t
		}
		if a.err != nil {
			t.above = a.err
			return t
		}
		if a.ok {
			t.found = append(t.found, place{name, a.record})
			if a.record.PSD == "n" || a.record.PSD == "y" && name != domain {
				return t
			}
		}
		if name = parent(name, name == domain); name == "" {
			return t
		}
	}
	return t
}

// parent is the next name up: of a domain with more labels than are asked for, the one with seven.
func parent(name string, first bool) string {
	labels := strings.Count(name, ".") + 1
	for first && labels > maxSteps {
		_, name, _ = strings.Cut(name, ".")
		labels--
	}
	_, up, _ := strings.Cut(name, ".")
	return up
}

// organisation is the organisational domain. What a walk finds goes first: psd=n is an organisation's own domain, psd=y is a suffix with
// organisations one label below. Where no record says so, the Public Suffix List does, if it has the suffix: then no record of whoever
// runs a suffix joins its customers, and a record further down does not cut an organisation in two. Else it is the topmost domain with a record.
func organisation(domain string, found []place) string {
	for _, p := range found {
		switch {
		case p.record.PSD == "n":
			return p.domain
		case p.record.PSD == "y" && p.domain != domain:
			return below(domain, p.domain)
		}
	}
	suffix, listed := publicsuffix.PublicSuffix(domain)
	if (listed || strings.IndexByte(suffix, '.') >= 0) && suffix != domain {
		return below(domain, suffix)
	}
	if suffix != domain && len(found) > 0 {
		return found[len(found)-1].domain
	}
	if suffix != domain {
		return below(domain, suffix)
	}
	return domain
}

// below is the name one label below suffix that leads to domain.
func below(domain, suffix string) string {
	rest := strings.TrimSuffix(strings.TrimSuffix(domain, suffix), ".")
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + suffix
}
