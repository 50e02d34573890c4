// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"fmt"
	"strings"
)

// header makes the header section of p, without the empty line behind it.
func (r *rebuilder) header(p *Part, e *planned, boundary string) []byte {
	var b bytes.Buffer
	c := contentFields{r: r, p: p, e: e, boundary: boundary, done: map[string]bool{}}
	mime := false
	for _, f := range p.Header {
		name := lower(f.Name)
		switch {
		case name == "" || isCommented(name):
		case name == "mime-version" || strings.HasPrefix(name, "content-"):
			mime = mime || name != "mime-version"
			if !c.done[name] {
				b.WriteString(c.field(name, f))
			}
			c.done[name] = true
		default:
			b.WriteString(r.clean(f))
		}
	}
	for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Transfer-Encoding"} {
		if s := c.missing(name); s != "" && !c.done[lower(name)] {
			b.WriteString(s)
			mime = true
		}
	}
	if mime && p.isMessage() && !c.done["mime-version"] {
		b.WriteString("MIME-Version: 1.0" + r.lineEnd)
	}
	if e.leftOut > 0 {
		fmt.Fprintf(&b, "Mailweir-Left-Out: %d octets outside of body parts%s", e.leftOut, r.lineEnd)
	}
	return b.Bytes()
}

// contentFields writes what a header section tells of the content, each field once.
type contentFields struct {
	r        *rebuilder
	p        *Part
	e        *planned
	boundary string
	done     map[string]bool // By lower-case name.
}

// field is what comes in the place of f; "" if it goes.
func (c *contentFields) field(name string, f Field) string {
	switch name {
	case "mime-version":
		return "MIME-Version: 1.0" + c.r.lineEnd
	case "content-type":
		return c.contentType()
	case "content-disposition":
		return c.disposition()
	case "content-transfer-encoding":
		return c.encoding()
	}
	return c.r.clean(f)
}

// missing is a field that has to be there although there was none; "" if not.
func (c *contentFields) missing(name string) string {
	switch {
	case name == "Content-Type" && (c.e.asFile || c.e.kind == asMultipart || c.e.mediaType != c.p.MediaType):
		return c.contentType()
	case name == "Content-Disposition" && c.e.asFile:
		return c.disposition()
	case name == "Content-Transfer-Encoding" && c.e.encoding != "":
		return c.encoding()
	}
	return ""
}

func (c *contentFields) contentType() string {
	var list []param
	name := c.p.Filename()
	for _, v := range fieldParams(c.p.Header.Get("Content-Type"), true, c.p.msg.budget.limits.Params) {
		switch {
		case v.name == "boundary" && c.e.kind != asSealed, c.e.asFile, c.e.mediaType != c.p.MediaType && v.name != "charset":
			continue
		case isNameParam(v.name):
			v.name, v.value, name = "name", name, ""
			if v.value == "" {
				continue
			}
		default:
			v.value = c.p.Params[v.name]
		}
		list = append(list, v)
	}
	if c.boundary != "" {
		list = append(list, param{name: "boundary", value: c.boundary})
	}
	return c.r.format("Content-Type", formatContent(c.e.mediaType, list))
}

func (c *contentFields) disposition() string {
	if c.e.asFile {
		return c.r.format("Content-Disposition", "attachment")
	}
	value := c.p.Disposition
	if !isToken(value) {
		value = "attachment"
	}
	var list []param
	for _, v := range fieldParams(c.p.Header.Get("Content-Disposition"), false, c.p.msg.budget.limits.Params) {
		if !isNameParam(v.name) {
			list = append(list, v)
		}
	}
	if name := c.p.Filename(); name != "" {
		list = append([]param{{name: "filename", value: name}}, list...)
	}
	return c.r.format("Content-Disposition", formatContent(value, list))
}

func (c *contentFields) encoding() string {
	if c.e.kind == asSealed && c.e.eightBit || c.e.encoding == "8bit" {
		return c.r.format("Content-Transfer-Encoding", "8bit")
	}
	if c.e.encoding == "" {
		return c.r.format("Content-Transfer-Encoding", "7bit")
	}
	return c.r.format("Content-Transfer-Encoding", c.e.encoding)
}

// format writes a field; the value may bring its own folding, in LF.
func (r *rebuilder) format(name, value string) string {
	return string(formatLines(name, value, r.lineEnd))
}

// clean is a field that is one field to everybody. If it is regular that is as it came, but for its line ends.
func (r *rebuilder) clean(f Field) string {
	raw := strings.TrimRight(f.Raw, "\r\n")
	lines := strings.Split(strings.ReplaceAll(raw, "\r\n", "\n"), "\n")
	regular := len(f.Name) < len(raw) && raw[len(f.Name)] == ':' && !hidesContent(raw)
	for i, l := range lines {
		regular = regular && (i == 0 || strings.Trim(l, " \t") != "") && strings.IndexFunc(l, isControl) < 0
	}
	if regular {
		return strings.Join(lines, r.lineEnd) + r.lineEnd
	}
	value := []byte(strings.NewReplacer("\u0085", " ", "\u2028", " ", "\u2029", " ").Replace(f.Value()))
	for i, c := range value {
		if isControl(rune(c)) {
			value[i] = ' '
		}
	}
	return r.format(f.Name, strings.Trim(string(value), " \t"))
}

// isControl tells if c has no place in a field body.
func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }
