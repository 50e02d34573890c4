// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"bytes"
	"html"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// breaks are the changes that keep an address readable and make it none for any program: hxxp://example[.]org/a[.]b. It stands at the offset at.
func breaks(word string, at int64) []mail.BodyChange {
	var all []mail.BodyChange
	change := func(i, n int, with string) {
		all = append(all, mail.BodyChange{Start: at + int64(i), End: at + int64(i+n), With: with})
	}
	low := strings.ToLower(word)
	if len(low) != len(word) {
		low = word
	}
	for i := 0; i < len(word); i++ {
		if n := fullStop(word[i:]); n > 0 {
			if i+n < len(word) && (i == 0 || word[i-1] != '[') {
				change(i, n, "[.]")
			}
			i += n - 1
		} else if strings.HasPrefix(low[i:], "http:") || strings.HasPrefix(low[i:], "https:") {
			change(i+1, 2, "xx")
			i += len("http") - 1
		}
	}
	if i := strings.IndexByte(word, ':'); len(all) == 0 && i >= 0 { // data:, search-ms: and the like.
		change(i, 1, "[:]")
	}
	return all
}

// fullStop is the length of the full stop that s begins with, in any form that browsers take for one in a host name, or of a character reference to
// it; 0 if there is none.
func fullStop(s string) int {
	if s[0] == '&' {
		return stopReference(s)
	}
	if r, n := utf8.DecodeRuneInString(s); isStop(int64(r)) {
		return n
	}
	return 0
}

func isStop(r int64) bool { return r == '.' || r == '。' || r == '．' || r == '｡' }

// stopReference is the length of a character reference to a full stop. The semicolon may be missing (HTML Standard, section 13.2.5.80).
func stopReference(s string) int {
	if strings.HasPrefix(s, "&period;") {
		return len("&period;")
	}
	rest, ok := strings.CutPrefix(s[:min(len(s), maxReference)], "&#")
	if !ok {
		return 0
	}
	base, digits := 10, "0123456789"
	if rest != "" && rest[0]|0x20 == 'x' {
		rest, base, digits = rest[1:], 16, "0123456789abcdefABCDEF"
	}
	tail := strings.TrimLeft(rest, digits)
	number := rest[:len(rest)-len(tail)]
	if v, err := strconv.ParseInt(number, base, 32); err != nil || !isStop(v) {
		return 0
	}
	n := strings.Index(s, rest) + len(number)
	if strings.HasPrefix(s[n:], ";") {
		n++
	}
	return n
}

// maxReference is the number of octets of a character reference that are read: zeros may stand in front of its number.
const maxReference = 64

// pieces are what of HTML is neither a tag nor a comment.
func pieces(text []byte) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for i := 0; i < len(text); {
			end := i + tagStart(text[i:])
			if end > i && !yield(i, end) {
				return
			}
			i = end + tagLen(text[end:])
		}
	}
}

// tagStart is the index of the next tag or comment; the length of the text if there is none.
func tagStart(text []byte) int {
	for i := 0; i+1 < len(text); i++ {
		n := bytes.IndexByte(text[i:], '<')
		if n < 0 {
			break
		}
		i += n
		if i+1 < len(text) {
			if c := text[i+1]; c|0x20 >= 'a' && c|0x20 <= 'z' || c == '/' || c == '!' || c == '?' {
				return i
			}
		}
	}
	return len(text)
}

// tagLen is the length of the tag or comment that the text begins with. One that does not end goes on to the end.
func tagLen(text []byte) int {
	if rest, ok := bytes.CutPrefix(text, []byte("<!--")); ok {
		if end := bytes.Index(rest, []byte("-->")); end >= 0 {
			return end + len("<!---->")
		}
		return len(text)
	}
	var quote, last byte
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote, last = 0, c
			}
		case c == '>':
			return i + 1
		case (c == '"' || c == '\'') && last == '=':
			quote = c
		case c > ' ':
			last = c
		}
	}
	return len(text)
}

// words are the words of a run, and what they say once character references are resolved.
func words(run string) iter.Seq2[int, string] {
	return func(yield func(at int, word string) bool) {
		for i := 0; i < len(run); {
			n := strings.IndexAny(run[i:], " \t\r\n\f<>\"`")
			if n < 0 {
				n = len(run) - i
			}
			if n > 3 && !yield(i, run[i:i+n]) {
				return
			}
			i += n + 1
		}
	}
}

// resolved is a word of HTML as it is seen.
func resolved(word string) string {
	if strings.IndexByte(word, '&') >= 0 {
		word = html.UnescapeString(word)
	}
	return seen(word)
}

// breakWords breaks the words of a run that programs make links of.
func breakWords(run string, at int64) (all []mail.BodyChange) {
	for i, w := range words(run) {
		text := resolved(w)
		if strings.Contains(text, "://") || strings.Contains(text, "@") || len(urls.Text(text, 1)) > 0 {
			all = append(all, breaks(w, at+int64(i))...)
		}
	}
	return all
}

// index tells where the addresses of the text of HTML stand. Those in what is done already are in it without a place.
func index(text []byte, done []span) map[string][]span {
	all := map[string][]span{}
	for from, to := range pieces(text) {
		for len(done) > 0 && done[0].to <= int64(from) {
			done = done[1:]
		}
		fixed := len(done) > 0 && int64(from) >= done[0].from
		run := string(text[from:to])
		for i, w := range words(run) {
			found := urls.Text(resolved(w), 1)
			if len(found) == 0 {
				continue
			}
			raw, at := found[0].URL.Raw, int64(from+i)
			if fixed {
				all[raw] = append(all[raw], nil...)
				continue
			}
			all[raw] = append(all[raw], span{at, at + int64(len(w))})
		}
	}
	return all
}
