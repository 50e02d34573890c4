// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// result is what one contestant did in one part of a protocol.
type result struct {
	who         string
	part        string
	sample      int
	ham         int     // Messages that are ham.
	area        float64 // 1-AUC, %.
	missed      float64 // Spam that is missed at 0.1 % false positives, %.
	clearArea   float64 // The same without disputed labels.
	clearMissed float64
	falsely     float64 // Ham called spam at the contestant's own threshold, %.
	through     float64 // Spam not called spam there, %.
}

// report collects results and prints them as they come.
type report struct {
	out     io.Writer
	worst   int
	results []result
}

func (r *report) say(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) add(p contestant, part string, list []scored) {
	clean := undisputed(list)
	ham, _ := split(list)
	one := result{
		who: p.name, part: part, sample: p.sample, ham: len(ham),
		area: area(list), missed: missed(list), clearArea: area(clean), clearMissed: missed(clean),
		falsely: called(list, false), through: 100 - called(list, true),
	}
	r.results = append(r.results, one)
	r.say("%-32s %-44s %s, without disputed %s; at its threshold: ham called spam %.2f %%, spam missed %.2f %%\n",
		p.name, part, one.figures(), one.clear(), one.falsely, one.through)
	if r.worst > 0 {
		r.some(list, true)
		r.some(list, false)
	}
}

// figures are the raw ones, in the form of all documents.
func (x *result) figures() string { return fmt.Sprintf("%.4f / %.2f", x.area, x.missed) }

func (x *result) clear() string { return fmt.Sprintf("%.4f / %.2f", x.clearArea, x.clearMissed) }

// some prints the worst of one class.
func (r *report) some(list []scored, spam bool) {
	list = slices.DeleteFunc(slices.Clone(list), func(s scored) bool { return s.m.spam != spam })
	slices.SortFunc(list, func(a, b scored) int {
		if spam {
			return cmp.Compare(a.score, b.score)
		}
		return cmp.Compare(b.score, a.score)
	})
	for _, s := range list[:min(r.worst, len(list))] {
		r.say("    %8.3f %v %s\n", s.score, s.called, s.m.name)
	}
}

// find is the result of a contestant in a part; nil if there is none.
func (r *report) find(who, part string) *result {
	for i := range r.results {
		if r.results[i].who == who && r.results[i].part == part {
			return &r.results[i]
		}
	}
	return nil
}

// names are the contestants, in the order of their results.
func (r *report) names() []string {
	var list []string
	for i := range r.results {
		if !slices.Contains(list, r.results[i].who) {
			list = append(list, r.results[i].who)
		}
	}
	return list
}
