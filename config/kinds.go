// SPDX-License-Identifier: Apache-2.0

package config

import (
	allfilters "github.com/mailweir/mailweir/filters/all"
	allscanners "github.com/mailweir/mailweir/scanners/all"
)

// builtin lists all scanners and filters that there are.
func builtin() kinds {
	return kinds{scanners: allscanners.Kinds(), filters: allfilters.Kinds()}
}
