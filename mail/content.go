// SPDX-License-Identifier: Apache-2.0

package mail

import "strings"

// describe reads the content fields of p: type, transfer encoding, disposition (RFC 2045 sections 5 and 6, RFC 2183).
func (w *walker) describe(p *Part) {
	p.MediaType, p.Encoding = defaultType(p), "7bit"
	var haveType, haveEncoding, haveDisposition bool
	for i := range p.Header {
		f := &p.Header[i]
		switch len(f.Name) {
		case len("Content-Type"):
			if strings.EqualFold(f.Name, "Content-Type") && w.first(&haveType, mimeTwoTypes, p, f) {
				w.contentType(p, f)
			}
		case len("Content-Disposition"):
			if strings.EqualFold(f.Name, "Content-Disposition") && w.first(&haveDisposition, mimeTwoDispositions, p, f) {
				p.Disposition, _ = cutToken(f.Value())
			}
		case len("Content-Transfer-Encoding"):
			if strings.EqualFold(f.Name, "Content-Transfer-Encoding") && w.first(&haveEncoding, mimeTwoEncodings, p, f) {
				w.encoding(p, f)
			}
		}
	}
}

// first lets the first field of a kind through and records the others.
func (w *walker) first(have *bool, code defect, p *Part, f *Field) bool {
	if *have {
		w.defects.add(code, p, f.Offset, f.Value())
		return false
	}
	*have = true
	return true
}

// defaultType is the media type of an entity that names none (RFC 2046 sections 5.1 and 5.1.5).
func defaultType(p *Part) string {
	if p.Parent != nil && p.Parent.MediaType == "multipart/digest" {
		return "message/rfc822"
	}
	return "text/plain"
}

func (w *walker) contentType(p *Part, f *Field) {
	mediaType, rest, ok := cutMediaType(f.Value())
	if !ok {
		w.defects.add(mimeBadType, p, f.Offset, f.Value())
	} else {
		p.MediaType = mediaType
	}
	params := parseParams(rest, w.msg.budget.limits.Params)
	if params.over {
		w.defects.addLimit(limitParams, p, f.Offset, &LimitError{"params", int64(w.msg.budget.limits.Params)})
	}
	if params.unclosed {
		w.defects.add(paramUnclosedQuote, p, f.Offset, f.Value())
	}
	if params.junk {
		w.defects.add(paramJunk, p, f.Offset, f.Value())
	}
	p.Params = w.joinParams(p, f, params.list)
}

// joinParams decodes RFC 2231 and keeps the first of each name.
func (w *walker) joinParams(p *Part, f *Field, list []param) map[string]string {
	if len(list) == 0 {
		return nil
	}
	values := make(map[string]string, len(list))
	decoded, gap := decodeParams(list)
	if gap {
		w.defects.add(paramGap, p, f.Offset, f.Value())
	}
	for _, v := range decoded {
		old, ok := values[v.name]
		if v.name == "boundary" && v.extended {
			w.defects.add(mimeBoundaryExtended, p, f.Offset, v.value)
		}
		switch {
		case !ok:
			values[v.name] = v.value
		case v.name == "boundary" && old != v.value:
			w.defects.add(mimeTwoBoundaries, p, f.Offset, v.value)
		case old != v.value:
			w.defects.add(paramDuplicate, p, f.Offset, v.name)
		}
	}
	return values
}

// encoding reads a Content-Transfer-Encoding field as clients do: they look for a word that they know.
func (w *walker) encoding(p *Part, f *Field) {
	given := strings.ToLower(f.Value())
	if given == "" {
		return
	}
	name, _ := cutToken(strings.TrimLeft(stripComments(given), `"' `+"\t"))
	name = strings.Trim(name, `"'`)
	switch name {
	case "7bit", "8bit", "binary", "quoted-printable", "base64", "x-uuencode", "uuencode", "x-uue", "uue", "x-uu":
		p.Encoding = name
		if name != given {
			w.defects.add(mimeOddEncoding, p, f.Offset, given)
		}
	default:
		p.Encoding = given
		w.defects.add(mimeUnknownEncoding, p, f.Offset, given)
	}
}

// cutToken splits a field body behind what it begins with: up to a blank, semicolon, comma or comment, in lower case.
func cutToken(s string) (token, rest string) {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t;,("); i >= 0 {
		s, rest = s[:i], s[i:]
	}
	return strings.ToLower(s), rest
}

// stripComments takes what is in parentheses out of s. They do not nest here.
func stripComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '(')
		if open < 0 {
			break
		}
		b.WriteString(s[:open])
		shut := strings.IndexByte(s[open:], ')')
		if shut < 0 {
			return b.String()
		}
		s = s[open+shut+1:]
	}
	b.WriteString(s)
	return b.String()
}
