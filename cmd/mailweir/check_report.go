// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// report is what "mailweir check" tells of one message. Its JSON is documented in docs/reference/check.md.
type report struct {
	File       string            `json:"file"`
	Size       int64             `json:"size"`
	From       string            `json:"from"`
	Client     string            `json:"client"`
	Outbound   bool              `json:"outbound"`
	Score      float64           `json:"score"`
	Findings   []reportFinding   `json:"findings"`
	Recipients []reportRecipient `json:"recipients"`
	Filters    []reportFilter    `json:"filters"`
	Skipped    []string          `json:"skipped"`
	Defects    []reportDefect    `json:"defects"`
	Explained  []reportExplained `json:"explained"`
	MS         float64           `json:"ms"`
}

type reportExplained struct {
	Filter string   `json:"filter"`
	Lines  []string `json:"lines"`
}

type reportFinding struct {
	Filter string  `json:"filter"`
	Code   string  `json:"code"`
	Class  string  `json:"class"`
	Score  float64 `json:"score"`
	Part   string  `json:"part"`
	For    []int   `json:"for"`
	Detail string  `json:"detail"`
}

type reportRecipient struct {
	Rcpt    string   `json:"rcpt"`
	Fate    string   `json:"fate"`
	Score   float64  `json:"score"`
	Actions []string `json:"actions"`
	Because []string `json:"because"`
}

type reportFilter struct {
	Name  string  `json:"name"`
	MS    float64 `json:"ms"`
	Error string  `json:"error"`
}

type reportDefect struct {
	Code   string `json:"code"`
	Part   string `json:"part"`
	Offset int64  `json:"offset"`
	Detail string `json:"detail"`
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func newReport(file string, size int64, env *mail.Envelope, a *gateway.Account) *report {
	r := &report{
		File: file, Size: size, MS: milliseconds(a.Took), From: env.MailFrom.Address, Client: env.Client.Addr,
		Findings: []reportFinding{}, Recipients: []reportRecipient{}, Filters: []reportFilter{}, Defects: []reportDefect{},
		Skipped: append([]string{}, a.Result.Skipped...), Explained: []reportExplained{},
	}
	if a.Envelope != nil {
		r.Outbound = a.Envelope.Outbound
	}
	for _, f := range a.Result.Findings {
		r.Findings = append(r.Findings, reportFinding{f.Filter, f.Code, string(f.Class), f.Score, string(f.Part), append([]int{}, f.For...), f.Detail})
	}
	if len(a.Dispositions) > 0 {
		r.Score = a.Dispositions[0].Score
	}
	for i, d := range a.Dispositions {
		r.Score = max(r.Score, d.Score)
		r.Recipients = append(r.Recipients, newReportRecipient(env.RcptTo[i], d))
	}
	for _, t := range a.Result.Timings {
		f := reportFilter{Name: t.Filter, MS: milliseconds(t.Took)}
		if t.Err != nil {
			f.Error = t.Err.Error()
		}
		r.Filters = append(r.Filters, f)
	}
	for _, d := range a.Result.Defects {
		r.Defects = append(r.Defects, reportDefect{d.Code, string(d.Part), d.Offset, d.Detail})
	}
	return r
}

// explain takes in what filters tell a person.
func (r *report) explain(list []filters.Explanation) {
	for _, e := range list {
		r.Explained = append(r.Explained, reportExplained{e.Filter, e.Lines})
	}
}

func newReportRecipient(rcpt mail.Path, d policy.Disposition) reportRecipient {
	r := reportRecipient{Rcpt: rcpt.Address, Fate: d.Fate.String(), Score: d.Score, Actions: []string{}, Because: []string{}}
	seen := map[string]bool{}
	for _, b := range d.Because {
		if !seen[b.Action] {
			seen[b.Action] = true
			r.Actions = append(r.Actions, b.Action)
		}
		r.Because = append(r.Because, because(b))
	}
	return r
}

// because is a reason in words: "virus.infected: virus: quarantine, policy default, mailweir.yaml:12".
func because(b policy.Reason) string {
	s := b.Code + ": "
	if b.Class != b.Code { // The policy has a rule for the code by its name.
		s += b.Class + ": "
	}
	s += b.Action + ", policy " + b.Rule
	if b.Where != "" {
		s += ", " + b.Where
	}
	return s
}

func (r *report) json() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		return []byte(err.Error()) // Cannot be: the type has nothing that JSON lacks, and scores are finite.
	}
	return b
}

// some names the recipients that a finding holds for, if it does not hold for all.
func (r *report) some(f reportFinding) string {
	var who []string
	for _, i := range f.For {
		if i < len(r.Recipients) {
			who = append(who, shown("<"+r.Recipients[i].Rcpt+">"))
		}
	}
	if len(who) == 0 || len(who) == len(r.Recipients) {
		return ""
	}
	return " for " + strings.Join(who, ", ")
}

// origin is whom and where the message is taken to come from: what was given, or guessed from its header.
func (r *report) origin() string {
	s := shown("<" + r.From + ">")
	if r.Client == "" {
		s += ", client not known (--client names it)"
	} else {
		s += ", client " + shown(r.Client)
	}
	if r.Outbound {
		s += ", outgoing"
	}
	return s
}

// detail is what stands behind a colon, if anything does.
func detail(s string) string {
	if s == "" {
		return ""
	}
	return ": " + shown(s)
}

// printRecipients tells what becomes of the message. Recipients behind each other who fare alike stand in one line.
func (r *report) printRecipients(w io.Writer) {
	for at := 0; at < len(r.Recipients); {
		first, names := r.Recipients[at], ""
		for ; at < len(r.Recipients) && alike(first, r.Recipients[at]); at++ {
			if names != "" {
				names += ", "
			}
			names += shown("<" + r.Recipients[at].Rcpt + ">")
		}
		own := ""
		if first.Score != r.Score {
			own = fmt.Sprintf(", score %g", first.Score)
		}
		printf(w, "  to     %s: %s%s\n", names, first.Fate, own)
		for _, b := range first.Because {
			printf(w, "           because %s\n", shown(b))
		}
	}
}

// alike tells if the message fares the same for two recipients, for the same reasons.
func alike(a, b reportRecipient) bool {
	return a.Fate == b.Fate && a.Score == b.Score && slices.Equal(a.Because, b.Because)
}

// print explains the message to a person.
func (r *report) print(w io.Writer) {
	printf(w, "%s: %d octets, score %g, %.1f ms\n", shown(r.File), r.Size, r.Score, r.MS)
	printf(w, "  from   %s\n", r.origin())
	for _, f := range r.Findings {
		part := ""
		if f.Part != "" {
			part = " in part " + f.Part
		}
		score := ""
		if f.Score != 0 {
			score = fmt.Sprintf(" %+g", f.Score)
		}
		printf(w, "  found  %s (%s)%s%s%s%s\n", f.Code, f.Class, score, part, r.some(f), detail(f.Detail))
	}
	for _, d := range r.Defects {
		printf(w, "  defect %s at %d%s\n", d.Code, d.Offset, detail(d.Detail))
	}
	for _, e := range r.Explained {
		for _, line := range e.Lines {
			printf(w, "  says   %s: %s\n", e.Filter, shown(line))
		}
	}
	r.printRecipients(w)
	var timings []string
	for _, f := range r.Filters {
		s := f.Name
		if f.Error != "" {
			s += " (" + shown(f.Error) + ")"
		}
		timings = append(timings, s)
	}
	if len(timings) > 0 {
		printf(w, "  by     %s\n", strings.Join(timings, ", "))
	}
	if len(r.Skipped) > 0 {
		printf(w, "  not by %s\n", strings.Join(r.Skipped, ", "))
	}
}
