// SPDX-License-Identifier: Apache-2.0

package field

import "strings"

// Remote tells if an address leads to another machine, or to a handler of a scheme that may go there. Paths on the reader's own disk and
// relative ones do not.
func Remote(address string) bool {
	a := plain(address)
	if rest, ok := strings.CutPrefix(a, "file:"); ok {
		if share := strings.TrimLeft(rest, "/"); len(rest)-len(share) != 2 && len(rest)-len(share) < 4 {
			return false // file:/path, file:///C:/path
		}
		a = "//" + strings.TrimLeft(rest, "/")
	}
	if host, ok := strings.CutPrefix(a, "//"); ok {
		host = strings.TrimLeft(host, "/")
		return host != "" && host[0] != '?' && host[0] != '.' && !isDrive(host) && !strings.HasPrefix(host, "localhost/")
	}
	scheme, rest, ok := strings.Cut(a, ":")
	return ok && len(scheme) > 1 && rest != "" && isScheme(scheme) && !isHarmless(scheme)
}

// Share tells if a remote address is that of a share, to which Windows logs on as it is opened.
func Share(address string) bool {
	a := plain(address)
	return Remote(address) && (strings.HasPrefix(a, "//") || strings.HasPrefix(a, "file:"))
}

// plain is an address with slashes for all that stands for one, in lower case.
func plain(address string) string {
	a := strings.ToLower(strings.TrimSpace(address))
	a = strings.NewReplacer("%5c", "/", "%2f", "/", `\`, "/").Replace(a)
	for _, device := range []string{"//?/unc/", "//./unc/"} {
		if share, ok := strings.CutPrefix(a, device); ok {
			return "//" + share
		}
	}
	return a
}

// isDrive tells if a path begins with a drive letter.
func isDrive(s string) bool { return len(s) > 1 && (s[1] == ':' || s[1] == '|') }

func isScheme(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return s[0] >= 'a' && s[0] <= 'z'
}

// isHarmless tells of schemes that fetch nothing.
func isHarmless(scheme string) bool {
	switch scheme {
	case "mailto", "tel", "urn", "cid", "mid", "about":
		return true
	}
	return false
}
