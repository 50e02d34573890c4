// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// farBelow tells if a style moves what follows by many screens: text is put there for filters, and no reader scrolls as far.
func farBelow(src string) bool {
	for rest := src; ; {
		i := strings.IndexByte(rest, ':')
		if i < 0 {
			return false
		}
		if tall(rest[i+1:]) && vertical(rest[:i]) {
			return true
		}
		rest = rest[i+1:]
	}
}

// tall tells if a style's value begins with 10,000 pixels or 1,000 % of the height of the window, or more.
func tall(v string) bool {
	v = strings.TrimLeft(cut(v, 20), " \t")
	n := 0
	for n < len(v) && isDigit(v[n]) {
		n++
	}
	digits := len(strings.TrimLeft(v[:n], "0"))
	unit := strings.ToLower(cut(v[n:], 2))
	return unit == "px" && digits >= 5 || unit == "vh" && digits >= 4 || unit == "em" && digits >= 4 || unit == "pt" && digits >= 5
}

// vertical tells if text ends in the name of a property that moves down what follows.
func vertical(before string) bool {
	before = strings.ToLower(strings.TrimRight(before[max(0, len(before)-20):], " \t"))
	for _, p := range [...]string{"margin-top", "margin-bottom", "padding-top", "padding-bottom", "padding", "margin", "line-height", "min-height", "height"} {
		if strings.HasSuffix(before, p) && !strings.HasSuffix(before, "max-height") {
			return true
		}
	}
	return false
}

// textBehind tells if there is text behind the end of a page, where browsers show it and simple filters stop.
func textBehind(src string) bool {
	const (
		ending = 8 << 10 // Octets in which a page ends.
		enough = 10      // Octets.
	)
	behind := behindPage(src[max(0, len(src)-ending):])
	return len(behind) >= enough && behind[0] != '<' && behind[0] != '-'
}

// behindPage is what stands behind the first end of a page; "" if there is none.
func behindPage(src string) string {
	for {
		_, rest, ok := strings.Cut(src, "</")
		if !ok {
			return ""
		}
		if strings.EqualFold(cut(rest, len("html")), "html") {
			_, behind, _ := strings.Cut(rest, ">")
			return strings.TrimSpace(behind)
		}
		src = rest
	}
}
