// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"regexp/syntax"
	"strings"

	"github.com/mailweir/mailweir/policy"
)

// maxGlobs is how many patterns one regular expression may become.
const maxGlobs = 64

// notGlob says why an expression cannot be carried over.
const notGlob = "policies have patterns with *, no regular expressions, and this one is more than that; name the addresses"

// globs turns a regular expression about an address into patterns that match the same addresses, if there are such: text, any run of
// characters, alternatives and small sets, at the ends or not.
func globs(expr string) (list []policy.Pattern, why string) {
	tree, err := syntax.Parse("(?s)"+expr, syntax.Perl)
	if err != nil {
		return nil, "the regular expression is not understood: " + err.Error()
	}
	texts, ok := spell(tree.Simplify(), 0)
	if !ok {
		return nil, notGlob
	}
	seen := map[policy.Pattern]bool{}
	for _, t := range texts {
		patterns, ok := globPatterns(t)
		if !ok {
			return nil, notGlob
		}
		for _, p := range patterns {
			if p.Check() != nil {
				return nil, notGlob
			}
			if !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	return list, ""
}

// Marks of the two ends in what spell makes; no address has them.
const (
	begin = "\x01"
	end   = "\x02"
)

// maxTree is how deep an expression may be nested.
const maxTree = 50

// spell writes out all texts that an expression stands for, with * for any run of characters.
func spell(e *syntax.Regexp, depth int) (texts []string, ok bool) {
	if depth > maxTree {
		return nil, false
	}
	switch e.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(e.Rune))}, !strings.ContainsAny(string(e.Rune), "*"+begin+end)
	case syntax.OpBeginText, syntax.OpBeginLine:
		return []string{begin}, true
	case syntax.OpEndText, syntax.OpEndLine:
		return []string{end}, true
	case syntax.OpCapture:
		return spell(e.Sub[0], depth+1)
	case syntax.OpCharClass:
		return spellClass(e)
	case syntax.OpStar:
		if op := e.Sub[0].Op; op == syntax.OpAnyChar || op == syntax.OpAnyCharNotNL {
			return []string{"*"}, true
		}
	case syntax.OpQuest:
		texts, ok = spell(e.Sub[0], depth+1)
		return append(texts, ""), ok
	case syntax.OpAlternate:
		for _, sub := range e.Sub {
			t, ok := spell(sub, depth+1)
			if texts = append(texts, t...); !ok || len(texts) > maxGlobs {
				return nil, false
			}
		}
		return texts, true
	case syntax.OpConcat:
		return spellConcat(e, depth)
	default:
	}
	return nil, false
}

func spellClass(e *syntax.Regexp) (texts []string, ok bool) {
	for i := 0; i+1 < len(e.Rune); i += 2 {
		for r := e.Rune[i]; r <= e.Rune[i+1]; r++ {
			if len(texts) >= maxGlobs || r == '*' || r < ' ' {
				return nil, false
			}
			texts = append(texts, strings.ToLower(string(r)))
		}
	}
	return texts, len(texts) > 0
}

func spellConcat(e *syntax.Regexp, depth int) (texts []string, ok bool) {
	texts = []string{""}
	for _, sub := range e.Sub {
		more, ok := spell(sub, depth+1)
		if !ok || len(texts)*len(more) > maxGlobs {
			return nil, false
		}
		var next []string
		for _, a := range texts {
			for _, b := range more {
				next = append(next, a+b)
			}
		}
		texts = next
	}
	return texts, true
}

// globPatterns are the patterns for one spelled text.
func globPatterns(t string) ([]policy.Pattern, bool) {
	t, atStart := strings.CutPrefix(t, begin)
	t, atEnd := strings.CutSuffix(t, end)
	switch {
	case strings.ContainsAny(t, begin+end):
		return nil, false
	case t == "" && atStart && atEnd:
		return []policy.Pattern{"<>"}, true
	}
	if !atStart {
		t = "*" + t
	}
	if !atEnd {
		t += "*"
	}
	for strings.Contains(t, "**") {
		t = strings.ReplaceAll(t, "**", "*")
	}
	if strings.Count(t, "@") > 1 {
		return nil, false
	}
	if strings.Contains(t, "@") {
		local, domain, _ := cutLast(t)
		if local == "*" && !strings.Contains(domain, "*") {
			t = "@" + domain
		}
		return []policy.Pattern{policy.Pattern(t)}, true
	}
	var list []policy.Pattern // What the * at an end stands for may have the @ in it.
	if strings.HasPrefix(t, "*") {
		p := "*@" + t // Behind the @, at some place.
		if rest, ok := strings.CutPrefix(t, "*."); ok && !strings.Contains(rest, "*") {
			p = "." + rest
		}
		list = append(list, policy.Pattern(p))
	}
	if strings.HasSuffix(t, "*") {
		list = append(list, policy.Pattern(t+"@*"))
	}
	return list, len(list) > 0
}
