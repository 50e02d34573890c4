// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
)

// Limits of Unwrap.
const (
	maxHops      = 12 // Addresses, the first one included.
	maxDepth     = 6  // Of an address in an address.
	maxEncodings = 3  // How often an address in an address may be percent-encoded.
)

// Hop is an address on the way of a link.
type Hop struct {
	URL   URL
	By    string // What it was taken out of: the name of a redirector, "parameter" or "path" for a guess; "" for the link itself.
	Known bool   // The redirector is known to lead there: a guess may be a parameter that nobody follows.
	Depth int    // 0 for the link itself.
}

// Unwrap gives the addresses that stand in one another: the link itself, where the redirectors that are known lead, and what looks like an
// address in the parameters and the path. It is bounded in number and depth, and fetches nothing: what a shortener stands for stays
// unknown.
func Unwrap(u URL) []Hop {
	hops := []Hop{{URL: u, Known: true}}
	for i := 0; i < len(hops) && len(hops) < maxHops; i++ {
		if h := hops[i]; h.Depth < maxDepth {
			hops = appendHops(hops, &h)
		}
	}
	return hops
}

// Target is where the link leads as far as known redirectors tell.
func Target(hops []Hop) *URL {
	t := 0
	for i := range hops {
		if hops[i].Known && hops[i].Depth > hops[t].Depth {
			t = i
		}
	}
	return &hops[t].URL
}

// appendHops adds what is in one hop.
func appendHops(hops []Hop, from *Hop) []Hop {
	add := func(text, by string, known bool) bool {
		u, ok := inner(text)
		if !ok || len(hops) >= maxHops {
			return false
		}
		for i := range hops {
			if hops[i].URL.IsWeb() && hops[i].URL.Host == u.Host && hops[i].URL.Path == u.Path && hops[i].URL.Query == u.Query {
				return known && hops[i].Known
			}
		}
		hops = append(hops, Hop{URL: u, By: by, Known: known, Depth: from.Depth + 1})
		return true
	}
	if from.URL.isProgram() {
		add(carried(&from.URL), from.URL.Scheme+":", from.Known)
		return hops
	}
	if from.URL.Host == "" {
		return hops
	}
	if r := redirectorOf(&from.URL); r != nil {
		for _, text := range r.target(&from.URL) {
			if looksBare(text) {
				text = "http://" + text // As the service takes it.
			}
			if add(text, r.name, from.Known) {
				return hops
			}
		}
	}
	guess(&from.URL, func(text, by string) { add(text, by, false) })
	return hops
}

// isProgram tells if the scheme is that of a program, which may be given an address of the web to open.
func (u *URL) isProgram() bool {
	switch u.Scheme {
	case "http", "https", "ftp", "ws", "wss", "file", "smb", "mailto", "tel", "sms", "data", "cid", "mid", "javascript", "vbscript":
		return false
	}
	return true
}

// carried is the address that a program is given: view-source:https://..., ms-word:ofe|u|https://..., intent://host/#Intent;scheme=https;end.
func carried(u *URL) string {
	if _, after, ok := strings.Cut(u.Fragment, ";scheme=http"); ok && u.Host != "" {
		s, _, _ := strings.Cut(after, ";")
		return "http" + s + "://" + u.Authority() + u.Path
	}
	text := u.Path
	if u.Query != "" {
		text += "?" + u.Query
	}
	text = unescape(text)
	if i := strings.Index(lower(text), "http"); i >= 0 {
		return text[i:]
	}
	return ""
}

// inner reads an address that was found in another one, encoded or not.
func inner(text string) (URL, bool) {
	for range maxEncodings + 1 {
		text = strings.TrimLeft(text, " \t\r\n")
		// http%3A%2F%2F is encoded as a whole, http:%2F%2F but for the colon: a browser would take what follows for the host.
		if n := schemeLen(text); n == 0 || !strings.HasPrefix(text[n+1:], "%") {
			if u, ok := absolute(text); ok {
				return u, true
			}
		}
		if strings.IndexByte(text, '%') < 0 {
			break
		}
		text = unescape(text)
	}
	return URL{}, false
}

// absolute reads an address of the web that names its scheme, or begins with www.
func absolute(text string) (URL, bool) {
	switch n := schemeLen(text); {
	case n == 4 || n == 5:
		// A scheme whose slashes were merged is the sign of an address in a path.
		if u, ok := Parse(text); ok && u.IsWeb() && strings.IndexByte(u.Host, '.') > 0 {
			return u, true
		}
	case len(text) > 6 && strings.EqualFold(text[:4], "www.") && looksBare(text), strings.HasPrefix(text, "//") && looksBare(text[2:]):
		return Parse("http://" + strings.TrimPrefix(text, "//"))
	}
	return URL{}, false
}

// guess calls found with all that may be an address in u.
func guess(u *URL, found func(text, by string)) {
	for _, s := range [...]string{u.Query, u.Fragment} {
		if len(s) < len("http:/") {
			continue
		}
		rest := s
		for n := 0; rest != "" && n < maxParams; n++ {
			var pair string
			pair, rest = cutPair(rest)
			_, value, _ := strings.Cut(pair, "=")
			if strings.Trim(value, "=") == "" {
				value = pair // No name, or no more than the padding of Base64 behind it.
			}
			guessValue(value, "parameter", found)
		}
	}
	if u.IsWeb() {
		guessPath(u, found)
	}
}

// maxParams is the number of parameters of an address that are looked at.
const maxParams = 64

// cutPair cuts the first parameter off a query.
func cutPair(s string) (pair, rest string) {
	if i := strings.IndexAny(s, "&;"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// guessPath looks for an address in the path: behind a slash, plain or encoded.
func guessPath(u *URL, found func(text, by string)) {
	p := u.Path
	if len(p) < len("/http:/") {
		return
	}
	low := lower(p)
	for at, n := 1, 0; n < maxParams; n++ {
		i := strings.Index(low[at:], "http")
		if i < 0 {
			break
		}
		at += i
		if c := p[at-1]; !isLDH(c) || c == '_' {
			text := p[at:]
			if u.Query != "" {
				text += "?" + u.Query
			}
			found(text, "path")
		}
		at += 4
	}
	for n := 0; p != "" && n < maxParams; n++ {
		var segment string
		segment, p, _ = strings.Cut(p, "/")
		if text, ok := fromBase64(segment); ok {
			found(text, "path")
		}
	}
}

// guessValue looks at the value of a parameter: an address, encoded or not, or Base64 of one.
func guessValue(value, by string, found func(text, by string)) {
	if len(value) < 8 {
		return
	}
	switch value[0] | 0x20 {
	case 'h', 'w', '/', 'f', '%', '\\':
		found(value, by)
	}
	if text, ok := fromBase64(value); ok {
		found(text, by)
	}
}
