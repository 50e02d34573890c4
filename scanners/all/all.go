// SPDX-License-Identifier: Apache-2.0

// Package all lists every kind of scanner. It is a list to read, and to add to: nothing registers itself.
package all

import (
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/clamd"
	"github.com/mailweir/mailweir/scanners/command"
	"github.com/mailweir/mailweir/scanners/fpscan"
	"github.com/mailweir/mailweir/scanners/hashes"
	"github.com/mailweir/mailweir/scanners/icap"
	"github.com/mailweir/mailweir/scanners/kse"
	"github.com/mailweir/mailweir/scanners/savapi"
	"github.com/mailweir/mailweir/scanners/sssp"
)

// Kinds are all kinds of scanners, in the order of their names.
func Kinds() []scanners.Kind {
	return []scanners.Kind{
		clamd.Kind(),
		command.Kind(),
		fpscan.Kind(),
		hashes.Kind(),
		icap.Kind(),
		kse.Kind(),
		savapi.Kind(),
		sssp.Kind(),
	}
}
