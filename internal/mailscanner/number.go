// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var numberForm = regexp.MustCompile(`^([0-9._-]+)([kmgKMG]?)`)

// number reads a number with the letters k, m and g for thousands, as MailScanner does: what stands behind does not count.
func number(s string) (float64, bool) {
	m := numberForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], "_", ""), 64)
	if err != nil {
		return 0, false
	}
	switch strings.ToLower(m[2]) {
	case "k":
		n *= 1e3
	case "m":
		n *= 1e6
	case "g":
		n *= 1e9
	}
	return n, math.Abs(n) < 1e15
}
