// SPDX-License-Identifier: Apache-2.0

package markup

// rebase looks at a base element. One that leads to the web, and about which all programs agree, is ordinary: relative addresses behind it are
// taken for what they are then. Any other is a danger if there is a relative address in the text.
func (s *scanner) rebase(t *tag, a *attr, leads address) {
	if a.valStart == a.valEnd {
		return
	}
	ordinary := leads == fetched && !s.relative && !s.foreign && !s.hush && !s.templates && len(s.stops) == 0 &&
		!t.odd && !t.prefixed && a.nameEnd-a.start == len("href")
	if ordinary && !s.based && len(s.bases) == 0 {
		s.based = true
		return
	}
	if len(s.bases) == maxBases {
		s.page.Unreadable = "many base elements"
		return
	}
	s.bases = append(s.bases, *a)
}

// maxBases is how many base elements that may not stay are kept. HTML knows but one.
const maxBases = 16

// toBase notes that there is a relative address, and tells what it leads to.
func (s *scanner) toBase() address {
	s.relative = true
	if s.based {
		return fetched
	}
	return nowhere
}
