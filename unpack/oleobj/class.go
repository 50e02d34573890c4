// SPDX-License-Identifier: Apache-2.0

package oleobj

import "strings"

// Dangerous tells of classes of objects and controls that show or run what comes from elsewhere, by their identifier in capitals or not, in braces
// or not.
func Dangerous(class string) bool {
	switch strings.Trim(strings.ToUpper(class), "{} ") {
	case "8856F961-340A-11D0-A96B-00C04FD705A2", "EAB22AC3-30C1-11CF-A7EB-0000C05BAE0B", // Web browser.
		"D27CDB6E-AE6D-11CF-96B8-444553540000", "D27CDB70-AE6D-11CF-96B8-444553540000", // Flash.
		"25336920-03F9-11CF-8FD0-00AA00686F13", "06290BD2-48AA-11D2-8432-006008C3FBFC", "AE24FDAE-03C6-11D1-8B76-0080C744F389": // HTML and scripts.
		return true
	}
	return false
}
