// SPDX-License-Identifier: Apache-2.0

// Package nearest finds the word that a misspelt one may have been meant for. It knows nothing of what the words stand for;
// config and policy call it for their faults.
package nearest

import "strings"

// Word is the candidate most like word, "" if none is like it. Case does not count in word; candidates are in lower case.
func Word(word string, candidates []string) string {
	best, bestDistance := "", len(word)/3+2
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), c); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best
}

// maxWord bounds the octets of a word that is compared with others: distance is quadratic.
const maxWord = 64

// distance is the number of octets to insert, remove, replace or swap with their neighbour to make b of a.
func distance(a, b string) int {
	a, b = a[:min(len(a), maxWord)], b[:min(len(b), maxWord)]
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
