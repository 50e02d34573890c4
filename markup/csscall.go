// SPDX-License-Identifier: Apache-2.0

package markup

import "bytes"

// cssCall looks at the function whose parenthesis is at i, and tells where to go on.
func (s *scanner) cssCall(i int, telling bool, where string) int {
	css := s.sheet.css
	end := i
	for end > 0 && css[end-1] == ' ' {
		end--
	}
	start := end
	for start > 0 && (isLetter(css[start-1]) || css[start-1] == '-' || css[start-1] == '_') {
		start--
	}
	switch name := css[start:end]; {
	case bytes.HasSuffix(name, []byte("expression")):
		s.cssDanger(CSS, "expression() in "+where, end-len("expression"), end, "x-off")
	case bytes.HasSuffix(name, []byte("url")), string(name) == "src":
		return s.cssURL(i+1, telling, where)
	case bytes.HasSuffix(name, []byte("image-set")), string(name) == "image":
		s.cssStrings(i+1, telling, where)
	}
	return i
}

// cssURL looks at the URL that begins behind a parenthesis, and tells where it ends.
func (s *scanner) cssURL(i int, telling bool, where string) int {
	from, to := urlSpan(s.sheet.css, i)
	s.cssAddress(i, from, to, telling, where)
	return min(to, len(s.sheet.css)-1)
}

// cssStrings looks at the strings that follow, up to the end of the list: image-set("a" 1x, "b" 2x). Each is looked at once.
func (s *scanner) cssStrings(i int, telling bool, where string) {
	if i < s.strings {
		return
	}
	css := s.sheet.css
	for depth := 0; i < len(css) && depth >= 0; i++ {
		switch c := css[i]; c {
		case ';', '{', '}':
			depth = -1
		case ')':
			depth--
		case '(':
			depth++
			if isURL(css[:i]) {
				i = behindURL(css, i+1) - 1
			}
		case '"', '\'':
			n := bytes.IndexByte(css[i+1:], c)
			if n < 0 {
				n = len(css) - i - 1
			}
			s.cssAddress(i+1, i+1, i+1+n, telling, where)
			i += n + 1
		}
	}
	s.strings = i
}

// isURL tells if the function whose name ends here takes an address that need not be a string.
func isURL(css []byte) bool {
	return bytes.HasSuffix(css, []byte("url")) || bytes.HasSuffix(css, []byte("src"))
}

// behindURL tells where the parenthesis ends that began before i and holds an address.
func behindURL(css []byte, i int) int {
	_, n := urlSpan(css, i)
	if n < len(css) && css[n] != ')' {
		n++ // The quote.
	}
	return n
}

// urlSpan tells where the address behind a parenthesis begins and ends, without blanks and quotes.
func urlSpan(css []byte, i int) (from, to int) {
	for i < len(css) && css[i] == ' ' {
		i++
	}
	stop := byte(')')
	if i < len(css) && (css[i] == '"' || css[i] == '\'') {
		stop = css[i]
		i++
	}
	n := bytes.IndexByte(css[i:], stop)
	if n < 0 {
		n = len(css) - i
	}
	return i, i + n
}

// cssAddress judges the URL [from,to) of the sheet. What is put in its place stands from open on.
func (s *scanner) cssAddress(open, from, to int, telling bool, where string) {
	f := &s.sheet
	leads, scheme := classify(s.start.read(f.css[from:min(to, from+200)], false))
	const off = "data:,"
	end := to
	if open < from && end < len(f.css) && f.css[end] == f.css[from-1] && f.css[end] != ')' {
		end++ // The quote.
	}
	kind := Kind("")
	if leads == nowhere && from < to && f.css[from] != '#' {
		leads = s.toBase()
	}
	switch leads {
	case runs:
		kind = CSS
	case opens:
		if !localFile(f.css[from:to]) {
			kind = Scheme
		}
	case data:
		if m := mediaOf(s.start.buf[:s.start.n]); !shownMedia(m) && m != "image/svg+xml" && string(f.css[from:to]) != off {
			kind = CSS
		}
	case fetched:
		kind = Remote
		if telling {
			s.cssDanger(CSS, "selector that tells values in "+where, open, end, off)
		}
		s.link(Link{Kind: "css", AttrStart: int64(f.at[from]), AttrEnd: int64(f.at[to])}, s.text[f.at[from]:f.at[to]])
	default:
	}
	if kind != "" {
		s.cssDanger(kind, scheme+": in "+where, open, end, off)
	}
}

// readsValues tells if a selector asks for parts of what stands in forms and links, so that fetching says what it found.
func readsValues(selector []byte) bool {
	for {
		i := bytes.IndexByte(selector, '[')
		if i < 0 {
			return false
		}
		selector = selector[i+1:]
		end := bytes.IndexByte(selector, ']')
		if end < 0 {
			return false
		}
		name, _, ok := bytes.Cut(selector[:end], []byte("="))
		selector = selector[end:]
		if !ok {
			continue
		}
		name = bytes.Trim(name, " ^*$~|")
		switch string(name[bytes.LastIndexByte(name, '|')+1:]) {
		case "value", "content", "action", "nonce", "data-token":
			return true
		}
	}
}

// localFile tells if a file URL names a file on the reader's own disk, as word processors leave behind. It is dead in a message.
func localFile(lower []byte) bool {
	rest, ok := bytes.CutPrefix(lower, []byte("file:///"))
	return ok && len(rest) > 2 && isLetter(rest[0]) && (rest[1] == ':' || rest[1] == '|') || bytes.HasPrefix(lower, []byte("file:///tmp/")) || bytes.HasPrefix(lower, []byte("file:///var/"))
}
