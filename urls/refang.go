// SPDX-License-Identifier: Apache-2.0

package urls

import "strings"

// refang undoes what keeps an address from being a link, as its reader is meant to: hxxp, [.], (dot), [:], [://]. ok tells that there was
// something to undo.
func refang(s string) (mended string, ok bool) {
	low := strings.ToLower(s[:min(len(s), 8)])
	for _, p := range [...][2]string{{"hxxps", "https"}, {"hxxp", "http"}, {"h**ps", "https"}, {"h**p", "http"}, {"fxp", "ftp"}} {
		if strings.HasPrefix(low, p[0]) && len(s) > len(p[0]) && !isLDH(s[len(p[0])]) {
			s, ok = p[1]+s[len(p[0]):], true
			break
		}
	}
	if !strings.ContainsAny(s, "[({") {
		return s, ok
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		with, n := mend(s[i:])
		if n == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteString(with)
		i, ok = i+n, true
	}
	return b.String(), ok
}

// mend gives what the bracketed mark at the beginning of s stands for, and its length; 0 if there is none.
func mend(s string) (with string, n int) {
	if s[0] != '[' && s[0] != '(' && s[0] != '{' {
		return "", 0
	}
	end := strings.IndexAny(s[:min(len(s), 8)], "])}")
	if end < 0 {
		return "", 0
	}
	switch in := strings.ToLower(s[1:end]); in {
	case ".", "dot", "punkt", "point", "punto", "punt":
		return ".", end + 1
	case ":", "://", "/", "//":
		return in, end + 1
	}
	return "", 0
}
