// SPDX-License-Identifier: Apache-2.0

package filetype

import "bytes"

// settings tells texts of sections and settings that act when they are opened.
func settings(t []byte) kind {
	switch t[0] {
	case '[', ';', '#', '\r', '\n':
		if k := section(t); k != unknown {
			return k
		}
	}
	if remoteDesktop(t) {
		return rdp
	}
	return unknown
}

// section goes by the name of a section: Windows and the desktops of freedesktop.org look for it anywhere.
func section(t []byte) kind {
	for _, m := range []struct {
		mark string
		also string // One of the settings in it.
		kind kind
	}{
		{"[internetshortcut", "url", urlFile},
		{"[{000214a0-0000-0000-c000-000000000046}", "", urlFile},
		{"[desktop entry]", "", desktop},
		{"[shell]", "command", scf},
		{"[autorun", "", autorun},
		{"[theme]", "", theme},
		{"[version]", "signature", inf},
		{"[defaultinstall", "", inf},
	} {
		if at := lineStart(t, m.mark); at >= 0 && bytes.Contains(t[at:], []byte(m.also)) {
			return m.kind
		}
	}
	return unknown
}

// remoteDesktop: lines of "name:type:value" with at least two of the usual names.
func remoteDesktop(t []byte) bool {
	if !bytes.Contains(t, []byte(":i:")) && !bytes.Contains(t, []byte(":s:")) {
		return false
	}
	n := 0
	for _, m := range []string{
		"full address:s:", "alternate full address:s:", "screen mode id:i:", "remoteapplicationmode:i:", "remoteapplicationprogram:s:",
		"drivestoredirect:s:", "redirectclipboard:i:", "authentication level:i:", "desktopwidth:i:", "use multimon:i:", "prompt for credentials:i:",
	} {
		if lineStart(t, m) >= 0 {
			n++
		}
	}
	return n >= 2 || bytes.HasPrefix(t, []byte("full address:s:"))
}
