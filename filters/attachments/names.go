// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"cmp"
	"strings"

	"github.com/mailweir/mailweir/filename"
	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// form is one form of a name that a program may show or save.
type form struct {
	text  string
	given string // What it was made of.
	ext   string // Behind the last dot, in lower case.
	runes []rune // In lower case.
}

func newForm(text, given string) form {
	low := strings.ToLower(text)
	f := form{text: text, given: given, runes: []rune(low)}
	if at := strings.LastIndexByte(low, '.'); at >= 0 {
		f.ext = low[at+1:]
	}
	return f
}

// maxNameOctets bounds the octets of names of one message that are judged in all forms: names in archives cost their sender little.
const maxNameOctets = 1 << 20

// forms are all forms of all names of the file.
func (j *judge) forms(l *unpack.Leaf, p *mail.Part) []form {
	given := l.Aliases
	if len(given) == 0 {
		given = synthesised(l, p)
	}
	var out []form
	seen := map[string]bool{}
	for _, name := range given {
		j.octets += len(name)
		if j.octets > maxNameOctets {
			j.tooMany = true
			break
		}
		for _, text := range filename.Forms(name) {
			if !seen[text] {
				seen[text] = true
				out = append(out, newForm(text, name))
			}
		}
	}
	return out
}

// synthesised are the names that programs give a file without one: by what it is, and by what it claims to be. The text of a message is no
// file.
func synthesised(l *unpack.Leaf, p *mail.Part) []string {
	if isText(l, p) {
		return nil
	}
	var names []string
	if ext := l.Type.Ext(); ext != "" {
		names = append(names, noName+"."+ext)
	}
	if p == nil || l.Kept != unpack.Entity {
		return names
	}
	for _, t := range filetype.Types() {
		if t.Media == p.MediaType && t.Name != l.Type.Name && t.Ext() != "" {
			names = append(names, noName+"."+t.Ext())
		}
	}
	return names
}

// isText tells if the leaf is the text of a message, or of one inside: it has no name and nothing says that it is a file.
func isText(l *unpack.Leaf, p *mail.Part) bool {
	if len(l.Aliases) > 0 || l.Kept == unpack.Archive || l.Kept == unpack.Document {
		return false
	}
	if p != nil && l.Kept == unpack.Entity && (p.Disposition == "attachment" || p.MediaType != "text/plain" && p.MediaType != "text/html" && !strings.HasPrefix(p.MediaType, "multipart/")) {
		return false
	}
	switch l.Type.Name {
	case "text", "html", "xhtml", "empty", "pgp", "xml", "eml":
		return true
	}
	// A program as text is not run where it is shown as text.
	return l.Type.Group == filetype.Script && l.Type.Name != "hta" || l.Type.Group == filetype.Shortcut && l.Type.Name != "lnk"
}

// noName is in the place of a name of which nothing is left.
const noName = "unnamed"

// renamed is the new name that the rule gives to a file, never "".
func (r *rule) renamed(name string) string {
	return cmp.Or(r.expand(cmp.Or(cleaned(name), noName)), noName)
}

// expand puts a name into that of the rule.
func (r *rule) expand(name string) string {
	base, ext := name, ""
	if at := strings.LastIndexByte(name, '.'); at > 0 {
		base, ext = name[:at], name[at+1:]
	}
	return strings.TrimRight(strings.NewReplacer("{name}", name, "{base}", base, "{ext}", ext).Replace(r.rename), ". ")
}

// maxNewName is how many octets of an old name go into a new one.
const maxNewName = 150

// cleaned is a name without tricks: the one that Windows would save it as.
func cleaned(name string) string {
	name = filename.Windows(filename.Visible(name))
	if len(name) > maxNewName {
		ext := filename.Ext(name)
		if len(ext) > 10 {
			ext = ""
		}
		name = strings.ToValidUTF8(name[:maxNewName], "") + "." + ext
	}
	return strings.TrimRight(name, ". ")
}
