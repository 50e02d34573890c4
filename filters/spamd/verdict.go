// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Limits of a verdict.
const (
	maxNames     = 1000 // Rules that matched.
	maxName      = 128  // Octets of a rule's name.
	maxDigits    = 12   // Characters of a number.
	maxMagnitude = 1e6  // Of points.
)

// verdict is what spamd makes of a message.
type verdict struct {
	score, threshold float64
	rules            []rule
}

// rule is one that matched.
type rule struct {
	name   string
	points string // As the report has them; "" if it was not asked for.
}

// verdict reads the field Spam, "True ; 15.0 / 5.0", and the body as the command has it.
func (r *reply) verdict(command string) (verdict, error) {
	field, ok := r.fields["spam"]
	if !ok {
		return verdict{}, fmt.Errorf("reply %.40q has no field Spam", r.text)
	}
	word, rest, _ := strings.Cut(field, ";")
	score, threshold, _ := strings.Cut(rest, "/")
	var v verdict
	var err error
	switch strings.TrimSpace(word) {
	case "True", "False", "Yes", "No":
		v.score, err = parsePoints(strings.TrimSpace(score))
	default:
		return verdict{}, fmt.Errorf("unexpected field Spam %.80q", field)
	}
	if err == nil {
		v.threshold, err = parsePoints(strings.TrimSpace(threshold))
	}
	if err != nil {
		return verdict{}, fmt.Errorf("unexpected field Spam %.80q: %w", field, err)
	}
	switch command {
	case "SYMBOLS":
		v.rules, err = parseNames(r.body)
	case "REPORT":
		v.rules = parseReport(r.body)
	}
	return v, err
}

// parsePoints reads a number as people write it, so none that is infinite, or none at all.
func parsePoints(s string) (float64, error) {
	if s == "" || len(s) > maxDigits || strings.Trim(s, "+-.0123456789") != "" {
		return 0, fmt.Errorf("%.20q are no points", s)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(v) <= maxMagnitude) {
		return 0, fmt.Errorf("%.20q are no points", s)
	}
	return v, nil
}

// parseNames reads the names of rules, with commas between them.
func parseNames(body []byte) ([]rule, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, nil
	}
	var rules []rule
	for name := range bytes.SplitSeq(body, []byte(",")) {
		name = bytes.TrimSpace(name)
		switch {
		case len(rules) == maxNames:
			return nil, fmt.Errorf("reply names more than %d rules", maxNames)
		case !isRule(string(name)):
			return nil, fmt.Errorf("reply names the rule %.40q", name)
		}
		rules = append(rules, rule{name: string(name)})
	}
	return rules, nil
}

// parseReport finds the rules in a report: lines " 1.5 NAME  What it is" of the table below the last line of dashes. What is above may quote the message,
// which could forge such lines. A site may write its reports as it likes: where there is no table there are no rules.
func parseReport(body []byte) []rule {
	var rules []rule
	table := false
	for line := range bytes.Lines(body) {
		fields := bytes.Fields(line)
		if len(fields) >= 2 && isDashes(fields[0]) && isDashes(fields[1]) {
			rules, table = nil, true
			continue
		}
		if !table || len(fields) < 2 || len(rules) == maxNames || !isRule(string(fields[1])) {
			continue
		}
		points := string(bytes.TrimSuffix(fields[0], []byte("*")))
		if _, err := parsePoints(points); err == nil {
			rules = append(rules, rule{string(fields[1]), points})
		}
	}
	return rules
}

// isDashes tells if a word is a line below a heading.
func isDashes(b []byte) bool { return len(b) >= 4 && len(bytes.Trim(b, "-")) == 0 }

// isRule tells if s can be the name of a rule: SpamAssassin's have letters, digits and underscores, other servers' printable ASCII.
func isRule(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == ',' {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}
