// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxExpr is how long a regular expression may be, in octets; the filter attachments takes no longer ones.
const maxExpr = 2000

// expression is a regular expression of Perl as RE2 has it.
type expression struct {
	text string
	wide bool   // It matches more than the one of Perl, which has no equal.
	why  string // What RE2 does not have; "" if it has all.
}

// translate turns a regular expression of Perl into one of RE2 that matches the same, or else one that matches more. If there is neither, ok is
// false and why is the fault.
func translate(perl string) (e expression, ok bool) {
	if perl = strings.TrimSpace(perl); len(perl) > maxExpr {
		return expression{why: "it is too long"}, false
	}
	if strings.HasPrefix(perl, "*") { // So does MailScanner.
		perl = "." + perl
	}
	text := strings.ReplaceAll(perl, `\Z`, `\z`)
	err := compiles(text)
	if err == nil {
		return expression{text: text}, true
	}
	e = expression{wide: true, why: reasonOf(err)}
	e.text = widen(text)
	if compiles(e.text) != nil || matchesAll(e.text) {
		return expression{why: e.why}, false
	}
	return e, true
}

// compiles tells what is wrong with the expression for RE2.
func compiles(text string) error {
	if text == "" || len(text) > maxExpr {
		return &syntax.Error{Code: "empty or too long", Expr: ""}
	}
	if strings.ContainsFunc(text, unprintable) {
		return &syntax.Error{Code: "control characters", Expr: ""} // YAML does not hold them.
	}
	_, err := regexp.Compile("(?i)" + text)
	return err
}

// reasonOf is the fault in a few words.
func reasonOf(err error) string {
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// matchesAll tells if an expression matches every name, which no rule is meant to.
func matchesAll(text string) bool {
	e, err := regexp.Compile(text)
	return err == nil && e.MatchString("")
}

// widen takes out of an expression what RE2 does not have, so that the rest matches all that the expression did, and more: assertions go,
// references become the group that they mean, possessive and atomic forms become ordinary ones.
func widen(perl string) string {
	var out strings.Builder
	p := parsePerl(perl)
	for i := 0; i < len(perl); i++ {
		rest := perl[i:]
		switch {
		case p.literal[i]:
			out.WriteByte(perl[i])
		case len(rest) > 1 && rest[0] == '\\' && rest[1] >= '1' && rest[1] <= '9':
			out.WriteString(p.reference(int(rest[1] - '1')))
			i++
		case len(rest) > 1 && rest[0] == '\\':
			out.WriteString(escape(rest[:2]))
			i++
		case isAssertion(rest):
			i = p.closing[i]
		case strings.HasPrefix(rest, "(?>"):
			out.WriteString("(?:")
			i += 2
		case strings.HasPrefix(rest, "(?#"):
			i += max(strings.IndexByte(rest, ')'), 0)
		case rest[0] == '+' && i > 0 && strings.IndexByte("*+?}", perl[i-1]) >= 0 && !p.escaped[i-1]:
		default:
			out.WriteByte(perl[i])
		}
	}
	return out.String()
}

// escape is an escape of Perl that RE2 has not, in RE2's words.
func escape(s string) string {
	switch s {
	case `\h`:
		return `[ \t]`
	case `\R`:
		return `[\r\n]+`
	case `\e`:
		return `\x1b`
	case `\G`, `\K`:
		return ""
	}
	return s
}

func isAssertion(s string) bool {
	for _, p := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// perlExpr is an expression with its parts marked.
type perlExpr struct {
	text    string
	literal []bool      // Octets within [...], the closing bracket too.
	escaped []bool      // Octets behind a backslash that counts.
	closing map[int]int // Of each opening parenthesis, the one that closes it; the end if there is none.
	groups  []int       // Opening parentheses of the groups, in the order of their numbers.
}

func parsePerl(s string) *perlExpr {
	p := &perlExpr{text: s, literal: make([]bool, len(s)), escaped: make([]bool, len(s)), closing: map[int]int{}}
	var open []int
	class := -1 // Where [ is, if that is open.
	for i := 0; i < len(s); i++ {
		p.literal[i] = class >= 0
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			p.escaped[i], p.literal[i] = true, class >= 0
		case class >= 0:
			if s[i] == ']' && i > class+1 && (i != class+2 || s[class+1] != '^') {
				class = -1
			}
		case s[i] == '[':
			class = i
		case s[i] == '(':
			open = append(open, i)
			p.closing[i] = len(s) - 1
			if !strings.HasPrefix(s[i:], "(?") {
				p.groups = append(p.groups, i)
			}
		case s[i] == ')' && len(open) > 0:
			p.closing[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	return p
}

// reference is what stands for a reference to a group: the group again, which matches more. Where that is no expression by itself it is anything.
func (p *perlExpr) reference(n int) string {
	if n >= len(p.groups) {
		return ".*"
	}
	at := p.groups[n]
	if g := p.text[at : p.closing[at]+1]; compiles(g) == nil {
		return g
	}
	return ".*"
}
