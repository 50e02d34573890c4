// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/internal/nearest"
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
	if best := nearest.Word(word, known); best != "" {
		return fmt.Errorf("unknown %s %q, did you mean %q?", what, word, best)
	}
	return fmt.Errorf("unknown %s %q; there are %s", what, word, strings.Join(known, ", "))
}
