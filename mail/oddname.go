// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strconv"
	"strings"
)

// Clients differ in how they read a file name that is given in no regular way. All ways that are known are tried here: what is no name to anybody does
// no harm in the list, while one that is missing may be that under which a program is saved.

// addOdd adds the names that come of reading the parameters in other ways than parseParams does.
func (s *nameSet) addOdd(p *Part) {
	folded := false
	var all, unfolded []rawName
	for _, field := range nameFields {
		for f := range p.Header.All(field) {
			all = append(all, rawNames(f.Value())...)
			unfolded = append(unfolded, rawNames(withoutFolding(f.body()))...)
			folded = folded || strings.ContainsAny(strings.TrimRight(f.Raw, "\r\n"), "\r\n")
		}
	}
	s.addReadings(all)
	if folded {
		s.addReadings(unfolded) // Some take the blanks at a folding for nothing.
	}
}

// addReadings adds the names that parameters may be read as.
func (s *nameSet) addReadings(all []rawName) {
	for _, n := range all {
		if n.order < 0 {
			s.addRaw(n)
		}
	}
	s.addSections(all)
}

// withoutFolding is a field body with nothing in the place of folding.
func withoutFolding(body string) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		b.WriteString(strings.Trim(line, " \t\r\n"))
	}
	return b.String()
}

// rawName is a parameter that may be a file name, as it stands in the field.
type rawName struct {
	base    string // name or filename.
	order   int    // Number of the section (RFC 2231 section 3); -1 if it is none.
	encoded bool   // The name ends in an asterisk.
	starred bool   // There is an asterisk in the name.
	value   string // With quotes, comments and blanks inside.
}

// rawNames finds the parameters of a field body that may be file names: what is between semicolons, once with regard to quotes and once without, if
// that makes a difference.
func rawNames(value string) []rawName {
	pieces := splitParams(value, true)
	list := appendNames(nil, pieces)
	if strings.IndexByte(value, '"') < 0 {
		return list
	}
	if plain := splitParams(value, false); len(plain) != len(pieces) && oddQuotes(value) {
		list = appendNames(list, plain)
	}
	return list
}

// oddQuotes tells if it is not plain to see which quotes belong together.
func oddQuotes(value string) bool {
	return strings.Count(value, `"`)%2 != 0 || strings.ContainsAny(value, `\(`)
}

// splitParams cuts a field body at its semicolons.
func splitParams(value string, quotes bool) []string {
	var list []string
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = quotes && !quoted
		case ';':
			if !quoted {
				list = append(list, value[start:i])
				start = i + 1
			}
		}
	}
	return append(list, value[start:])
}

// appendNames appends the pieces that are file names.
func appendNames(list []rawName, pieces []string) []rawName {
	for _, piece := range pieces {
		name, value, ok := strings.Cut(piece, "=")
		if !ok {
			continue
		}
		if n, ok := parseRawName(name); ok {
			n.value = strings.Trim(value, " \t")
			list = append(list, n)
		}
	}
	return list
}

// parseRawName reads the name of a parameter, with comments, quotes, blanks and controls in it.
func parseRawName(name string) (rawName, bool) {
	name = lower(stripComments(name))
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r == '"' || r == '\'' || r == '\\' || r >= 0x7f {
			return -1
		}
		return r
	}, name)
	base, rest, sections := strings.Cut(name, "*")
	n := rawName{base: base, order: -1, starred: sections}
	if base != "name" && base != "filename" {
		return n, false
	}
	rest, n.encoded = strings.CutSuffix(rest, "*")
	if sections && rest == "" {
		n.encoded = true
	}
	if order, err := strconv.ParseUint(rest, 10, 16); err == nil {
		n.order = int(order)
	}
	return n, true
}

// addRaw adds the ways to read the value of a parameter on its own.
func (s *nameSet) addRaw(n rawName) {
	for _, v := range valueWays(n.value) {
		if n.encoded {
			charset, text, ok := cutExtended(v)
			s.addText(charset, unpercent(text))
			if !ok {
				s.addPlain(v)
			}
			continue
		}
		s.addPlain(v)
	}
}

// valueWays are the ways to take quotes and comments out of a value. There is one if it is a token, or a quoted string with no quoting in it.
func valueWays(v string) []string {
	inside, isQuoted := strings.CutPrefix(v, `"`)
	if body, ok := strings.CutSuffix(inside, `"`); isQuoted && ok && !strings.ContainsAny(body, `"\`) {
		return []string{body}
	}
	if isToken(v) {
		return []string{v}
	}
	ways := []string{unquote(strings.Trim(v, `"`)), strings.Trim(stripComments(v), " \t\""), strings.ReplaceAll(v, `"`, "")}
	if isQuoted {
		if shut, _, ok := strings.Cut(inside, `"`); ok { // A backslash before it may count or not.
			ways = append(ways, shut)
		}
		ways = append(ways, withoutBackslashes(strings.Trim(v, `"`)))
	} else {
		for _, stop := range []string{" \t", "(", `"`, ","} {
			if i := strings.IndexAny(v, stop); i > 0 && hasExtension(v[:i]) {
				ways = append(ways, v[:i])
			}
		}
		ways = append(ways, withoutBackslashes(v))
	}
	return ways
}

// withoutBackslashes takes every quoting out, as RFC 5322 section 3.2.1 says.
func withoutBackslashes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// addPlain adds a value that is in no form of RFC 2231: as it is, and decoded as encoded words and as a URI.
func (s *nameSet) addPlain(v string) {
	s.add(toUTF8("", v))
	if strings.Contains(v, "=?") {
		s.add(toUTF8("", DecodeWords(v)), toUTF8("", DecodeWords(strings.ReplaceAll(v, " ", ""))))
	}
	if strings.IndexByte(v, '%') >= 0 {
		s.add(toUTF8("", unpercent(v)))
	}
}

// addText adds octets in a charset; in UTF-16, where programs differ in the order of octets, in both.
func (s *nameSet) addText(charset, text string) {
	s.add(toUTF8(charset, text))
	if lower(charset) == "utf-16" {
		s.add(toUTF8("utf-16be", text))
	}
}

// cutExtended splits charset'language'text; it is not ok if it is not of that form.
func cutExtended(v string) (charset, text string, ok bool) {
	if strings.Count(v, "'") < 2 {
		return "", v, false
	}
	charset, text = cutCharset(v)
	return charset, text, true
}
