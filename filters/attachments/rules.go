// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/glob"
)

// Bounds of rule lists.
const (
	maxRules = 10_000 // Of all lists, those of use counted each time.
	maxExpr  = 2000   // Octets of one regular expression.
)

// outcome is what a rule says of a file, from the mildest to the strictest.
type outcome int

const (
	none outcome = iota // No rule is about it.
	allow
	rename
	deny
)

// String is the word of the config, "none" if no rule is about it.
func (o outcome) String() string { return [...]string{"none", wordAllow, wordRename, wordDeny}[o] }

// list is a rule list, ready for use.
type list struct {
	name  string
	rules []*rule
}

// rule is one rule, ready for use.
type rule struct {
	list   string // Where it is written, which may be another list than the one that uses it.
	number int    // From 1.
	id     string
	do     outcome
	exts   map[string]bool // Of patterns that are only about an extension.
	globs  []glob.Pattern
	exprs  []*regexp.Regexp
	types  []glob.Pattern // For type names, groups and media types.
	in     string
	rename string
	log    string
	user   string
}

// byName and byType tell what the rule goes by. One that goes by nothing is about all files.
func (r *rule) byName() bool { return len(r.exts)+len(r.globs)+len(r.exprs) > 0 }
func (r *rule) byType() bool { return len(r.types) > 0 }

// String is the rule as findings name it.
func (r *rule) String() string {
	s := fmt.Sprintf("rule %d of list %s", r.number, r.list)
	if r.id != "" {
		s += " (" + r.id + ")"
	}
	return s
}

// matchesName tells if the rule is about a file of that name.
func (r *rule) matchesName(n form) bool {
	if r.exts[n.ext] {
		return true
	}
	for _, g := range r.globs {
		if g.MatchLower(n.runes) {
			return true
		}
	}
	for _, e := range r.exprs {
		if e.MatchString(n.text) {
			return true
		}
	}
	return false
}

// matchesType tells if the rule is about content of that type.
func (r *rule) matchesType(t filetype.Type) bool {
	for _, word := range []string{t.Name, string(t.Group), t.Media} {
		runes := []rune(word)
		for _, g := range r.types {
			if g.MatchLower(runes) {
				return true
			}
		}
	}
	return false
}

// compiler makes lists of what the config says.
type compiler struct {
	source map[string][]Rule
	errs   []error
	count  int
}

// compile makes the lists of the config and the list default, in alphabetical order. The error joins all faults, each beginning with the
// key that it is about.
func compile(source map[string][]Rule) ([]list, error) {
	c := &compiler{source: map[string][]Rule{shippedList: shipped(), defaultList: {{Use: shippedList}}}}
	for name, rules := range source {
		if name == shippedList || name == "" {
			c.fault(name, -1, "%q is no name for a list", name)
			continue
		}
		c.source[name] = rules
	}
	var lists []list
	for _, name := range slices.Sorted(maps.Keys(c.source)) {
		if name != shippedList {
			lists = append(lists, list{name, c.rules(name, nil)})
		}
	}
	return lists, errors.Join(c.errs...)
}

func (c *compiler) fault(list string, i int, format string, args ...any) {
	at := "rules." + list
	if i >= 0 {
		at += fmt.Sprintf("[%d]", i)
	}
	c.errs = append(c.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// rules are those of a list, with those of the lists that it uses. above are the lists that use it; its length bounds the depth.
func (c *compiler) rules(name string, above []string) []*rule {
	var out []*rule
	above = append(slices.Clip(above), name)
	for i, r := range c.source[name] {
		if c.count++; c.count > maxRules {
			if c.count == maxRules+1 {
				c.fault(name, -1, "more than %d rules in all lists", maxRules)
			}
			return out
		}
		switch {
		case r.Use == "":
			if made := c.rule(name, i, r); made != nil {
				out = append(out, made)
			}
		case !r.alone():
			c.fault(name, i, "use stands alone")
		case slices.Contains(above, r.Use):
			c.fault(name, i, "use: %s: the lists use each other: %s", r.Use, strings.Join(above, ", "))
		case c.source[r.Use] == nil:
			c.fault(name, i, "use: there is no list %q; there are: %s", r.Use, strings.Join(slices.Sorted(maps.Keys(c.source)), ", "))
		default:
			out = append(out, c.rules(r.Use, above)...)
		}
	}
	return out
}

// alone tells if the rule has nothing but use.
func (r Rule) alone() bool {
	return r.Do == "" && r.Name == nil && r.Match == nil && r.Type == nil && r.In == "" && r.Rename == "" && r.ID == "" && r.Log == "" && r.User == ""
}

var outcomes = map[string]outcome{wordAllow: allow, wordRename: rename, wordDeny: deny}

// rule makes one rule; nil if it is wrong.
func (c *compiler) rule(name string, i int, r Rule) *rule {
	before := len(c.errs)
	out := &rule{list: name, number: i + 1, id: r.ID, do: outcomes[r.Do], in: r.In, rename: r.Rename, log: r.Log, user: r.User, exts: map[string]bool{}}
	if out.in == "" {
		out.in = inAny
	}
	if out.rename == "" {
		out.rename = defaultRename
	}
	switch {
	case out.do == none:
		c.fault(name, i, "do: %q: want one of allow, deny, rename", r.Do)
	case !slices.Contains([]string{inAny, inMessage, inArchives}, out.in):
		c.fault(name, i, "in: %q: want one of any, message, archive", r.In)
	case r.Rename != "" && out.do != rename:
		c.fault(name, i, "rename: only with do: rename")
	case out.do == rename && out.in == inArchives:
		c.fault(name, i, "do: rename: a file in an archive cannot be renamed")
	case cleaned(out.expand("a.exe")) == "":
		c.fault(name, i, "rename: %q: leaves no name", r.Rename)
	}
	c.names(name, i, r, out)
	c.types(name, i, r, out)
	if len(c.errs) > before {
		return nil
	}
	return out
}

func (c *compiler) names(name string, i int, r Rule, out *rule) {
	for _, s := range r.Name {
		if ext, ok := extension(s); ok {
			out.exts[ext] = true
		} else if s != "" {
			out.globs = append(out.globs, glob.New(s))
		} else {
			c.fault(name, i, "name: want no empty pattern")
		}
	}
	for _, s := range r.Match {
		e, err := regexp.Compile("(?i)" + s)
		if err != nil || s == "" || len(s) > maxExpr {
			c.fault(name, i, "match: %.80q: want a regular expression of at most %d octets: %v", s, maxExpr, err)
			continue
		}
		out.exprs = append(out.exprs, e)
	}
}

// extension is the one that a pattern is about, if it is about nothing else: "exe" for "*.exe".
func extension(pattern string) (ext string, ok bool) {
	ext, ok = strings.CutPrefix(strings.ToLower(pattern), "*.")
	return ext, ok && ext != "" && !strings.ContainsAny(ext, "*?.")
}

func (c *compiler) types(name string, i int, r Rule, out *rule) {
	for _, s := range r.Type {
		g := glob.New(s)
		if !strings.ContainsAny(s, "/*?") && !knownType(string(g)) {
			c.fault(name, i, "type: %q: want a type, a group or a media type", s)
			continue
		}
		out.types = append(out.types, g)
	}
}

func knownType(word string) bool {
	_, ok := filetype.Named(word)
	return ok || slices.Contains(filetype.Groups(), filetype.Group(word))
}
