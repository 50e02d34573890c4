// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"slices"
	"strconv"
	"strings"
)

// section2231 is one of several parameters "name*N" or "name*N*" that make up a value (RFC 2231 section 3).
type section2231 struct {
	param
	order   int
	encoded bool // The name ends in an asterisk: the value is percent-encoded (section 4).
}

// decodeParams joins and decodes parameters in the form of RFC 2231 and leaves the others as they are. gap tells that a
// section is missing; what there is of the value is joined all the same.
func decodeParams(list []param) (decoded []param, gap bool) {
	if !slices.ContainsFunc(list, func(p param) bool { return strings.IndexByte(p.name, '*') >= 0 }) {
		return list, false
	}
	decoded = make([]param, 0, len(list))
	at := map[string]int{} // Index in decoded of the value in sections.
	var sections []section2231
	for _, p := range list {
		if name, ok := strings.CutSuffix(p.name, "*"); ok && name != "" && strings.IndexByte(name, '*') < 0 {
			charset, text := cutCharset(p.value)
			decoded = append(decoded, param{name, toUTF8(charset, unpercent(text)), true})
			continue
		}
		s, ok := parseSection(p)
		if !ok {
			decoded = append(decoded, p)
			continue
		}
		if _, ok := at[s.name]; !ok {
			at[s.name] = len(decoded)
			decoded = append(decoded, param{name: s.name, extended: true})
		}
		sections = append(sections, s)
	}
	slices.SortStableFunc(sections, func(a, b section2231) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return a.order - b.order
	})
	for i := 0; i < len(sections); {
		n := i + 1
		for n < len(sections) && sections[n].name == sections[i].name {
			n++
		}
		value, missing := joinSections(sections[i:n])
		decoded[at[sections[i].name]].value = value
		gap = gap || missing
		i = n
	}
	return decoded, gap
}

// parseSection reads the name of a parameter: name*N or name*N*.
func parseSection(p param) (section2231, bool) {
	name, rest, ok := strings.Cut(p.name, "*")
	if !ok || name == "" {
		return section2231{}, false
	}
	s := section2231{param: param{name: name, value: p.value}}
	rest, s.encoded = strings.CutSuffix(rest, "*")
	n, err := strconv.ParseUint(rest, 10, 16)
	if err != nil {
		return section2231{}, false
	}
	s.order = int(n)
	return s, true
}

// joinSections joins the sections of one value, which are in order. Of two with the same number the first counts.
func joinSections(list []section2231) (value string, gap bool) {
	var b strings.Builder
	charset := ""
	next := 0
	for i, s := range list {
		if i > 0 && s.order == list[i-1].order {
			gap = true
			continue
		}
		gap = gap || s.order != next
		next = s.order + 1
		v := s.value
		if s.encoded {
			if i == 0 {
				charset, v = cutCharset(v)
			}
			v = unpercent(v)
		}
		b.WriteString(v)
	}
	return toUTF8(charset, b.String()), gap
}

// cutCharset splits charset'language'text.
func cutCharset(s string) (charset, text string) {
	charset, rest, ok := strings.Cut(s, "'")
	if !ok {
		return "", s
	}
	if _, text, ok = strings.Cut(rest, "'"); !ok {
		return charset, rest
	}
	return charset, text
}

// unpercent decodes %XX; other percent signs stay.
func unpercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi|lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// unhex is the value of a hexadecimal digit in either case; 16 or more if it is none.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}
