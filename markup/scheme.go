// SPDX-License-Identifier: Apache-2.0

package markup

import "strings"

// address is what a URL leads to, as far as its first octets tell.
type address uint8

const (
	nowhere address = iota // Relative, a fragment, or nothing.
	fetched                // From the network, when it is shown or followed: http, https, ftp, //host.
	quiet                  // Neither: mailto, tel, cid and others that are asked before they act.
	runs                   // javascript: and its like.
	opens                  // Opens a file, a share or a program: file:, ms-*.
	data                   // The content is in the URL.
)

// maxScheme bounds the octets of a scheme that is known.
const maxScheme = 24

// urlStart gives the first octets of a URL in lower case, as browsers and older programs take them: without character references, leading
// white space, and control octets anywhere. It reads no further than it has to, so that it costs nothing on ordinary URLs.
type urlStart struct {
	buf  [maxName]byte
	n    int
	char [8]byte
}

// read takes raw, an attribute's value with its character references, or CSS without.
func (u *urlStart) read(raw []byte, references bool) []byte {
	u.n = 0
	for i := 0; i < len(raw) && u.n < len(u.buf); {
		c := raw[i]
		if c != '&' || !references {
			u.add(c)
			i++
			continue
		}
		b, n := reference(u.char[:0], raw[i:], true)
		i += n
		if string(b) == "\uFFFD" {
			continue // Stands for NUL, which older browsers skip.
		}
		for _, c := range b {
			u.add(c)
		}
	}
	return u.buf[:u.n]
}

func (u *urlStart) add(c byte) {
	if c <= ' ' && (c != ' ' || u.n == 0) || c == 0x7f || u.n == len(u.buf) {
		return
	}
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	u.buf[u.n] = c
	u.n++
}

// classify tells what a URL leads to by its first octets, and its scheme.
func classify(start []byte) (address, string) {
	if len(start) >= 2 && isSlash(start[0]) && isSlash(start[1]) {
		if start[0] == '/' && start[1] == '/' {
			return fetched, ""
		}
		return opens, `\\` // A path of a file server, for those that are no browsers.
	}
	n := 0
	for n < len(start) && n <= maxScheme && isSchemeOctet(start[n]) {
		n++
	}
	if n == 0 || n == len(start) || start[n] != ':' {
		return nowhere, ""
	}
	return ofScheme(string(start[:n]))
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

func isSchemeOctet(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'
}

// ofScheme knows schemes. One that it does not know is quiet: a program that takes it was installed to do so, and asks first.
func ofScheme(s string) (address, string) {
	switch s {
	case "http", "https", "ftp", "ftps", "ws", "wss", "gopher":
		return fetched, s
	case "javascript", "vbscript", "jscript", "livescript", "mocha":
		return runs, s
	case "data":
		return data, s
	case "file", "smb", "cifs", "nfs", "afp", "dav", "davs", "webdav", "webdavs", "search", "search-ms", "shell", "mhtml", "mk", "its", "res",
		"hcp", "ldap", "ldaps", "telnet", "rlogin", "tn3270", "filesystem", "view-source", "jar", "feed", "wyciwyg", "microsoft-edge",
		"onenote-cmd", "intent", "knownfolder", "applescript":
		return opens, s
	}
	if strings.HasPrefix(s, "ms-") {
		return opens, s
	}
	return quiet, s
}

// mediaOf is the media type of a data URL whose first octets these are, in lower case; RFC 2397 section 3.
func mediaOf(start []byte) string {
	rest := string(start[len("data:"):])
	if i := strings.IndexAny(rest, ",;"); i >= 0 {
		rest = rest[:i]
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		return "text/plain"
	}
	return rest
}

// shownMedia tells if content of the media type is at most shown, heard or laid out: no program, no page, no file to be opened.
func shownMedia(media string) bool {
	switch {
	case strings.HasPrefix(media, "image/svg"):
		return false
	case strings.HasPrefix(media, "image/"), strings.HasPrefix(media, "font/"), strings.HasPrefix(media, "audio/"), strings.HasPrefix(media, "video/"),
		strings.HasPrefix(media, "application/font"), strings.HasPrefix(media, "application/x-font"), strings.HasPrefix(media, "application/vnd.ms-font"), media == "text/plain":
		return true
	}
	return false
}
