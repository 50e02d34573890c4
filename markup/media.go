// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// A window of a mail program is taken to be that large, in pixels. Its screen has one pixel for a pixel of styles, and light colours.
const (
	screenWidth  = 1000
	screenHeight = 700
)

// answer is whether a condition holds.
type answer uint8

const (
	no answer = iota
	perhaps
	yes
)

// onScreen tells if a list of media queries holds for such a screen. Of features it knows the usual ones.
func onScreen(list []byte) answer {
	if len(trim(list)) == 0 {
		return yes
	}
	best := no
	for one := range bytes.SplitSeq(list, []byte(",")) {
		best = max(best, mediaHolds(one))
	}
	return best
}

func mediaHolds(query []byte) answer {
	media, features, _ := bytes.Cut(query, []byte("("))
	for word := range bytes.FieldsSeq(media) {
		switch string(word) {
		case "all", "screen", "only", "and":
		case "not":
			return perhaps
		default:
			return no
		}
	}
	if len(features) == 0 {
		return yes
	}
	holds := yes
	for one := range bytes.SplitSeq(features, []byte("(")) {
		name, value, _ := bytes.Cut(one, []byte(":"))
		n := number(trim(value))
		switch string(trim(name)) {
		case "min-width", "min-device-width":
			if n > screenWidth {
				return no
			}
		case "max-width", "max-device-width":
			if n < screenWidth {
				return no
			}
		case "min-height", "min-device-height":
			if n > screenHeight {
				return no
			}
		case "max-height", "max-device-height":
			if n < screenHeight {
				return no
			}
		case "-webkit-min-device-pixel-ratio", "min--moz-device-pixel-ratio", "min-resolution":
			if n > 1 {
				return no
			}
		case "orientation":
			if !starts(trim(value), "landscape") {
				return no
			}
		case "prefers-color-scheme":
			if starts(trim(value), "dark") {
				return no
			}
		default:
			holds = perhaps
		}
	}
	return holds
}
