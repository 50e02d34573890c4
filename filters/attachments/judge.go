// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"cmp"
	"fmt"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// verdict is what a list says of one file.
type verdict struct {
	outcome outcome
	rule    *rule
	name    form // The form that the rule was about; of no text if it was about the content.
}

// stricter is the stricter of two verdicts; the first of two alike.
func (v verdict) stricter(o verdict) verdict {
	if o.outcome > v.outcome {
		return o
	}
	return v
}

// ask asks the list about a file. Rules that go by names are asked about each form of its name, those that go by types about what it is; in
// each case the first rule that is about it decides, and of all answers the strictest counts. A rule that goes by both takes
// part in both. archived tells if the file is a member of an archive.
func (l *list) ask(leaf *unpack.Leaf, archived bool, names []form, types bool) verdict {
	var v verdict
	for _, n := range names {
		v = v.stricter(l.askName(leaf, archived, n))
	}
	if types {
		v = v.stricter(l.askType(leaf, archived, names))
	}
	return v
}

func (l *list) askName(leaf *unpack.Leaf, archived bool, n form) verdict {
	for _, r := range l.rules {
		if !r.byName() && r.byType() || !r.holdsIn(archived) {
			continue
		}
		if r.byName() && !r.matchesName(n) || r.byType() && !r.matchesType(leaf.Type) {
			continue
		}
		return verdict{r.do, r, n}
	}
	return verdict{}
}

func (l *list) askType(leaf *unpack.Leaf, archived bool, names []form) verdict {
	for _, r := range l.rules {
		if r.byName() && !r.byType() || !r.holdsIn(archived) {
			continue
		}
		if r.byType() && !r.matchesType(leaf.Type) || r.byName() && !r.matchesNames(names) {
			continue
		}
		return verdict{r.do, r, form{}}
	}
	return verdict{}
}

// matchesNames tells if the rule is about a file of these names: what is allowed has to be so under each of them.
func (r *rule) matchesNames(names []form) bool {
	for _, n := range names {
		if r.matchesName(n) != (r.do == allow) {
			return r.do != allow
		}
	}
	return r.do == allow && len(names) > 0
}

// holdsIn tells if the rule is for files at that place.
func (r *rule) holdsIn(archived bool) bool {
	return r.in == inAny || (r.in == inArchives) == archived
}

// judge looks at one message.
type judge struct {
	f       *filter
	msg     *mail.Message
	found   []filters.Finding
	seen    map[about]int          // Index in found.
	more    map[int]int            // How many more there are of it.
	files   map[mail.PartID]string // Names of the entities' files for people.
	whole   map[*unpack.Leaf]bool  // Of what was unpacked: if it is a document to its user.
	octets  int                    // Of names.
	tooMany bool                   // Names over the limit were not judged.
	count   int                    // Attachments.
	total   int64                  // Octets of them.
}

// about is what findings are alike in: of many files in one archive one is told.
type about struct {
	part mail.PartID
	code string
	list string
	what string
}

// add adds a finding, or counts it if there is one that says the same of the entity.
func (j *judge) add(what string, f filters.Finding) {
	key := about{f.Part, f.Code, f.List, what}
	if i, ok := j.seen[key]; ok {
		j.more[i]++
		return
	}
	j.seen[key] = len(j.found)
	f.Notice = cmp.Or(f.Notice, notice(f.Code))
	j.found = append(j.found, f)
}

// notice is what recipients are told where the config says nothing.
func notice(code string) string {
	switch code {
	case codeDenied:
		return "Files of this kind are not delivered."
	case codeRename:
		return "Files of this kind are delivered under another name."
	case codeMismatch:
		return "The file is not what it claims to be."
	case codeName:
		return "The name of the file looks like a trick."
	case codeSize:
		return "The size of the file is not allowed."
	case codeCount:
		return "The message has too many files."
	case codePartial:
		return "This is a piece of a message, which cannot be checked without the others."
	case codeExternal:
		return "The content is not in the message, so that it cannot be checked."
	}
	return "The message is too complex to be checked."
}

// findings are all that were added.
func (j *judge) findings() []filters.Finding {
	for i, n := range j.more {
		j.found[i].Detail += fmt.Sprintf(", and %d more", n)
	}
	return j.found
}

// leaf judges one file by all lists and checks.
func (j *judge) leaf(l *unpack.Leaf) {
	p := j.msg.Part(l.Part)
	if l.Kept == unpack.Entity {
		j.files[l.Part] = fileOf(l)
	}
	part := j.inDocument(l)
	text := isText(l, p)
	var names []form
	if !part { // What a document is made of has names of its own; only what it really holds counts.
		names = j.forms(l, p)
	}
	types := l.Sealed == "" && l.Size > 0 && !text && (!part || acts(l.Type))
	for i := range j.f.lists {
		j.ruled(l, &j.f.lists[i], j.f.lists[i].ask(l, l.Kept == unpack.Archive && !part, names, types))
	}
	if part {
		return
	}
	j.oddName(l)
	if types {
		j.mismatch(l, p)
	}
	j.size(l, text)
}

// acts tells if content of the type runs or sends elsewhere when it is opened.
func acts(t filetype.Type) bool {
	return t.Group == filetype.Executable || t.Group == filetype.Script || t.Group == filetype.Shortcut
}

// ruled makes a finding of a verdict.
func (j *judge) ruled(l *unpack.Leaf, in *list, v verdict) {
	j.f.metrics.ruled(in.name, v.outcome)
	f := filters.Finding{Class: filters.File, Part: l.Part, File: fileOf(l), List: in.name}
	switch v.outcome {
	case deny:
		f.Code = codeDenied
	case rename:
		f.Code = codeRename
		if l.Kept == unpack.Entity && l.Within == nil {
			f.Remedy = mail.RenameEntity{Part: l.Part, Name: v.rule.renamed(cmp.Or(v.name.text, l.File))}
		}
	default:
		return
	}
	why := "content is " + l.Type.Name
	if v.name.text != "" {
		why = fmt.Sprintf("name %q", v.name.text)
		if v.name.given != v.name.text {
			why += fmt.Sprintf(" made of %q", v.name.given)
		}
	}
	f.Detail = fmt.Sprintf("%s: %s by %s, %s", l, v.outcome, v.rule, why)
	if v.rule.log != "" {
		f.Detail += ": " + v.rule.log
	}
	f.Notice = v.rule.user
	j.add(v.rule.String(), f)
}

// fileOf is the name of the file for people; "" if it has none.
func fileOf(l *unpack.Leaf) string {
	if l.File == "" && len(l.Names) == 0 {
		return ""
	}
	return l.String()
}
