// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// notASCII stands for a character of another set.
const notASCII = 0xff

// shifted is what browsers read in raw as ISO-2022-JP (Encoding standard, section 12.2), with every character that is none of US-ASCII as notASCII;
// nil if nothing in raw shifts to another set. Decoders differ on where a line end, or an escape amid a character, leads.
func shifted(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\x1b$")) && !bytes.Contains(raw, []byte("\x1b(J")) && !bytes.Contains(raw, []byte("\x1b(I")) {
		return nil
	}
	out := make([]byte, 0, len(raw))
	set := byte('B')
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == 0x1b {
			if to := shiftTo(raw[i+1:]); to != 0 {
				set = to
				i += 2
				continue
			}
		}
		switch {
		case set == '$' && c >= 0x21 && c <= 0x7e && i+1 < len(raw) && raw[i+1] != 0x1b:
			i++ // The second octet.
			c = notASCII
		case set == '$', set == 'I', c >= 0x80, c == 0x0e, c == 0x0f, c == 0x1b, set == 'J' && (c == '\\' || c == '~'):
			c = notASCII
		}
		out = append(out, c)
	}
	return out
}

// shiftTo is the set that what follows an escape leads to: B US-ASCII, J Roman letters, I katakana, $ characters of two octets; 0 if none.
func shiftTo(b []byte) byte {
	switch {
	case len(b) < 2:
	case b[0] == '(' && (b[1] == 'B' || b[1] == 'J' || b[1] == 'I'):
		return b[1]
	case b[0] == '$' && (b[1] == '@' || b[1] == 'B'):
		return '$'
	}
	return 0
}
