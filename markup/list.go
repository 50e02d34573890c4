// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"iter"
)

// maxListed is how many values an attribute may list. What has more is disarmed.
const maxListed = 10_000

// srcset looks at a list of images.
func (s *scanner) srcset(t *tag, a *attr) {
	v := unescape(nil, s.text[a.valStart:a.valEnd], true)
	if bytes.Count(v, []byte(",")) > maxListed {
		s.renameAttr(a, Remote, "long srcset of "+string(t.local))
		return
	}
	for candidate := range candidates(v) {
		leads, scheme := classify(s.start.read(candidate, false))
		if leads == nowhere {
			leads = s.toBase()
		}
		switch leads {
		case fetched:
			s.renameAttr(a, Remote, "srcset of "+string(t.local))
		case opens, runs:
			s.renameAttr(a, Scheme, scheme+": in srcset")
		default:
			continue
		}
		return
	}
}

// candidates are the addresses of a srcset: up to a blank, as they may hold commas (HTML standard, section 4.8.4.2.1). A comma in parentheses
// begins one more here.
func candidates(v []byte) iter.Seq[[]byte] {
	const blanks = " \t\n\f\r"
	return func(yield func([]byte) bool) {
		for {
			if v = bytes.TrimLeft(v, blanks+","); len(v) == 0 {
				return
			}
			end := bytes.IndexAny(v, blanks)
			if end < 0 {
				end = len(v)
			}
			address := bytes.TrimRight(v[:end], ",")
			bare := len(address) < end
			if v = v[end:]; !bare { // Descriptors follow, up to a comma.
				_, v, _ = bytes.Cut(v, []byte(","))
			}
			if !yield(address) {
				return
			}
		}
	}
}

// animated looks at a value that SVG gives an attribute, or at a list of them.
func (s *scanner) animated(t *tag, a *attr) {
	v := s.text[a.valStart:a.valEnd]
	s.css(a.valStart, a.valEnd, cssAttribute, string(t.local))
	if bytes.IndexByte(v, ':') < 0 && bytes.IndexByte(v, '&') < 0 {
		return
	}
	if v = unescape(nil, v, true); bytes.Count(v, []byte(";")) > maxListed {
		s.renameAttr(a, SVG, "long list of values in "+string(t.local))
		return
	}
	for one := range bytes.SplitSeq(v, []byte(";")) {
		switch leads, scheme := classify(s.start.read(one, false)); leads {
		case runs, opens, data:
			s.renameAttr(a, SVG, scheme+": in "+string(t.local))
			return
		default:
		}
	}
}
