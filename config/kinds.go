// SPDX-License-Identifier: Apache-2.0

package config

import (
	allfilters "github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/clamd"
	"github.com/mailweir/mailweir/scanners/hashes"
)

// builtin lists all scanners and filters that there are.
func builtin() kinds {
	return kinds{scanners: []scanners.Kind{clamd.Kind(), hashes.Kind()}, filters: allfilters.Kinds()}
}
