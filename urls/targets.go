// SPDX-License-Identifier: Apache-2.0

package urls

import "strings"

// wholeQuery: the query is the target.
func wholeQuery(u *URL) []string { return []string{u.Query} }

// inPath: the target follows some segments of the path, plain or encoded.
func inPath(u *URL) []string {
	i := strings.Index(lower(u.Path), "/http")
	if i < 0 {
		return nil
	}
	text := u.Path[i+1:]
	if strings.IndexByte(text, '%') < 0 {
		if u.Query != "" {
			text += "?" + u.Query
		}
		return []string{text}
	}
	// Amazon SES puts a number and a signature behind an encoded target.
	text, _, _ = strings.Cut(text, "/")
	return []string{text}
}

// hostIn: a parameter tells the host only.
func hostIn(name string) func(u *URL) []string {
	return func(u *URL) []string {
		if v, ok := param(u.Query, name); ok && isName(v) {
			return []string{"http://" + v + "/"}
		}
		return nil
	}
}

// isName tells if s may be a host name with a domain.
func isName(s string) bool {
	h, ok := Host(s)
	return ok && strings.IndexByte(h, '.') > 0
}

// bing: u=a1 and Base64 of the target.
func bing(u *URL) []string {
	v, _ := param(u.Query, "u")
	if len(v) < 3 {
		return nil
	}
	text, ok := decode64(v[2:])
	if !ok {
		return nil
	}
	return []string{text}
}

// yahoo: a segment RU=target of the path.
func yahoo(u *URL) []string {
	_, rest, ok := strings.Cut(u.Path, "/RU=")
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "/")
	return []string{unescape(rest)}
}

// sophos: d is the host, u is Base64 of the target.
func sophos(u *URL) []string {
	var all []string
	if v, ok := param(u.Query, "u"); ok {
		if text, ok := decode64(v); ok {
			all = append(all, text)
		}
	}
	return append(all, hostIn("d")(u)...)
}

// urldefense2: in the parameter u, - stands for % and _ for /.
func urldefense2(u *URL) []string {
	v, ok := param(u.Query, "u")
	if !ok {
		return nil
	}
	return []string{unescape(strings.NewReplacer("-", "%", "_", "/").Replace(v))}
}

// urldefense3: the target stands between two underscores and two underscores with a semicolon. In it * stands for a character that is told in
// Base64 behind it, ** and a letter for several; the host has none of them unless it is not US-ASCII.
func urldefense3(u *URL) []string {
	text := u.Path
	if u.Query != "" {
		text += "?" + u.Query
	}
	_, text, ok := strings.Cut(text, "/__")
	end := strings.LastIndex(text, "__;")
	if !ok || end < 0 {
		return nil
	}
	text, coded := text[:end], text[end+3:]
	coded, _, _ = strings.Cut(coded, "!")
	chars, ok := decode64(coded)
	if !ok {
		return []string{text}
	}
	return []string{fillIn(text, chars)}
}

// fillIn puts the characters in the place of the asterisks of text.
func fillIn(text, chars string) string {
	// ** and a letter: two characters for A, three for B, and so on (the order of Base64's alphabet).
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	take := func(n int) {
		n = min(n, len(chars))
		b.WriteString(chars[:n])
		chars = chars[n:]
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '*':
			b.WriteByte(text[i])
		case i+2 < len(text) && text[i+1] == '*' && strings.IndexByte(alphabet, text[i+2]) >= 0:
			take(strings.IndexByte(alphabet, text[i+2]) + 2)
			i += 2
		default:
			take(1)
		}
	}
	return b.String()
}

// betweenUnderscores: the target stands between three underscores on either side.
func betweenUnderscores(u *URL) []string {
	text := u.Path
	if u.Query != "" {
		text += "?" + u.Query
	}
	_, text, ok := strings.Cut(text, "___")
	if !ok {
		return nil
	}
	text, _, _ = strings.Cut(text, "___")
	return []string{text}
}

// ampPath: [s/]host/path of a page in Google's AMP cache.
func ampPath(path string) []string {
	scheme := "http://"
	if p, ok := strings.CutPrefix(path, "s/"); ok {
		scheme, path = "https://", p
	}
	path = unescape(path)
	if strings.HasPrefix(path, "http") {
		return []string{path}
	}
	return []string{scheme + path}
}

// ampCDN: the same behind a letter that tells the kind of content.
func ampCDN(u *URL) []string {
	if len(u.Path) < 3 {
		return nil
	}
	_, rest, ok := strings.Cut(u.Path[1:], "/")
	if !ok {
		return nil
	}
	return ampPath(rest)
}

// translated: the first label is the host, with - for full stops and -- for hyphens.
func translated(u *URL) []string {
	label, _, _ := strings.Cut(u.Host, ".")
	const mark = "\x00"
	name := strings.ReplaceAll(label, "--", mark)
	name = strings.ReplaceAll(strings.ReplaceAll(name, "-", "."), mark, "-")
	return []string{"https://" + name + u.Path}
}

// mandrill: /track/click/account/host, and Base64 of JSON with the target.
func mandrill(u *URL) []string {
	var all []string
	if v, ok := param(u.Query, "p"); ok {
		if text, ok := fromBase64(v); ok {
			all = append(all, text)
		}
	}
	_, host, ok := strings.Cut(strings.TrimPrefix(u.Path, "/track/click/"), "/")
	if ok && isName(host) {
		all = append(all, "http://"+host)
	}
	return all
}

// postmark: the target without its scheme, encoded, is the second segment.
func postmark(u *URL) []string {
	_, rest, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "/")
	name := unescape(rest)
	host, _, _ := strings.Cut(name, "/")
	if !isName(host) {
		return nil
	}
	return []string{"http://" + name}
}
