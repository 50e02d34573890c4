// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// goal is one that the project has set itself.
type goal struct {
	part string
	what string
	most float64 // What the figure may be at the most; below 0, -most is what it has to be at the least.
	of   func(*result) float64
}

// goals are those of the filter as a whole, with raw labels.
func goals() []goal {
	area := func(x *result) float64 { return x.area }
	missed := func(x *result) float64 { return x.missed }
	caught := func(x *result) float64 { return 100 - x.through }
	falsely := func(x *result) float64 { return x.falsely }
	return []goal{
		{partA, "(1−AUC) %", .008, area},
		{partA, "missed % at 0.1 %", .6, missed},
		{partA2, "(1−AUC) %", .0002, area},
		{partA2, "missed % at 0.1 %", .05, missed},
		{partB, "(1−AUC) %", .0003, area},
		{partB, "missed % at 0.1 %", .15, missed},
		{partC, "(1−AUC) %", .40, area},
		{partC, "missed % at 0.1 %", 10, missed},
		{partPhish, "called spam %", -80, caught},
		{partPhish + judged, "called spam %", -80, caught},
		{partSpam, "called spam %", -93, caught},
		{partSpam + judged, "called spam %", -93, caught},
		{partHam, "called spam %", .5, falsely},
		{partHam + judged, "called spam %", .5, falsely},
		{partA, "ham called spam %", .1, falsely},
		{partA, "spam not called spam %", 1, func(x *result) float64 { return x.through }},
		{partC, "ham called spam %", .1, falsely},
		{partArrival, "ham called spam %", .1, falsely},
		{partAfter, "ham called spam %", .1, falsely},
	}
}

// met tells if a figure reaches the goal.
func (g *goal) met(v float64) bool {
	if g.most < 0 {
		return v >= -g.most
	}
	return v <= g.most
}

// markdown is the report as tables.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("(1−AUC) % / spam missed % at 0.1 % false positives, raw labels:\n\n")
	r.table(&b, []string{partA, partA2, partB, partC, partArrival}, func(x *result) string { return x.figures() })
	b.WriteString("\nWithout the disputed labels:\n\n")
	r.table(&b, []string{partA, partA2, partB, partC, partArrival}, func(x *result) string { return x.clear() })
	b.WriteString("\nAt each filter's own threshold, ham called spam % / spam missed %:\n\n")
	r.table(&b, []string{partA, partA2, partB, partC, partArrival, partAfter}, func(x *result) string { return fmt.Sprintf("%.2f / %.2f", x.falsely, x.through) })
	b.WriteString("\nE, called spam % at each filter's own threshold, all / tuning half / other half:\n\n")
	r.table(&b, []string{partPhish, partSpam, partHam}, r.wholeAndHalves)
	b.WriteString("\nGoals of mailweir:\n\n| part | figure | goal | reached | |\n|---|---|---|---|---|\n")
	for _, g := range goals() {
		x := r.find("mailweir", g.part)
		if x == nil {
			continue
		}
		b.WriteString(g.line(x))
	}
	return b.String()
}

func (g *goal) line(x *result) string {
	v, word, bound := g.of(x), "**not met**", "at most"
	if g.met(v) {
		word = "met"
	}
	most := g.most
	if most < 0 {
		bound, most = "at least", -most
	}
	return fmt.Sprintf("| %s | %s | %s %v | %s | %s |\n", g.part, g.what, bound, most, strconv.FormatFloat(v, 'f', 4, 64), word)
}

// wholeAndHalves are the figures of a part and of its halves; of a sample that of the part alone, for a sample is not spread evenly over the halves.
func (r *report) wholeAndHalves(x *result) string {
	parts := []string{x.part, x.part + tuned, x.part + judged}
	if x.sample > 1 {
		parts = parts[:1]
	}
	var out []string
	for _, part := range parts {
		y := r.find(x.who, part)
		if y == nil {
			return "–"
		}
		v := y.falsely
		if y.ham == 0 {
			v = 100 - y.through
		}
		out = append(out, fmt.Sprintf("%.2f", v))
	}
	return strings.Join(out, " / ")
}

// table has a line for each contestant and a column for each part.
func (r *report) table(b *strings.Builder, parts []string, cell func(*result) string) {
	b.WriteString("| filter | " + strings.Join(parts, " | ") + " |\n|---|" + strings.Repeat("---|", len(parts)) + "\n")
	for _, who := range r.names() {
		sample := 0
		var cells []string
		for _, part := range parts {
			if x := r.find(who, part); x != nil {
				cells, sample = append(cells, cell(x)), x.sample
			} else {
				cells = append(cells, "–")
			}
		}
		if sample > 1 {
			who += fmt.Sprintf(" (one message of %d)", sample)
		}
		b.WriteString("| " + who + " | " + strings.Join(cells, " | ") + " |\n")
	}
}
