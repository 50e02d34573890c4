// SPDX-License-Identifier: Apache-2.0

package salearn

import "strings"

// Limits of one line, against text that is made to cost.
const (
	maxLabels   = 32 // Labels of a host name, each of which gives a token.
	longToken   = 15 // Octets of a token that is kept whole.
	keptOfLong  = 7  // Characters that are kept of a longer one.
	shortToken  = 3  // Octets that a token has at least.
	maxOneToken = 1 << 10
)

// region is where a line is from.
type region int

const (
	inHeader region = iota
	inBody
	inURL
)

// line takes a line apart into the texts of tokens.
func (t *Tokenizer) line(s, prefix string, where region, add func(string)) {
	b := plainOctets(s)
	if strings.Contains(b, "...") {
		b = splitRuns(b, '.', 3)
	}
	if strings.Contains(b, "--") {
		b = splitRuns(b, '-', 2)
	}
	if where != inHeader {
		b = lowerTitles(b)
	}
	for _, w := range strings.FieldsFunc(b, func(r rune) bool { return r == ' ' }) {
		w = strings.TrimRight(strings.TrimLeft(w, `-'".,`), `-'".,`)
		if len(w) >= shortToken && len(w) <= maxOneToken && !t.stops[lowerASCII(w)] {
			word(w, prefix, where, add)
		}
	}
}

// plainOctets puts a blank for each octet that no token has. Letters beyond US-ASCII stay, as whole characters of UTF-8 or alone.
func plainOctets(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		n := sequence(s[i:])
		if n == 1 && !plainOctet(s[i]) {
			out = append(out, ' ')
		} else {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return string(out)
}

func plainOctet(c byte) bool {
	return isWord(c) || c >= 0xa1 || strings.IndexByte(`,@*!'"$. -`, c) >= 0
}

// isWord tells of letters, digits and the underscore, of US-ASCII only.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// sequence is the number of octets of the character that s begins with, as its first octet tells and the others agree; else 1.
func sequence(s string) int {
	n := 1
	switch c := s[0]; {
	case c >= 0xc0 && c <= 0xdf:
		n = 2
	case c >= 0xe0 && c <= 0xef:
		n = 3
	case c >= 0xf0 && c <= 0xf4:
		n = 4
	}
	if n > len(s) {
		return 1
	}
	for i := 1; i < n; i++ {
		if !continues(s[i]) {
			return 1
		}
	}
	return n
}

func continues(c byte) bool { return c >= 0x80 && c <= 0xbf }

// splitRuns puts blanks around a run of least to 6 of c that stands between two word characters. A word character belongs to one run only.
func splitRuns(s string, c byte, least int) string {
	var out strings.Builder
	free := 0 // From here on nothing was taken yet.
	for i := 0; i < len(s); {
		n := i
		for n < len(s) && s[n] == c {
			n++
		}
		if run := n - i; run >= least && run <= 6 && i > free && n < len(s) && isWord(s[i-1]) && isWord(s[n]) {
			out.WriteString(s[free:i] + " " + s[i:n] + " " + s[n:n+1])
			free = n + 1
		}
		i = max(n, i+1)
	}
	out.WriteString(s[free:])
	return out.String()
}

// lowerTitles brings the first letter of a sentence to lower case, if no other capital follows in it before a blank: a word at the beginning is the
// same word as elsewhere.
func lowerTitles(s string) string {
	var out strings.Builder
	free := 0
	for i := 0; i < len(s); {
		p := i
		if s[p] == '.' {
			p++
			for p < len(s) && s[p] == ' ' {
				p++
			}
		}
		begins := i == 0 && s[0] != '.' || p > i+1 // At the beginning, or behind a full stop and blanks.
		if !begins || p >= len(s) || s[p] < 'A' || s[p] > 'Z' {
			i = nextStop(s, i+1)
			continue
		}
		end, behind := titleEnd(s, p)
		if end < 0 {
			i = nextStop(s, i+1)
			continue
		}
		out.WriteString(s[free:i] + " " + strings.ToLower(s[p:p+1]) + s[p+1:end] + " ")
		free = behind
		i = nextStop(s, behind)
	}
	out.WriteString(s[free:])
	return out.String()
}

// nextStop is the next full stop at i or behind it, or the end.
func nextStop(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	if j := strings.IndexByte(s[i:], '.'); j >= 0 {
		return i + j
	}
	return len(s)
}

// titleEnd is where the title that begins at p ends, and where what is behind it begins: at the last blank before the next capital, or at the end of
// s. end is -1 if there is no such blank.
func titleEnd(s string, p int) (end, behind int) {
	q := p + 1
	for q < len(s) && (s[q] < 'A' || s[q] > 'Z') {
		q++
	}
	if q == len(s) {
		if q == p+1 {
			return -1, 0
		}
		return q, q
	}
	if j := strings.LastIndexByte(s[p+1:q], ' '); j > 0 {
		return p + 1 + j, p + 2 + j
	}
	return -1, 0
}

// word gives the tokens of one word.
func word(w, prefix string, where region, add func(string)) {
	if where != inHeader {
		if at := strings.IndexByte(w[1:], '@'); at >= 0 && at+2 < len(w) {
			address(w, add)
		} else if hasDotLetter(w) {
			add("UD:" + w)
			suffixes(w, "UD:", add)
		}
	}
	if len(w) > longToken && strings.IndexByte(w, '*') < 0 {
		if wide(w, prefix, add) {
			return
		}
		if where != inURL {
			w = shortened(w)
		}
	}
	if where != inHeader {
		decompose(w, prefix, add)
	}
	add(prefix + w)
}

// address gives the tokens of a mail address: U*local-part, D*domain, and D* for each domain above it.
func address(a string, add func(string)) {
	at := strings.LastIndexByte(a[:len(a)-1], '@')
	if at < 1 {
		return
	}
	add("U*" + a[:at])
	add("D*" + a[at+1:])
	suffixes(a[at+1:], "D*", add)
}

// suffixes gives what is left of a name without its first label, its first two and so on.
func suffixes(name, prefix string, add func(string)) {
	for range maxLabels {
		dot := strings.IndexByte(name, '.')
		if dot < 1 || dot+1 == len(name) {
			return
		}
		name = name[dot+1:]
		add(prefix + name)
	}
}

// hasDotLetter tells if there is a dot with something before it and a letter behind it.
func hasDotLetter(w string) bool {
	for i := 1; i+1 < len(w); i++ {
		if c := w[i+1] | 0x20; w[i] == '.' && c >= 'a' && c <= 'z' {
			return true
		}
	}
	return false
}

// wide gives each character of three or four octets for itself, if there are any: in scripts that have such, long words are sentences.
func wide(w, prefix string, add func(string)) bool {
	found := false
	for i := 0; i < len(w); {
		n := sequence(w[i:])
		if n > 2 {
			found = true
			add(prefix + "u8:" + w[i:i+n])
		}
		i += n
	}
	return found
}

// shortened is the beginning of a long word.
func shortened(w string) string {
	i := 0
	for range keptOfLong {
		i += sequence(w[i:])
		if i+2 > len(w) {
			return w
		}
	}
	return "sk:" + w[:i]
}

// decompose gives a word without what is no letter, and in lower case, as far as that is another word.
func decompose(w, prefix string, add func(string)) {
	bare := strings.Map(func(r rune) rune {
		if r < 0x80 && (isWord(byte(r)) || r == ':' || r == '*') {
			return r
		}
		return -1
	}, w)
	if bare != w {
		add(prefix + bare)
	}
	lower := lowerASCII(w)
	if lower == w {
		return
	}
	add(prefix + lower)
	if bare != w {
		add(prefix + lowerASCII(bare))
	}
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// stopWords are words that SpamAssassin leaves out by default, whole ones, in upper or lower case.
func stopWords() map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(`able all already and any are because both can come each email even few first for from give has have http
		info information into it's just know like long look made mail mailing mailto make many more most much need not now number off only out own
		people place right same see such that this the through time using web where why with without work world year years you you're your`) {
		words[w] = true
	}
	return words
}
