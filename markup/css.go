// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"slices"
	"strings"
)

// maxSheet bounds the octets of one style element or attribute. It is more than any program writes; what has more is Unreadable.
const maxSheet = 2 << 20

// plainStyle tells that a style attribute calls nothing, as most do.
func plainStyle(b []byte) bool {
	return bytes.IndexByte(b, '(') < 0 && bytes.IndexByte(b, '\\') < 0 && bytes.IndexByte(b, '&') < 0 && bytes.IndexByte(b, '@') < 0
}

// styleSheet looks at the content of a style element. Where it is markup (in XML and in SVG) its character references count, and comments and
// CDATA in it are none of its text.
func (s *scanner) styleSheet(from, to int) {
	differs := s.foreign && bytes.ContainsAny(s.text[from:to], "<&")
	switch {
	case !differs:
		s.css(from, to, cssPlain, "style")
	case s.xml:
		s.css(from, to, cssMarkup, "style")
		s.split(&s.sheet, from, to)
	default:
		before := len(s.page.Dangers)
		s.css(from, to, cssPlain, "style")
		s.otherSheet(from, to, s.page.Dangers[before:])
	}
	s.sheetRules()
}

// otherSheet reads a style element as markup. It is certain what to change only if both readings find the same.
func (s *scanner) otherSheet(from, to int, found []Danger) {
	probe := &scanner{page: &Page{text: s.text}, text: s.text, flat: true, replace: s.replace}
	probe.css(from, to, cssMarkup, "style")
	if !slices.Equal(probe.page.Dangers, found) && len(probe.page.Dangers) > 0 {
		s.page.Unreadable = "style that can be read in two ways"
	}
	s.split(&probe.sheet, from, to)
}

// split tells that tags in a style may hide what its text is.
func (s *scanner) split(f *sheet, from, to int) {
	if f.tags && bytes.ContainsAny(s.text[from:to], "(@\\&") {
		s.page.Unreadable = "tags in a style"
	}
}

// css looks at CSS in text[from:to]. where names it in details.
func (s *scanner) css(from, to int, form cssForm, where string) {
	if form == cssAttribute && plainStyle(s.text[from:to]) {
		return
	}
	f := &s.sheet
	if to-from > maxSheet {
		s.page.Unreadable, to = "style too large", from
	}
	f.fold(s.text, from, to, form)
	s.sheetAt, s.strings = from, 0
	var rule ruleState
	for i := 0; i < len(f.css); i++ {
		c := f.css[i]
		rule.next(f.css, i)
		switch c {
		case '@':
			if bytes.HasPrefix(f.css[i:], []byte("@import")) {
				i = s.cssImport(i, where)
			}
		case ':':
			s.cssProperty(i, rule.telling > 0, where)
		case '(':
			i = s.cssCall(i, rule.telling > 0, where)
		}
	}
}

// ruleState follows the rules of a sheet.
type ruleState struct {
	prelude int  // Where the rule that we are in begins.
	depth   int  // Of braces.
	telling int  // Depth of the rule whose selector asks for values; 0 if we are in none.
	quote   byte // Of the string that we are in, 0 if none: braces in it are none.
}

func (r *ruleState) next(css []byte, i int) {
	switch c := css[i]; {
	case c == '"' || c == '\'':
		switch r.quote {
		case 0:
			r.quote = c
		case c:
			r.quote = 0
		}
	case r.quote != 0:
	case c == '{':
		r.depth++
		if r.telling == 0 && readsValues(css[r.prelude:i]) {
			r.telling = r.depth
		}
		r.prelude = i + 1
	case c == '}':
		if r.depth <= r.telling {
			r.telling = 0
		}
		r.depth = max(0, r.depth-1)
		r.prelude = i + 1
	}
}

// cssDanger adds a danger in the octets [i,j) of the sheet.
func (s *scanner) cssDanger(k Kind, detail string, i, j int, with string) {
	f := &s.sheet
	s.danger(k, detail, int(f.at[i]), int(f.at[j]), with)
}

// cssProperty looks at the name before the colon at i, and at strings that a variable may bring to where they are addresses.
func (s *scanner) cssProperty(i int, telling bool, where string) {
	end := i
	for end > 0 && s.sheet.css[end-1] == ' ' {
		end--
	}
	name := s.sheet.css[:end]
	if isVariable(name) {
		s.cssStrings(i+1, telling, where)
	}
	for _, bad := range []string{"-moz-binding", "behavior", "behaviour"} {
		if bytes.HasSuffix(name, []byte(bad)) {
			start := end - len(bad)
			if bad[0] == 'b' && start > 0 && (isLetter(name[start-1]) || name[start-1] == '-') {
				return // scroll-behavior, overscroll-behavior.
			}
			if bad[0] == 'b' && drawsVML(s.sheet.css[i+1:]) {
				return
			}
			s.cssDanger(CSS, bad+" in "+where, start, end, "x-off")
			return
		}
	}
}

// isVariable tells if a name that ends here is that of a custom property, or of what gives one, or a function, its value.
func isVariable(css []byte) bool {
	css = css[max(0, len(css)-maxName):]
	at := bytes.LastIndexAny(css, " ;{}") + 1
	switch name := string(css[at:]); name {
	case "initial-value", "result":
		return true
	default:
		return strings.HasPrefix(name, "--")
	}
}

// drawsVML knows the behavior that Outlook and Word write into every message, for their own drawings.
func drawsVML(value []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(value[:min(len(value), 100)], " "), []byte("url(#default#vml)"))
}

// cssImport looks at the rule @import at i, and tells where its last letter is.
func (s *scanner) cssImport(i int, where string) int {
	css := s.sheet.css
	end := i + len("@import")
	arg := bytes.TrimLeft(css[end:min(len(css), end+200)], " ")
	if bytes.HasPrefix(arg, []byte("url")) {
		arg = bytes.TrimLeft(arg[3:], " (")
	}
	arg = bytes.TrimLeft(arg, ` "'`)
	kind := Remote
	to, _ := classify(s.start.read(arg, false))
	if to == nowhere {
		to = s.toBase()
	}
	switch to {
	case runs, opens, data:
		kind = CSS
	default:
	}
	s.cssDanger(kind, "@import in "+where, i, end, "@x-off")
	return end - 1
}
