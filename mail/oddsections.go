// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"slices"
	"strings"
)

// addSections adds what comes of joining sections: by number or as they come, up to a gap or over it, the first or the last of a number, over all
// fields, behind a plain value or not.
func (s *nameSet) addSections(all []rawName) {
	for _, base := range []string{"filename", "name"} {
		var given, starred []rawName
		plain := ""
		for _, n := range all {
			if n.base == base && n.starred {
				starred = append(starred, n)
			}
			switch {
			case n.base != base:
			case n.order >= 0:
				given = append(given, n)
			case plain == "" && !n.encoded:
				plain = valueWays(n.value)[0]
			}
		}
		if len(given) > 0 && len(starred) > len(given) {
			s.addJoined(starred) // Some take all that has an asterisk for a section.
		}
		if len(given) == 0 {
			continue
		}
		sorted := slices.Clone(given)
		slices.SortStableFunc(sorted, func(a, b rawName) int { return a.order - b.order })
		s.addJoined(given)
		s.addJoined(sorted)
		s.addJoined(uniqueSections(sorted, false))
		s.addJoined(uniqueSections(sorted, true))
		s.addJoined(sorted[:firstGap(sorted)])
		s.addJoined(sorted[firstGap(sorted):])
		if sorted[0].order > 0 && plain != "" {
			s.addJoined(append([]rawName{{base: base, value: plain}}, sorted...))
		}
	}
}

// uniqueSections are sections in order, the first or the last of each number.
func uniqueSections(sorted []rawName, last bool) []rawName {
	var list []rawName
	for _, n := range sorted {
		switch k := len(list); {
		case k == 0 || list[k-1].order != n.order:
			list = append(list, n)
		case last:
			list[k-1] = n
		}
	}
	return list
}

// firstGap is the index of the first section that does not follow that before it.
func firstGap(sorted []rawName) int {
	for i := 1; i < len(sorted); i++ {
		if sorted[i].order > sorted[i-1].order+1 {
			return i
		}
	}
	return len(sorted)
}

// addJoined adds sections joined in the order that they have here.
func (s *nameSet) addJoined(list []rawName) {
	if len(list) == 0 {
		return
	}
	charset := ""
	var decoded, plain strings.Builder
	for i, n := range list {
		v := valueWays(n.value)[0]
		plain.WriteString(v)
		if n.encoded {
			if c, text, ok := cutExtended(v); ok && (i == 0 || n.order == 0 || charset == "") {
				charset, v = c, text
			}
			v = unpercent(v)
		}
		decoded.WriteString(v)
	}
	s.addText(charset, decoded.String())
	if _, _, ok := cutExtended(plain.String()); !ok {
		s.addPlain(plain.String())
	}
}
