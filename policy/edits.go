// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/notices"
)

// edits are the changes that the asks call for, all of which want the message delivered. The same change is made once:
// several findings in one part share its replacement, and a part inside a replaced part goes with it.
func (c *compiled) edits(env *mail.Envelope, asks []ask, findings []filters.Finding) []mail.Edit {
	e := editor{signed: c.Signed, replaced: map[mail.PartID][]*filters.Finding{}}
	for _, a := range asks {
		rule := c.rules[a.rule]
		for _, action := range rule.Actions {
			e.action(a, a.class(rule), action)
		}
	}
	var edits []mail.Edit
	if e.rebuild {
		edits = append(edits, mail.Rebuild{})
	}
	if e.strip {
		edits = append(edits, markup.StripHTML{})
	}
	edits = append(edits, e.soundRemedies()...)
	edits = append(edits, c.replacements(env.ID, e.replaced)...)
	if len(e.attached) > 0 {
		edits = append(edits, mail.WrapMessage{Text: attachText(c.Language, env.ID, e.attached)})
	}
	for _, tag := range unique(e.tags) {
		edits = append(edits, mail.TagSubject{Tag: tag})
	}
	if e.spam || !env.Outbound { // What our people send tells nobody how it was judged.
		edits = append(edits, c.spamFields(e.spam, findings)...)
	}
	for _, f := range unique(e.fields) {
		name, value := cutField(f)
		edits = append(edits, mail.AddField{Name: name, Value: value})
	}
	return edits
}

// editor collects what the actions call for.
type editor struct {
	signed   Signed
	replaced map[mail.PartID][]*filters.Finding
	remedies []mail.Edit
	attached []string // Codes of the findings.
	tags     []string
	fields   []string // "Name: value"
	strip    bool     // HTML becomes text.
	rebuild  bool     // The message is written anew.
	spam     bool     // The message was tagged as spam.
}

func (e *editor) action(a ask, key string, action Action) {
	switch action.Name {
	case "disarm":
		e.disarm(a)
	case "replace":
		e.replace(a)
	case "attach":
		e.attached = append(e.attached, a.code)
	case "strip-html":
		e.strip = true
		if a.finding != nil && a.finding.Signed != "" {
			e.replace(a)
		}
	case "rebuild":
		e.rebuild = true
	case "header":
		e.fields = append(e.fields, action.Arg)
	case "tag":
		e.spam = e.spam || key == HighSpam || key == string(filters.Spam) || key == string(filters.Listed)
		switch action.Arg {
		case NoSubject:
		case "":
			e.tags = append(e.tags, subjectTag(key))
		default:
			e.tags = append(e.tags, action.Arg)
		}
	}
}

// disarm takes the remedy that the filter has for a finding. A part that there is none for is replaced; a message is handed on as an attachment
// of a warning.
func (e *editor) disarm(a ask) {
	switch {
	case a.hasRemedy():
		e.remedies = append(e.remedies, a.finding.Remedy)
	case a.part == "":
		e.attached = append(e.attached, a.code)
	default:
		e.replace(a)
	}
}

// soundRemedies are the remedies without those that another makes needless: each is taken once, and a part is replaced once, by what
// the policy says before what a remedy does.
func (e *editor) soundRemedies() []mail.Edit {
	var edits []mail.Edit
	seen := map[string]bool{}
	for _, r := range e.remedies {
		key := fmt.Sprintf("%#v", r)
		if whole, ok := r.(mail.ReplaceEntity); ok {
			if _, ok := e.replaced[whole.Part]; ok {
				continue
			}
			key = "replace " + string(whole.Part)
		}
		if !seen[key] {
			edits = append(edits, r)
		}
		seen[key] = true
	}
	return edits
}

// hasRemedy tells if the finding can be disarmed. Inside what is signed nothing can.
func (a ask) hasRemedy() bool {
	return a.finding.Remedy != nil && a.finding.Signed == "" && !a.clash
}

// findClashes marks the remedies that cannot be taken together: changes of a body and a new body for it, or two new ones.
func (c *compiled) findClashes(asks []ask) {
	bodies := map[mail.PartID]string{}
	clashes := map[mail.PartID]bool{}
	for _, a := range asks {
		if body := c.newBody(a); body != "" {
			other := bodies[a.part]
			clashes[a.part] = clashes[a.part] || other != "" && other != body
			bodies[a.part] = body
		}
	}
	for i, a := range asks {
		asks[i].clash = clashes[a.part] && c.newBody(a) != ""
	}
}

// newBody names the body that a remedy makes, the same for all that change the old one; "" if it is not taken or leaves the body as it is.
func (c *compiled) newBody(a ask) string {
	disarms := func(action Action) bool { return action.Name == "disarm" }
	if a.finding == nil || !a.hasRemedy() || !slices.ContainsFunc(c.rules[a.rule].Actions, disarms) {
		return ""
	}
	switch a.finding.Remedy.(type) {
	case mail.RenameEntity, mail.ReplaceEntity: // The former goes with any body, the latter makes any other void.
		return ""
	case mail.EditBody:
		return "changes"
	}
	return remedyKey(a.finding)
}

// replace has a part replaced. Nothing is changed inside what is signed: the whole of it is, or the message becomes an attachment.
func (e *editor) replace(a ask) {
	switch {
	case a.finding.Signed == "":
		e.replaced[a.part] = append(e.replaced[a.part], a.finding)
	case e.signed == SignedReplace:
		e.replaced[a.finding.Signed] = append(e.replaced[a.finding.Signed], a.finding)
	default:
		e.attached = append(e.attached, a.code)
	}
}

// unique drops repetitions and keeps the order.
func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// replacements puts texts in the place of parts. A remedy for such a part is without effect: package mail sees to that.
func (c *compiled) replacements(id string, byPart map[mail.PartID][]*filters.Finding) []mail.Edit {
	var edits []mail.Edit
	for _, part := range slices.Sorted(maps.Keys(byPart)) {
		if isInside(part, byPart) {
			continue
		}
		edits = append(edits, mail.ReplaceEntity{
			Part: part, MediaType: "text/plain", Filename: notices.RemovedName(c.Language), Body: []byte(removedText(c.Language, id, byPart[part])),
		})
	}
	return edits
}

// isInside tells if one of the entities around the part is replaced.
func isInside(part mail.PartID, replaced map[mail.PartID][]*filters.Finding) bool {
	for {
		i := strings.LastIndexByte(string(part), '.')
		if i < 0 {
			return false
		}
		part = part[:i]
		if _, ok := replaced[part]; ok {
			return true
		}
	}
}

// removedText says what was taken out, why, by which rule, and under what ID it can be asked for. Details of what was found are for
// the operator.
func removedText(lang, id string, found []*filters.Finding) string {
	r := notices.Removed{ID: word(id)}
	for _, f := range found {
		r.Items = append(r.Items, notices.Item{File: f.File, Code: word(f.Code), Why: f.Notice})
	}
	return notices.RemovedText(lang, r)
}

func attachText(lang, id string, codes []string) string {
	return notices.AttachedText(lang, word(id), words(codes, maxResultCodes))
}

// maxLevel bounds the asterisks of X-Spam-Level, as SpamAssassin does.
const maxLevel = 50

// spamFields are those that users' sieve scripts read, in the form that SpamAssassin gave them: on what was tagged as spam, and on all other mail of which
// anything was found that counts.
func (c *compiled) spamFields(tagged bool, findings []filters.Finding) []mail.Edit {
	var tests []string
	counted := false
	for _, f := range findings {
		counted = counted || f.Class == filters.Spam
		if f.Score != 0 && !math.IsNaN(f.Score) {
			tests = append(tests, f.Code)
		}
	}
	if !tagged && !counted && len(tests) == 0 {
		return nil
	}
	points, answer := score(findings), "No"
	var edits []mail.Edit
	if tagged {
		answer = "Yes"
		edits = append(edits, mail.AddField{Name: "X-Spam-Flag", Value: "YES"})
	}
	edits = append(edits, mail.AddField{Name: "X-Spam-Score", Value: formatScore(points)})
	if points >= 1 {
		edits = append(edits, mail.AddField{Name: "X-Spam-Level", Value: strings.Repeat("*", int(min(points, maxLevel)))})
	}
	status := fmt.Sprintf("%s, score=%s required=%s tests=%s", answer, formatScore(points), formatScore(c.Spam.TagAt), words(tests, maxResultCodes))
	return append(edits, listField("X-Spam-Status", status))
}
