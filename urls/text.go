// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
	"unicode/utf8"
)

// Found is an address in text.
type Found struct {
	Start, End int // Octets of the text.
	URL        URL
}

// Limits of Text.
const (
	maxBracketed = 2048 // Octets of an address in angle brackets that goes over lines.
	maxToken     = 8192 // Octets of a word that are looked at.
	maxMarks     = 4    // Full stops of one address that are spelt out.
)

// Text finds the addresses in text that a mail client would make links of, and those that a reader is meant to mend: hxxp, [.], "dot". It gives
// at most most of them, in order. It takes time in proportion to the text.
func Text(s string, most int) []Found {
	t := finder{s: s, most: most}
	last, lastEnd := 0, 0 // The word before.
	for at := 0; at < len(s) && len(t.found) < most; {
		i := at
		for i < len(s) && isBreak(s[i]) {
			i++
		}
		if i > at && s[i-1] == '<' {
			if end := t.bracketed(i); end > 0 {
				at = end
				continue
			}
		}
		end := i
		for end < len(s) && !isBreak(s[end]) {
			end++
		}
		if isMark(s[i:end]) && lastEnd > last {
			if stop := t.spaced(last, i, end); stop > 0 {
				at, last, lastEnd = stop, stop, stop
				continue
			}
		}
		last, lastEnd = i, end
		at = t.token(i, end)
	}
	return t.found
}

// isBreak tells if an address in text ends before c.
func isBreak(c byte) bool {
	return c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f || c == '`'
}

type finder struct {
	s     string
	most  int
	found []Found
}

func (t *finder) add(start, end int, text string, odd Odd) bool {
	u, ok := Parse(text)
	if !ok || u.Host == "" && !isOpaque(u.Scheme) {
		return false
	}
	u.Odd |= odd
	t.found = append(t.found, Found{start, end, u})
	return true
}

// isOpaque tells if addresses of the scheme name no host and are links all the same.
func isOpaque(scheme string) bool {
	switch scheme {
	case "mailto", "tel", "sms", "data", "javascript", "vbscript", "search-ms", "bitcoin", "ethereum":
		return true
	}
	return strings.HasPrefix(scheme, "ms-")
}

// bracketed reads an address behind "<" that goes over a line end: RFC 3986 appendix C has blanks in brackets taken out. It gives the index behind it,
// or 0.
func (t *finder) bracketed(i int) int {
	rest := t.s[i:min(len(t.s), i+maxBracketed)]
	n := schemeLen(rest)
	if n == 0 || !strings.HasPrefix(rest[n:], "://") {
		return 0
	}
	end := strings.IndexAny(rest, "<>\"")
	if end < 0 || rest[end] != '>' || strings.IndexByte(rest[:end], '\n') < 0 {
		return 0
	}
	text := strings.Join(strings.Fields(rest[:end]), "")
	if !t.add(i, i+end, text, 0) {
		return 0
	}
	return i + end
}

// token looks at the word from start to end, and gives the index to go on at.
func (t *finder) token(start, end int) int {
	if end-start < 3 {
		return end
	}
	word := t.s[start:min(end, start+maxToken)]
	if !hasStop(word) {
		return end
	}
	if from, n := findScheme(word); n > 0 {
		return t.withScheme(start+from, n, end)
	}
	if strings.HasPrefix(word, `\\`) {
		t.add(start, end, trimEnd(word), 0)
		return end
	}
	if i := findWWW(word); i >= 0 {
		text := trimEnd(word[i:])
		if t.bare(start+i, text) {
			return end
		}
	}
	lead := strings.IndexFunc(word, func(r rune) bool { return !strings.ContainsRune("([{'*_-,;:|=«“‘„", r) })
	if lead < 0 {
		return end
	}
	text := trimEnd(word[lead:])
	if strings.ContainsAny(text, "[({") || strings.Contains(text, "hxx") {
		t.defanged(start+lead, text)
		return end
	}
	t.bare(start+lead, text)
	return end
}

// hasStop tells if a word has what every address has: a colon, or a full stop of any kind (RFC 3490 section 3.1).
func hasStop(word string) bool {
	for i := range len(word) {
		switch c := word[i]; {
		case c == '.' || c == ':':
			return true
		case c >= utf8.RuneSelf:
			return strings.ContainsAny(word[i:], ".:。．")
		}
	}
	return false
}

// withScheme reads an address whose scheme, n octets long, begins at start.
func (t *finder) withScheme(start, n, end int) int {
	text := t.s[start:min(end, start+maxURL)]
	if after := strings.TrimLeft(text[n+1:], `/\`); after == "" && end < len(t.s) {
		// http:// and the host on the next line.
		next := end
		for next < len(t.s) && next < end+4 && t.s[next] <= ' ' {
			next++
		}
		stop := next
		for stop < len(t.s) && stop-next < maxToken && !isBreak(t.s[stop]) {
			stop++
		}
		host := trimEnd(t.s[next:stop])
		if looksBare(host) && t.add(start, next+len(host), text+host, Controls) {
			return stop
		}
		return end
	}
	text = trimEnd(text)
	if mended, ok := refang(text); ok {
		t.add(start, start+len(text), mended, Defanged)
		return end
	}
	t.add(start, start+len(text), text, 0)
	return end
}

// bare adds an address without scheme, if it looks like one.
func (t *finder) bare(start int, text string) bool {
	if mended, ok := refang(text); ok {
		return looksBare(mended) && t.add(start, start+len(text), "http://"+mended, Bare|Defanged)
	}
	return looksBare(text) && t.add(start, start+len(text), "http://"+text, Bare)
}

func (t *finder) defanged(start int, text string) {
	if mended, ok := refang(text); ok {
		switch {
		case schemeLen(mended) > 0 && strings.Contains(mended, "://"):
			t.add(start, start+len(text), mended, Defanged)
		case looksBare(mended):
			t.add(start, start+len(text), "http://"+mended, Bare|Defanged)
		}
		return
	}
	if i := strings.IndexAny(text, "[({"); i > 0 {
		t.bare(start, trimEnd(text[:i]))
	}
}

// isMark tells if a word may stand for a full stop.
func isMark(word string) bool {
	return len(word) == 3 && (word[0] == '[' || word[0] == '(' || word[0] == '{' || strings.EqualFold(word, "dot")) ||
		len(word) > 3 && len(word) < 8 && (word[0] == '[' || word[0] == '(' || word[0] == '{')
}

// spaced reads words with a full stop spelt out between them: "example [.] com", "example dot com". The first word begins at first, the mark goes
// from at to end. It gives the index behind the address, or 0.
func (t *finder) spaced(first, at, end int) int {
	text, stop, spelt := strings.TrimSpace(t.s[first:at]), 0, false
	for range maxMarks {
		mark := t.s[at:end]
		if !isMark(mark) {
			break
		}
		if with, n := mend(mark); n == 0 {
			spelt = true
		} else if n != len(mark) || with != "." {
			break
		}
		from, to := t.next(end)
		text, stop = text+"."+t.s[from:to], to
		if at, end = t.next(to); at == end {
			break
		}
	}
	if stop == 0 {
		return 0
	}
	text = trimEnd(text)
	// "The dot com boom" is no address.
	if !looksBare(text) || spelt && !strings.HasPrefix(text, "www.") && !strings.Contains(text, "/") {
		return 0
	}
	if !t.add(first, stop, "http://"+text, Bare|Defanged) {
		return 0
	}
	return stop
}

// next finds the next word on the same line, from at on; it is empty if there is none.
func (t *finder) next(at int) (from, to int) {
	for at < len(t.s) && (t.s[at] == ' ' || t.s[at] == '\t') {
		at++
	}
	from = at
	for at < len(t.s) && at-from < maxToken && !isBreak(t.s[at]) {
		at++
	}
	return from, at
}
