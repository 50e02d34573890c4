// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// maxListed is how many values an attribute may list. What has more is disarmed.
const maxListed = 10_000

// srcset looks at a list of images.
func (s *scanner) srcset(t *tag, a *attr) {
	v := unescape(nil, s.text[a.valStart:a.valEnd], true)
	if bytes.Count(v, []byte(",")) > maxListed {
		s.renameAttr(a, Remote, "long srcset of "+string(t.local))
		return
	}
	for candidate := range bytes.SplitSeq(v, []byte(",")) {
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
		}
	}
}
