// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
)

// Parse reads an absolute address, as it stands in an attribute of HTML once character references are resolved. ok is false for
// what is none: relative references, fragments, empty text. //host and \\host\share are taken for absolute.
func Parse(s string) (u URL, ok bool) {
	if len(s) > maxURL {
		s = s[:maxURL]
	}
	u.Raw = s
	s = trimC0(s)
	s, controls := dropControls(s)
	switch {
	case len(s) > 1 && isSlash(s[0]) && isSlash(s[1]):
		return u.network(s)
	default:
		n := schemeLen(s)
		if n == 0 {
			return URL{}, false
		}
		u.Scheme = strings.ToLower(s[:n])
		s = s[n+1:]
	}
	if controls && authorityHadControls(u.Raw) {
		u.Odd |= Controls
	}
	switch u.Scheme {
	case "http", "https", "ftp", "ws", "wss":
		u.special(s)
	case "file":
		u.file(s)
	default:
		u.other(s)
	}
	return u, true
}

// Resolve is what a relative reference leads to from u, as far as the host is concerned (RFC 3986 section 5.2; dots in the path stay). Behind the scheme
// of u alone it is relative, too (WHATWG URL Standard, section 4.4, "special relative or authority state"). It is "" for an absolute one, and for a
// fragment or nothing, which lead nowhere.
func (u *URL) Resolve(ref string) string {
	ref, _ = dropControls(trimC0(ref))
	if n := schemeLen(ref); n > 0 && strings.EqualFold(ref[:n], u.Scheme) {
		ref = ref[n+1:]
	}
	switch {
	case ref == "" || ref[0] == '#' || schemeLen(ref) > 0 || len(ref) > 1 && isSlash(ref[0]) && isSlash(ref[1]):
		return ""
	case isSlash(ref[0]):
		return u.Scheme + "://" + u.Authority() + ref
	}
	return u.Scheme + "://" + u.Authority() + "/" + strings.TrimPrefix(u.Path[:strings.LastIndexByte(u.Path, '/')+1], "/") + ref
}

// network reads what begins with two slashes: UNC if they are backslashes, else an address with the scheme of the page.
func (u *URL) network(s string) (URL, bool) {
	if s[0] == '\\' && s[1] == '\\' {
		u.Scheme, u.Odd = "file", u.Odd|UNC
		u.file(s)
		// In text two backslashes are often no host: a regular expression, a line of TeX.
		return *u, u.Host != "" && isLDHName(u.Host)
	}
	u.Scheme, u.Odd = "https", u.Odd|Relative
	u.special(s)
	return *u, u.Host != ""
}

// isLDHName tells if a host is made of what names and addresses are made of.
func isLDHName(host string) bool {
	for i := range len(host) {
		if c := host[i]; !isLDH(c) && c != '.' && c != ':' {
			return false
		}
	}
	return true
}

// special reads what follows http: and the like. A browser takes any number of slashes of either kind for two.
func (u *URL) special(s string) {
	n := 0
	for n < len(s) && isSlash(s[n]) {
		if s[n] == '\\' {
			u.Odd |= Backslash
		}
		n++
	}
	if n != 2 {
		u.Odd |= Slashes
	}
	s = s[n:]
	end := strings.IndexAny(s, `/\?#`)
	if end < 0 {
		end = len(s)
	} else if s[end] == '\\' {
		u.Odd |= Backslash
	}
	u.authority(s[:end])
	u.rest(s[end:])
}

// file reads what follows file:, and \\host\share.
func (u *URL) file(s string) {
	t := strings.ReplaceAll(s, `\`, "/")
	n := 0
	for n < len(t) && t[n] == '/' {
		n++
	}
	// file:///path and file:/path name no host; file://host/share and file:////host/share do.
	if n != 2 && n < 4 {
		u.rest(t)
		return
	}
	t = t[n:]
	end := strings.IndexAny(t, "/?#")
	if end < 0 {
		end = len(t)
	}
	host := t[:end]
	if len(host) == 2 && (host[1] == ':' || host[1] == '|') { // file://C:/path
		u.rest("/" + t)
		return
	}
	// WebDAV by a UNC path: \\host@SSL@8080\share.
	host, _, _ = strings.Cut(host, "@")
	if !strings.EqualFold(host, "localhost") {
		u.setHost(host)
	}
	u.rest(t[end:])
}

// other reads what follows a scheme that a browser does not know.
func (u *URL) other(s string) {
	a, ok := strings.CutPrefix(s, "//")
	if !ok {
		u.rest(s)
		return
	}
	end := strings.IndexAny(a, "/?#")
	if end < 0 {
		end = len(a)
	}
	u.authority(a[:end])
	u.rest(a[end:])
}

// authority reads [user@]host[:port].
func (u *URL) authority(s string) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		u.User, s = s[:i], s[i+1:]
		u.Odd |= UserInfo
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.IndexByte(s[i:], ']') < 0 && isDigits(s[i+1:]) {
		u.Port, s = strings.TrimLeft(s[i+1:], "0"), s[:i]
		if len(u.Port) > 5 {
			u.Port, s = "", "" // No port is that large: a browser gives up.
		}
	}
	if u.Scheme == "http" && u.Port == "80" || u.Scheme == "https" && u.Port == "443" || u.Scheme == "ftp" && u.Port == "21" {
		u.Port = ""
	}
	u.setHost(s)
}

// rest reads path, query and fragment.
func (u *URL) rest(s string) {
	s, u.Fragment, _ = strings.Cut(s, "#")
	u.Path, u.Query, _ = strings.Cut(s, "?")
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// schemeLen is the length of the scheme that s begins with, without the colon; 0 if there is none.
func schemeLen(s string) int {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		case i > 0 && s[i] == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

// trimC0 takes blanks and controls from both ends, as browsers do.
func trimC0(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// dropControls takes tabs and line ends out, as browsers do, wherever they stand.
func dropControls(s string) (string, bool) {
	if !strings.ContainsAny(s, "\t\r\n") {
		return s, false
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		if c := s[i]; c != '\t' && c != '\r' && c != '\n' {
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

// authorityHadControls tells if tabs or line ends stand in front of the path: further behind, they are from line wrapping.
func authorityHadControls(raw string) bool {
	raw = trimC0(raw)
	i := strings.IndexByte(raw, ':')
	for i++; i < len(raw) && (isSlash(raw[i]) || raw[i] < ' '); i++ {
		if raw[i] < ' ' {
			return true
		}
	}
	if end := strings.IndexAny(raw[min(i, len(raw)):], `/\?#`); end >= 0 {
		raw = raw[:i+end]
	}
	return strings.ContainsAny(raw, "\t\r\n")
}
