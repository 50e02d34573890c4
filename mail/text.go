// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"unicode/utf8"
)

// Text is the body decoded from its transfer encoding and its charset, as UTF-8, at most max octets of it. A byte
// order mark tells the charset before Content-Type does. Octets that are no text in that charset are replaced. The error tells that the message could not be read.
func (p *Part) Text(max int64) (string, error) {
	if max <= 0 {
		return "", nil
	}
	b, err := p.read(p.Open(), max)
	if err != nil {
		return "", fmt.Errorf("text of part %s: %w", p.ID, err)
	}
	s := toUTF8(markedCharset(b, p.Params["charset"]), string(b))
	if int64(len(s)) > max {
		s = s[:max]
		for s != "" && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1 {
			s = s[:len(s)-1]
		}
	}
	return s, nil
}
