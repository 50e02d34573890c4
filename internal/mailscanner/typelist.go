// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters/attachments"
)

// typeRules are those that go by content: MailScanner asks file -i after file, and what that denies is denied, what a setting allows by it
// is allowed.
func (v view) typeRules(prefix, in string) ([]fileRule, error) {
	out := v.types(prefix+"allowfilemimetypes", doAllow, in, true)
	out = append(out, v.types(prefix+"denyfilemimetypes", doDeny, in, true)...)
	lines, err := v.files(prefix + "filetyperules")
	var claimed []string // Types that rules about media types have answered for.
	for _, l := range lines {
		if l.media == "" {
			continue
		}
		r, types := v.typeRule(l, in, l.media, true)
		r.Type = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return slices.Contains(claimed, t) })
		claimed = append(claimed, types...)
		switch {
		case len(types) > 0 && (r.Do == doAllow || len(r.Type) == 0):
			r.Rule = attachments.Rule{}
			r.why = append(r.why, "no rule is needed: those behind it do not ask about these types")
		case len(types) > 0:
			r.Type = grouping(r.Type)
		}
		out = append(out, r)
	}
	out = append(out, v.types(prefix+"allowfiletypes", doAllow, in, false)...)
	out = append(out, v.types(prefix+"denyfiletypes", doDeny, in, false)...)
	for _, l := range lines {
		if l.expr == "" {
			continue
		}
		r, types := v.typeRule(l, in, l.expr, false)
		r.Type = grouping(types)
		out = append(out, r)
	}
	return out, err
}

// types is the rule for a setting with expressions for types.
func (v view) types(key, do, in string, media bool) []fileRule {
	p, text := v.im.at(key)
	var names []string
	r := fileRule{Rule: attachments.Rule{Do: do, In: in, ID: v.im.conf.table[key].name}, from: fmt.Sprintf("%s: %s", p, text)}
	for f := range strings.FieldsSeq(v.get(key)) {
		list, why := typeList(f, do, media)
		if why != "" {
			r.why = append(r.why, f+": "+why)
			v.im.notes.warning(p, text, "%s: %s", f, why)
		}
		names = append(names, list...)
	}
	if len(names) == 0 && len(r.why) == 0 {
		return nil
	}
	slices.Sort(names)
	if r.Type = grouping(slices.Compact(names)); len(names) == 0 {
		r.Rule = attachments.Rule{}
	}
	return []fileRule{r}
}

// typeRule turns a line about types into a rule of ours without types, and the types.
func (v view) typeRule(l fileLine, in, expr string, media bool) (fileRule, []string) {
	r := v.base(l, in)
	types, why := typeList(expr, r.Do, media)
	if len(types) == 0 {
		r.leaveOut(v.im, l, why)
		return r, nil
	}
	if why != "" {
		r.tell(v.im, l, "%s", why)
	}
	if r.Do == doRename {
		l.to = ""
		v.rename(&r, l)
	}
	return r, types
}

// typeList are the types that an expression for the words of file(1) means: for allow those that it is sure to mean, else those that it may mean.
func typeList(expr, do string, media bool) (names []string, why string) {
	e, ok := translate(expr)
	if !ok || e.wide && do == doAllow {
		return nil, "RE2 does not have its regular expression: " + e.why
	}
	compiled, err := regexp.Compile("(?is)" + e.text)
	if err != nil {
		return nil, reasonOf(err)
	}
	some, every := typesOf(compiled, media)
	names = some
	if do == doAllow {
		names = every
	}
	switch {
	case len(names) == 0 && do != doAllow && !media && compiled.MatchString("self-extracting archive"):
		return []string{"pe"}, "programs that unpack themselves are not told apart from others: the rule is about all of them"
	case len(names) == 0:
		return nil, "no type that mailweir tells apart is what file calls so"
	case e.wide:
		return names, "RE2 does not have its regular expression (" + e.why + "); one that matches more was tried"
	case do != doAllow && !media && len(every) < len(some):
		return names, "it is about a part of these types; the rule is about all of each: " + strings.Join(part(some, every), ", ")
	}
	return names, ""
}

// part are those of some that are not in every.
func part(some, every []string) []string {
	return slices.DeleteFunc(slices.Clone(some), func(s string) bool { return slices.Contains(every, s) })
}
