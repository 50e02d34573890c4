// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"slices"
	"strings"
)

// head are changes of the content fields of one header section.
type head struct {
	part *Part
	sets []headField
	drop []string // Names of fields that go.
}

type headField struct{ name, value string }

func newHead(p *Part) *head { return &head{part: p} }

// set gives the entity exactly one field of that name.
func (h *head) set(name, value string) {
	for i := range h.sets {
		if h.sets[i].name == name {
			h.sets[i].value = value
			return
		}
	}
	h.sets = append(h.sets, headField{name, value})
}

// charset names another charset in Content-Type.
func (h *head) charset(charset string) {
	list := slices.DeleteFunc(h.params("Content-Type"), func(p param) bool { return p.name == "charset" })
	h.set("Content-Type", formatContent(h.part.MediaType, append([]param{{name: "charset", value: charset}}, list...)))
}

// rename leaves the entity one file name, the same in both fields.
func (h *head) rename(name string) {
	disposition := h.part.Disposition
	if !isToken(disposition) {
		disposition = "attachment"
	}
	for _, f := range []struct{ field, value, param string }{
		{"Content-Disposition", disposition, "filename"},
		{"Content-Type", h.part.MediaType, "name"},
	} {
		list := slices.DeleteFunc(h.params(f.field), func(p param) bool { return isNameParam(p.name) })
		h.set(f.field, formatContent(f.value, append(list, param{name: f.param, value: name})))
	}
	h.drop = append(h.drop, "Content-Description", "Content-Location")
}

// params are the parameters of a content field as they are to be: as set before, else those of the first field in the message, each once.
func (h *head) params(field string) []param {
	limit := h.part.msg.budget.limits.Params
	for _, s := range h.sets {
		if s.name == field {
			return fieldParams(s.value, field == "Content-Type", limit)
		}
	}
	list := fieldParams(h.part.Header.Get(field), field == "Content-Type", limit)
	if field == "Content-Type" {
		for i := range list {
			list[i].value = h.part.Params[list[i].name]
		}
	}
	return list
}

// fieldParams reads the parameters of a field body, each name once.
func fieldParams(value string, isType bool, limit int) []param {
	var rest string
	if isType {
		_, rest, _ = cutMediaType(value)
	} else {
		_, rest = cutToken(value)
	}
	decoded, _ := decodeParams(parseParams(rest, limit).list)
	kept := paramSet{}
	for _, p := range decoded {
		if other := kept.add(p); other != nil && p.extended && !other.extended {
			*other = p
		}
	}
	return kept.list
}

// isNameParam tells if a parameter is a file name to some client.
func isNameParam(name string) bool {
	base, _, _ := strings.Cut(name, "*")
	return base == "name" || base == "filename"
}

// apply makes changes of the message out of h. body tells that octets of the body change, which must not become header section.
func (h *head) apply(d *Draft, body bool) error {
	if len(h.sets) > 0 && h.part.isMessage() && h.part.Header.Get("MIME-Version") == "" {
		h.sets = append([]headField{{"MIME-Version", "1.0"}}, h.sets...)
	}
	cut, done, err := h.replace(d)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, s := range h.sets {
		if !done[lower(s.name)] {
			b.Write(formatLines(s.name, s.value, d.msg.lineEnd))
		}
	}
	if b.Len() == 0 && !body {
		return nil
	}
	missing := ""
	if cut {
		missing, d.completed = d.msg.lineEnd, true
	}
	return h.insert(d, append([]byte(missing), b.Bytes()...))
}

// replace changes the fields that are there, the first of each name, and takes out the others. cut tells that the last field stays and has no line end, done
// which names were there, in lower case.
func (h *head) replace(d *Draft) (cut bool, done map[string]bool, err error) {
	done = map[string]bool{}
	for _, f := range h.part.Header {
		cut = !strings.HasSuffix(f.Raw, "\n")
		name := lower(f.Name)
		i := slices.IndexFunc(h.sets, func(s headField) bool { return lower(s.name) == name })
		if i < 0 && !slices.ContainsFunc(h.drop, func(n string) bool { return lower(n) == name }) {
			continue
		}
		d.completed = d.completed || cut
		cut = false
		var with []byte
		if i >= 0 && !done[name] {
			with = formatLines(h.sets[i].name, h.sets[i].value, d.msg.lineEnd)
			done[name] = true
		}
		if err := d.Replace(f.Offset, f.end(), with); err != nil {
			return false, nil, err
		}
	}
	return cut, done, nil
}

// insert puts fields behind those that are there, and the empty line if it is missing.
func (h *head) insert(d *Draft, b []byte) error {
	p := h.part
	if len(b) == 0 && p.sep != p.Body {
		return nil
	}
	if err := d.separate(p); err != nil {
		return err
	}
	if p.sep == p.Body {
		b = append(b, d.endHeader(p)...)
	}
	return d.Insert(p.sep, b)
}
