// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/mailweir/mailweir/filters/attachments"
)

// Where a file is, in our words.
const (
	inMessage = "message"
	inArchive = "archive"
)

// maxFileRules is how many rules for files the result may have; the filter attachments takes no more.
const maxFileRules = 10_000

// fileRule is a rule of ours, and what it comes from. Without do it is a comment alone.
type fileRule struct {
	attachments.Rule
	from string   // The line it comes from.
	why  []string // What is other than it was.
}

// fileList is a list of rules of ours.
type fileList struct {
	name  string
	rules []fileRule
	key   string // The values of all fileKeys.
}

// fileKeys are the settings that lists of rules are made of.
func fileKeys() []string {
	keys := []string{"defaultrenamepattern", "maximumarchivedepth", "filecommand"}
	for _, prefix := range []string{"", "archives"} {
		for _, k := range []string{
			"allowfilenames", "denyfilenames", "filenamerules", "allowfiletypes", "denyfiletypes", "allowfilemimetypes", "denyfilemimetypes", "filetyperules",
		} {
			keys = append(keys, prefix+k)
		}
	}
	return keys
}

// fileRules are the rules that hold for some mail.
func (v view) fileRules() ([]fileRule, error) {
	var out []fileRule
	if v.number("maximumattachmentsize") == 0 {
		p, text := v.im.at("maximumattachmentsize")
		out = append(out, fileRule{
			Rule: attachments.Rule{Do: doDeny, In: inMessage, ID: "no-attachments", Log: "no attachments are allowed"}, from: fmt.Sprintf("%s: %s", p, text),
		})
	}
	places := []struct{ prefix, in string }{{"", inMessage}, {"archives", inArchive}}
	if v.number("maximumarchivedepth") == 0 {
		places = places[:1]
		v.im.note("maximumarchivedepth", "files in archives are not judged, so there are no rules for them (in: archive)")
	}
	for _, p := range places {
		rules, err := v.nameRules(p.prefix, p.in)
		if err != nil {
			return nil, err
		}
		out = append(out, rules...)
	}
	if v.get("filecommand") == "" {
		v.im.note("filecommand", "content is not judged, so there are no rules for types")
		return out, nil
	}
	for _, p := range places {
		rules, err := v.typeRules(p.prefix, p.in)
		if err != nil {
			return nil, err
		}
		out = append(out, rules...)
	}
	return out, nil
}

// nameRules are those that go by names: first what is allowed in a setting, then what is denied in one, then the files.
func (v view) nameRules(prefix, in string) ([]fileRule, error) {
	out := v.patterns(prefix+"allowfilenames", doAllow, in)
	out = append(out, v.patterns(prefix+"denyfilenames", doDeny, in)...)
	lines, err := v.files(prefix + "filenamerules")
	for _, l := range lines {
		out = append(out, v.nameRule(l, in))
	}
	return out, err
}

// patterns is the rule for a setting with expressions for names.
func (v view) patterns(key, do, in string) []fileRule {
	fields := strings.Fields(v.get(key))
	if len(fields) == 0 {
		return nil
	}
	p, text := v.im.at(key)
	r := fileRule{Rule: attachments.Rule{Do: do, In: in, ID: v.im.conf.table[key].name}, from: fmt.Sprintf("%s: %s", p, text)}
	for _, f := range fields {
		e, ok := translate(f)
		if !ok || e.wide && do == doAllow {
			r.why = append(r.why, fmt.Sprintf("left out is %s, which RE2 does not have: %s", f, e.why))
			v.im.notes.warning(p, text, "left out is %s, which RE2 does not have: %s", f, e.why)
			continue
		}
		if e.wide {
			r.why = append(r.why, fmt.Sprintf("%s stands for %s, which RE2 does not have, and matches more", e.text, f))
			v.im.notes.warning(p, text, "%s stands for %s, which RE2 does not have, and matches more", e.text, f)
		}
		r.Match = append(r.Match, e.text)
	}
	if len(r.Match) == 0 {
		r.Rule = attachments.Rule{}
	}
	return []fileRule{r}
}

// files are the lines of all files of rules that the setting names.
func (v view) files(key string) ([]fileLine, error) {
	var out []fileLine
	for name := range strings.FieldsSeq(v.get(key)) {
		lines, err := v.im.readFileRules(name)
		if isLimit(err) {
			return nil, err
		} else if err != nil {
			v.im.warn(key, "%v; its rules are missing", err)
			continue
		}
		out = append(out, lines...)
		if len(out) > maxFileRules {
			return nil, limitError{fmt.Sprintf("%s: more than %d rules for files", path.Base(name), maxFileRules)}
		}
	}
	return out, nil
}

// nameRule turns a line about names into a rule of ours.
func (v view) nameRule(l fileLine, in string) fileRule {
	r := v.base(l, in)
	if l.expr == "" {
		r.leaveOut(v.im, l, "it has no regular expression")
		return r
	}
	e, ok := translate(l.expr)
	switch {
	case !ok:
		r.leaveOut(v.im, l, "RE2 does not have its regular expression: "+e.why)
		return r
	case e.wide && r.Do == doAllow:
		r.leaveOut(v.im, l, "RE2 does not have its regular expression ("+e.why+"), and one that matches more would allow too much")
		return r
	case e.wide:
		r.tell(v.im, l, "RE2 does not have its regular expression (%s); this one matches more", e.why)
	}
	r.Match = []string{e.text}
	if r.Do == doRename {
		v.rename(&r, l)
	}
	return r
}

// base is the rule without what it goes by.
func (v view) base(l fileLine, in string) fileRule {
	r := fileRule{
		Rule: attachments.Rule{Do: l.do, In: in, ID: l.id(), Log: printable(l.log), User: printable(l.user)}, from: fmt.Sprintf("%s: %s", l.place, l.text),
	}
	switch {
	case l.remove:
		r.why = append(r.why, "deny+delete: what is kept is a matter of the policy (do: file), not of the rule")
	case l.send != "":
		r.tell(v.im, l, "the message went to %s instead; a rule cannot do that, so the file is denied. A policy can: do: {file.denied: [{redirect: ...}]}", l.send)
	case l.do == doRename && in == inArchive:
		r.Do = doAllow
		r.why = append(r.why, "files in archives cannot be renamed, in MailScanner neither: allowed")
	}
	return r
}

// tell notes what is other than it was, in the result and as a warning.
func (r *fileRule) tell(im *importer, l fileLine, format string, args ...any) {
	r.why = append(r.why, fmt.Sprintf(format, args...))
	im.notes.warning(l.place, l.text, format, args...)
}

// leaveOut makes a comment of the rule.
func (r *fileRule) leaveOut(im *importer, l fileLine, why string) {
	r.tell(im, l, "left out: %s", why)
	r.Rule = attachments.Rule{}
}

var extension = regexp.MustCompile(`^\\\.[^.\\]+\$$`)

// rename says what the new name is.
func (v view) rename(r *fileRule, l fileLine) {
	pattern := v.get("defaultrenamepattern")
	if at := strings.Index(strings.ToUpper(pattern), "__FILENAME__"); at >= 0 {
		pattern = pattern[:at] + "{name}" + pattern[at+len("__FILENAME__"):]
	} else {
		pattern = "{name}" + pattern
	}
	switch {
	case l.to == "":
		r.Rename = pattern
	case extension.MatchString(l.expr) && !strings.ContainsAny(l.to, "$\\{}/"):
		r.Rename = "{base}" + l.to
	default:
		r.Rename = pattern
		r.tell(v.im, l, "what matches cannot be replaced within a name, but for an extension at its end; the new name is %s", pattern)
	}
	r.Rename = printable(r.Rename)
	if strings.Trim(r.Rename, ". ") == "" || strings.ContainsAny(r.Rename, `/\`) {
		r.tell(v.im, l, "the new name %q is none; taken is {name}.disarmed", r.Rename)
		r.Rename = "{name}.disarmed"
	}
}
