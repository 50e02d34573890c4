// SPDX-License-Identifier: Apache-2.0

// Package all lists every kind of scanner.
package all

import (
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/hashes"
)

// Kinds lists every kind of scanner, in the order of the documents.
func Kinds() []scanners.Kind {
	return []scanners.Kind{hashes.Kind()}
}
