// SPDX-License-Identifier: Apache-2.0

// Command weights fits the points of facts to the first halves of the corpora, and tells how well they do on the second halves. It is for those who develop
// facts: nothing runs it in operation.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/internal/spamham"
)

// task is what the command line asks for.
type task struct {
	settings
	corpora                              string
	second, shipped, table, cross, brief bool
	missed                               string
}

func main() {
	var o task
	flag.StringVar(&o.corpora, "corpora", os.Getenv("MAILWEIR_CORPORA"), "folder of the corpora")
	flag.BoolVar(&o.second, "second", false, "judge by the second halves, too")
	flag.BoolVar(&o.shipped, "shipped", false, "judge the points that are shipped instead of fitting new ones")
	flag.BoolVar(&o.table, "table", false, "print the points as a table of Go")
	flag.BoolVar(&o.cross, "cross", false, "judge each fifth of the first halves by points fitted to the others")
	flag.BoolVar(&o.brief, "brief", false, "no list of facts")
	flag.StringVar(&o.missed, "missed", "", "name what is judged wrongly of the first half of this corpus; cross: ham that is by -cross")
	flag.Float64Var(&o.decay, "decay", 1, "weight of the squares of what points differ from what is expected")
	flag.Float64Var(&o.prior, "prior", 0.2, "share of its bound that a fact is expected to be worth")
	flag.Float64Var(&o.slope, "slope", 1, "log-odds for each point")
	flag.Float64Var(&o.ham, "ham", 1, "per mille of ham that may come as near to the threshold as the margin")
	flag.Float64Var(&o.margin, "margin", 1.5, "points below the threshold")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o task) error {
	about := facts.All()
	index := map[string]int{}
	for i, a := range about {
		index[a.Name] = i
	}
	var all []*corpus
	for _, name := range spamham.Names() {
		c, err := load(o.corpora, name, index)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	points := current(about)
	if !o.shipped {
		points = o.fitted(samples(all), about)
	}
	report(o, all, about, points)
	return nil
}

// report prints what is asked for.
func report(o task, all []*corpus, about []facts.About, points []float64) {
	if !o.brief {
		printFacts(all, about, points)
	}
	if o.cross {
		list := samples(all)
		printCrossed(list, o.crossed(list, about), about, points, o.missed)
	}
	printRates("first halves", all, 0, points)
	if o.second {
		printRates("second halves", all, 1, points)
	}
	if o.table {
		printTable(about, points)
	}
	if o.missed != "" {
		printMissed(all, about, points, o.missed)
	}
}

// current are the points that are shipped.
func current(about []facts.About) []float64 {
	points := make([]float64, len(about))
	for i, a := range about {
		points[i] = facts.Points(a.Name)
	}
	return points
}

// samples are the first halves. Every corpus weighs the same in its class, but the two of old mail together as much as one.
func samples(all []*corpus) []sample {
	var list []sample
	for _, c := range all {
		n := map[bool]int{}
		for _, m := range c.half[0] {
			n[m.spam]++
		}
		at := map[bool]int{}
		share := 1.0
		if c.name == spamham.TREC || c.name == spamham.SpamAssassin {
			share = 0.5
		}
		for _, m := range c.half[0] {
			list = append(list, sample{m, c.name, share / float64(n[m.spam]), at[m.spam] * folds / n[m.spam]})
			at[m.spam]++
		}
	}
	return list
}
