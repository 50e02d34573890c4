// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/internal/nearest"
)

// suggest is a clause that names the candidate most like word, or else all candidates if they are few.
func suggest(word string, candidates []string) string {
	if s := didYouMean(word, candidates); s != "" || len(candidates) == 0 || len(candidates) > 20 {
		return s
	}
	return ", want one of " + strings.Join(candidates, ", ")
}

// didYouMean is a clause that names the candidate most like word, or nothing if none is like it.
func didYouMean(word string, candidates []string) string {
	if s := nearest.Word(word, candidates); s != "" {
		return fmt.Sprintf(", did you mean %q?", s)
	}
	return ""
}
