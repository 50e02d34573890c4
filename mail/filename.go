// SPDX-License-Identifier: Apache-2.0

package mail

import "strings"

// Filename is the name that most clients show for p: filename of Content-Disposition before name of Content-Type, the form of RFC 2231
// before the plain one; decoded. "" if it has none. It comes from the sender: never use it as a path.
func (p *Part) Filename() string {
	best := ""
	for _, c := range p.nameCandidates() {
		if best == "" || c.extended && c.disposition {
			best = c.value
		}
		if c.extended && c.disposition {
			break
		}
	}
	return best
}

// Filenames are all names that a client may show or save p under, decoded, each once, the likeliest first: filename and name in every form, of every
// Content-Disposition and Content-Type field; in every way to decode it, where clients differ. If there is none, what looks like a file name in
// Content-Description and Content-Location is. There is one name if it is given in one regular form.
func (p *Part) Filenames() []string {
	names := nameSet{seen: map[string]bool{"": true}}
	for _, c := range p.nameCandidates() {
		names.add(c.value, c.raw)
	}
	names.addOdd(p)
	if len(names.list) > 0 {
		return names.list
	}
	for f := range p.Header.All("Content-Description") {
		if n := toUTF8("", DecodeWords(f.Value())); hasExtension(n) {
			names.add(n)
		}
	}
	for f := range p.Header.All("Content-Location") {
		if n := lastSegment(f.Value()); hasExtension(n) {
			names.add(n)
		}
	}
	return names.list
}

// nameCandidate is one file name.
type nameCandidate struct {
	value       string // Decoded.
	raw         string // As given, without quotes.
	extended    bool   // In the form of RFC 2231.
	disposition bool   // Of Content-Disposition.
}

// nameCandidates are the file names of p; those of Content-Disposition come first.
func (p *Part) nameCandidates() []nameCandidate {
	var list []nameCandidate
	for _, field := range nameFields {
		for f := range p.Header.All(field) {
			_, rest := cutToken(f.Value())
			given := parseParams(rest, p.msg.budget.limits.Params).list
			decoded, _ := decodeParams(given)
			for _, d := range decoded {
				if d.name != "filename" && d.name != "name" {
					continue
				}
				c := nameCandidate{value: d.value, raw: d.value, extended: d.extended, disposition: field == "Content-Disposition"}
				if !c.extended {
					c.value = toUTF8("", DecodeWords(d.value))
				}
				list = append(list, c)
			}
		}
	}
	return list
}

// nameFields are the fields with parameters that are file names.
var nameFields = [...]string{"Content-Disposition", "Content-Type"}

// nameSet collects names, each once.
type nameSet struct {
	list []string
	seen map[string]bool
}

func (s *nameSet) add(names ...string) {
	for _, n := range names {
		if !s.seen[n] {
			s.seen[n] = true
			s.list = append(s.list, n)
		}
	}
}

// maxExtension bounds the octets of what makes a text look like a file name.
const maxExtension = 12

// hasExtension tells if a text ends like a file name: in a period and letters or digits.
func hasExtension(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || i+1 == len(s) || len(s)-i > maxExtension {
		return false
	}
	return strings.Trim(lower(s[i+1:]), "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// lastSegment is what a URI ends with, decoded.
func lastSegment(uri string) string {
	uri, _, _ = strings.Cut(uri, "#")
	uri, _, _ = strings.Cut(uri, "?")
	return toUTF8("", unpercent(uri[strings.LastIndexAny(uri, `/\`)+1:]))
}
