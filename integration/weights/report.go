// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/facts"
)

// printFacts prints how often each fact is so, per mille of each class of each corpus.
func printFacts(all []*corpus, about []facts.About, points []float64) {
	fmt.Printf("%-32s %6s", "fact", "points")
	for _, c := range all {
		fmt.Printf(" %11s", cut(c.name, 9)+" h/s")
	}
	fmt.Println()
	for f := range about {
		fmt.Printf("%-32s %6.1f", about[f].Name, points[f])
		for _, c := range all {
			var n, with [2]int
			for _, m := range c.half[0] {
				k := 0
				if m.spam {
					k = 1
				}
				n[k]++
				if _, ok := slices.BinarySearch(m.facts, f); ok {
					with[k]++
				}
			}
			fmt.Printf(" %5.0f %5.0f", 1000*float64(with[0])/float64(max(n[0], 1)), 1000*float64(with[1])/float64(max(n[1], 1)))
		}
		fmt.Println()
	}
}

func cut(s string, n int) string { return s[:min(n, len(s))] }

// printRates prints what share of each class of each corpus reaches the threshold.
func printRates(title string, all []*corpus, half int, points []float64) {
	fmt.Printf("%s, called spam at %d points:\n", title, threshold)
	for _, c := range all {
		for _, spam := range []bool{false, true} {
			n, hit := 0, 0
			for _, m := range c.half[half] {
				if m.spam == spam {
					n++
					if sum(points, m.facts) >= threshold-near {
						hit++
					}
				}
			}
			if n > 0 {
				fmt.Printf("  %-12s spam=%-5t %5d of %5d  %6.2f %%\n", c.name, spam, hit, n, 100*float64(hit)/float64(n))
			}
		}
	}
}

// printTable prints the points as they are shipped.
func printTable(about []facts.About, points []float64) {
	for i, a := range about {
		if points[i] != 0 {
			fmt.Printf("\t%q: %.1f,\n", a.Name, points[i])
		}
	}
}

// printCrossed prints what share of the parts reaches the threshold by points that were fitted to the others.
func printCrossed(list []sample, sums []float64, about []facts.About, points []float64, missed string) {
	n, hit := map[string]int{}, map[string]int{}
	var keys []string
	for i, s := range list {
		k := fmt.Sprintf("%-12s spam=%-5t", s.corpus, s.spam)
		if n[k] == 0 {
			keys = append(keys, k)
		}
		n[k]++
		if sums[i] >= threshold-near {
			hit[k]++
		}
		if missed == "cross" && !s.spam && sums[i] >= threshold-near {
			fmt.Printf("%5.1f %s: %s\n", sums[i], s.name, told(s.facts, about, points))
		}
	}
	fmt.Println("first halves, by parts:")
	for _, k := range keys {
		fmt.Printf("  %s %5d of %5d  %6.2f %%\n", k, hit[k], n[k], 100*float64(hit[k])/float64(n[k]))
	}
}

// printMissed names the messages of a first half that are judged wrongly, with their facts.
func printMissed(all []*corpus, about []facts.About, points []float64, name string) {
	for _, c := range all {
		if c.name != name {
			continue
		}
		for _, m := range c.half[0] {
			p := sum(points, m.facts)
			if (p >= threshold-near) == m.spam {
				continue
			}
			fmt.Printf("%5.1f %s: %s\n", p, m.name, told(m.facts, about, points))
		}
	}
}

// told are facts with their points.
func told(list []int, about []facts.About, points []float64) string {
	var names []string
	for _, f := range list {
		if points[f] != 0 {
			names = append(names, fmt.Sprintf("%s %.1f", about[f].Name, points[f]))
		}
	}
	return strings.Join(names, ", ")
}
