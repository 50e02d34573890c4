// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"slices"
	"strings"
)

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
				w.disposition(p, f)
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
	list := w.params(p, f, rest)
	if len(list) == 0 {
		return
	}
	p.Params = make(map[string]string, len(list))
	for _, v := range list {
		p.Params[v.name] = v.value
	}
}

func (w *walker) disposition(p *Part, f *Field) {
	var rest string
	p.Disposition, rest = cutToken(f.Value())
	w.params(p, f, rest)
}

// params reads the parameters of a field, one for each name.
func (w *walker) params(p *Part, f *Field, s string) []param {
	limit := w.msg.budget.limits.Params
	ps := parseParams(s, limit)
	if ps.over {
		w.defects.addLimit(limitParams, p, f.Offset, &LimitError{"params", int64(limit)})
	}
	if ps.unclosed {
		w.defects.add(paramUnclosedQuote, p, f.Offset, f.Value())
	}
	if ps.junk {
		w.defects.add(paramJunk, p, f.Offset, f.Value())
	}
	decoded, gap := decodeParams(ps.list)
	if gap {
		w.defects.add(paramGap, p, f.Offset, f.Value())
	}
	kept := paramSet{}
	for _, v := range decoded {
		if v.name == "boundary" && v.extended {
			w.defects.add(mimeBoundaryExtended, p, f.Offset, v.value)
		}
		if other := kept.add(v); other != nil {
			w.choose(p, f, other, v)
		}
	}
	return kept.list
}

// paramSet is parameters, one for each name.
type paramSet struct {
	list []param
	at   map[string]int // Index in list, once that is long.
}

// fewParams is how many parameters are looked through one by one.
const fewParams = 16

// add adds a parameter unless there is one of that name: then it gives that.
func (s *paramSet) add(p param) *param {
	i := slices.IndexFunc(s.list[:min(len(s.list), fewParams)], func(k param) bool { return k.name == p.name })
	if i < 0 && len(s.list) > fewParams {
		if k, ok := s.at[p.name]; ok {
			i = k
		}
	}
	if i >= 0 {
		return &s.list[i]
	}
	if len(s.list) >= fewParams {
		if s.at == nil {
			s.at = map[string]int{}
		}
		s.at[p.name] = len(s.list)
	}
	s.list = append(s.list, p)
	return nil
}

// choose decides between two values of one parameter.
func (w *walker) choose(p *Part, f *Field, kept *param, other param) {
	switch {
	case kept.value == other.value:
	case kept.name == "boundary":
		w.defects.add(mimeTwoBoundaries, p, f.Offset, other.value)
		if kept.extended && !other.extended {
			*kept = other // Few clients know that a boundary may be in the form of RFC 2231.
		}
	case kept.extended == other.extended:
		w.defects.add(paramDuplicate, p, f.Offset, other.name)
	case other.extended:
		*kept = other // It is usual to give both forms, and this to be the better.
	}
}

// encoding reads a Content-Transfer-Encoding field as clients do: they look for a word that they know.
func (w *walker) encoding(p *Part, f *Field) {
	given := lower(f.Value())
	if given == "" {
		return
	}
	if list := addEncodings(nil, "transfer-encoding"+given); slices.ContainsFunc(list, func(e string) bool { return e != list[0] }) {
		w.defects.add(mimeTwoEncodings, p, f.Offset, given)
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
	return lower(s), rest
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
