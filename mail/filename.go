// SPDX-License-Identifier: Apache-2.0

package mail

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

// Filenames are all names that a client may show or save p under, decoded, each once: filename and name in every form, of every
// Content-Disposition and Content-Type field, also as they are where decoding changes them.
func (p *Part) Filenames() []string {
	var names []string
	seen := map[string]bool{"": true}
	for _, c := range p.nameCandidates() {
		for _, n := range []string{c.value, c.raw} {
			if !seen[n] {
				seen[n] = true
				names = append(names, n)
			}
		}
	}
	return names
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
	for _, field := range []string{"Content-Disposition", "Content-Type"} {
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
