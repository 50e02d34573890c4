// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with a policy. New joins all that it finds with errors.Join.
type Fault struct {
	Index  int    // Of the policy in the list given to New.
	Policy string // Its name.
	Key    string // Place in the policy: "" (all of it), "name", "when.to[2]", "spam.tag_at", "do.virus", "do.virus[0]".
	Text   string // What is wrong, for the operator.
}

// Error is the fault in one line, without the place in the file.
func (f *Fault) Error() string {
	place := fmt.Sprintf("policy %q", f.Policy)
	if f.Key != "" {
		place += ": " + f.Key
	}
	return place + ": " + f.Text
}

// parentKey is the key without its last step: "do.virus" of "do.virus[0]", "" of "do".
func parentKey(key string) string {
	return key[:max(0, strings.LastIndexAny(key, ".["))]
}

// unknown says that there is no such word, and which one may have been meant.
func unknown(what, word string, known []string) error {
	best, distance := "", len(word)/3+2
	for _, k := range known {
		if d := editDistance(strings.ToLower(word), k); d < distance && d < len(k) {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Errorf("unknown %s %q, did you mean %q?", what, word, best)
	}
	return fmt.Errorf("unknown %s %q; there are %s", what, word, strings.Join(known, ", "))
}

// editDistance counts the octets to insert, remove or replace to make b of a. It looks at the first 64 of a.
func editDistance(a, b string) int {
	a = a[:min(len(a), 64)]
	last, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, replace)
		}
		last, row = row, last
	}
	return last[len(b)]
}
