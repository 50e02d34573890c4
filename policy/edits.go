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
)

// edits are the changes that the asks call for, all of which want the message delivered. The same change is made once:
// several findings in one part share its replacement, and a part inside a replaced part goes with it.
func (c *compiled) edits(id string, asks []ask, findings []filters.Finding) []mail.Edit {
	e := editor{replaced: make(map[mail.PartID][]string)}
	for _, a := range asks {
		rule := c.rules[a.rule]
		for _, action := range rule.Actions {
			e.action(a, rule.Class, action)
		}
	}
	edits := replacements(id, e.replaced)
	if len(e.attached) > 0 {
		edits = append(edits, mail.WrapMessage{Text: attachText(id, e.attached)})
	}
	for _, tag := range unique(e.tags) {
		edits = append(edits, mail.TagSubject{Tag: tag})
	}
	if e.spam {
		edits = append(edits, c.spamFields(findings)...)
	}
	for _, f := range unique(e.fields) {
		name, value := cutField(f)
		edits = append(edits, mail.AddField{Name: name, Value: value})
	}
	return edits
}

// editor collects what the actions call for.
type editor struct {
	replaced map[mail.PartID][]string // Codes of the findings by part.
	attached []string                 // Codes of the findings.
	tags     []string
	fields   []string // "Name: value"
	spam     bool     // The message was tagged as spam.
}

func (e *editor) action(a ask, key string, action Action) {
	switch action.Name {
	case "replace":
		e.replaced[a.part] = append(e.replaced[a.part], a.code)
	case "attach":
		e.attached = append(e.attached, a.code)
	case "header":
		e.fields = append(e.fields, action.Arg)
	case "tag":
		e.spam = e.spam || key == HighSpam || key == string(filters.Spam)
		switch action.Arg {
		case NoSubject:
		case "":
			e.tags = append(e.tags, subjectTag(key))
		default:
			e.tags = append(e.tags, action.Arg)
		}
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

func replacements(id string, byPart map[mail.PartID][]string) []mail.Edit {
	var edits []mail.Edit
	for _, part := range slices.Sorted(maps.Keys(byPart)) {
		if isInside(part, byPart) {
			continue
		}
		edits = append(edits, mail.ReplaceEntity{
			Part: part, MediaType: "text/plain", Filename: "removed.txt", Body: []byte(removedText(id, byPart[part])),
		})
	}
	return edits
}

// isInside tells if one of the entities around the part is replaced.
func isInside(part mail.PartID, replaced map[mail.PartID][]string) bool {
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

// removedText names ID and codes only: what was found is for the operator.
func removedText(id string, codes []string) string {
	return fmt.Sprintf("This part of the message was removed by the mail filter.\r\n\r\n"+
		"Reason: %s\r\nMessage: %s\r\n", words(codes, maxResultCodes), word(id))
}

func attachText(id string, codes []string) string {
	return fmt.Sprintf("The mail filter found the attached message suspicious. Open it with care.\r\n\r\n"+
		"Reason: %s\r\nMessage: %s\r\n", words(codes, maxResultCodes), word(id))
}

// maxLevel bounds the asterisks of X-Spam-Level, as SpamAssassin does.
const maxLevel = 50

// spamFields are those that users' sieve scripts read, in the form that SpamAssassin gave them.
func (c *compiled) spamFields(findings []filters.Finding) []mail.Edit {
	points := score(findings)
	var tests []string
	for _, f := range findings {
		if f.Score != 0 && !math.IsNaN(f.Score) {
			tests = append(tests, f.Code)
		}
	}
	status := fmt.Sprintf("Yes, score=%s required=%s tests=%s", formatScore(points), formatScore(c.Spam.TagAt),
		words(tests, maxResultCodes))
	return []mail.Edit{
		mail.AddField{Name: "X-Spam-Flag", Value: "YES"},
		mail.AddField{Name: "X-Spam-Score", Value: formatScore(points)},
		mail.AddField{Name: "X-Spam-Level", Value: strings.Repeat("*", int(min(points, maxLevel)))},
		mail.AddField{Name: "X-Spam-Status", Value: status},
	}
}
