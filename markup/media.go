// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// screenWidth is how wide, in pixels, the window of a mail program is taken to be.
const screenWidth = 1000

// onScreen tells if a list of media queries holds for such a screen. Of features it knows the width.
func onScreen(list []byte) bool {
	if len(trim(list)) == 0 {
		return true
	}
	for one := range bytes.SplitSeq(list, []byte(",")) {
		if mediaHolds(one) {
			return true
		}
	}
	return false
}

func mediaHolds(query []byte) bool {
	media, features, _ := bytes.Cut(query, []byte("("))
	for word := range bytes.FieldsSeq(media) {
		switch string(word) {
		case "all", "screen", "only", "and":
		default:
			return false
		}
	}
	if len(features) == 0 {
		return true
	}
	for one := range bytes.SplitSeq(features, []byte("(")) {
		name, value, _ := bytes.Cut(one, []byte(":"))
		n := number(trim(value))
		switch string(trim(name)) {
		case "min-width", "min-device-width":
			if n > screenWidth {
				return false
			}
		case "max-width", "max-device-width":
			if n < screenWidth {
				return false
			}
		default:
			return false
		}
	}
	return true
}
