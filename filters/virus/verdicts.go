// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"fmt"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/scanners"
)

// verdicts makes findings of answers. It is for one message.
type verdicts struct {
	f        *filter
	found    []filters.Finding
	spam     map[string]int // Index in found of a signature that counts as spam.
	failures []*failure
}

// failure is a scanner that gave no answer where one was needed.
type failure struct {
	engine string
	where  string // The first content.
	err    error
	more   int
}

func newVerdicts(f *filter) *verdicts { return &verdicts{f: f} }

// add judges the answers about one content.
//
// Infected counts whoever says it. Clean has to be said by as many as are required. An Unscannable is an answer, but it
// clears nothing: it is a finding if all scanners are required, and else if too few said Clean. Too few answers are failures.
func (v *verdicts) add(it *item, answers []answer) {
	clean, infected := 0, false
	for _, a := range answers {
		switch {
		case a.err != nil:
		case a.report.Verdict == scanners.Infected:
			v.infected(it, a)
			infected = true
		case a.report.Verdict == scanners.Clean:
			clean++
		}
	}
	if answered(answers) < v.f.need {
		v.failed(it, answers)
	}
	if v.f.all || clean < v.f.need && !infected {
		v.unscannable(it, answers)
	}
}

func (v *verdicts) infected(it *item, a answer) {
	sig := a.report.Signature
	f := filters.Finding{
		Code: "virus.infected", Class: filters.Virus, Part: it.part, Detail: fmt.Sprintf("%s: %s (%s)", it.where, sig, a.engine.name),
	}
	for _, r := range v.f.asSpam {
		if !r.pattern.Match(sig) {
			continue
		}
		f.Code, f.Class, f.Score = "virus.as_spam", filters.Spam, r.score
		v.addSpam(sig, f)
		return
	}
	v.found = append(v.found, f)
}

// addSpam takes points for a signature once for a message, however many scanners find it in however many leaves. A leaf
// tells more than the message that it is in.
func (v *verdicts) addSpam(sig string, f filters.Finding) {
	i, seen := v.spam[sig]
	switch {
	case !seen:
		if v.spam == nil {
			v.spam = map[string]int{}
		}
		v.spam[sig] = len(v.found)
		v.found = append(v.found, f)
	case v.found[i].Part == "" && f.Part != "":
		v.found[i] = f
	}
}

func (v *verdicts) unscannable(it *item, answers []answer) {
	for _, a := range answers {
		if a.err == nil && a.report.Verdict == scanners.Unscannable {
			v.found = append(v.found, filters.Finding{
				Code: "virus.unscannable", Class: filters.Unscannable, Part: it.part,
				Detail: fmt.Sprintf("%s: %s (%s)", it.where, a.report.Reason, a.engine.name),
			})
		}
	}
}

// failed notes the scanners that gave no answer, each once for a message.
func (v *verdicts) failed(it *item, answers []answer) {
next:
	for _, a := range answers {
		if a.err == nil {
			continue
		}
		for _, f := range v.failures {
			if f.engine == a.engine.name {
				f.more++
				continue next
			}
		}
		v.failures = append(v.failures, &failure{engine: a.engine.name, where: it.where, err: a.err})
	}
}

// findings are those of all answers; the failures come last.
func (v *verdicts) findings() []filters.Finding {
	for _, f := range v.failures {
		var more string
		if f.more > 0 {
			more = fmt.Sprintf(", and %d more", f.more)
		}
		v.found = append(v.found, filters.Finding{
			Code: "failure.scanner", Class: filters.Failure, Detail: fmt.Sprintf("%s: %v (%s%s)", f.engine, f.err, f.where, more),
		})
	}
	return v.found
}
