// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// What becomes of a file, as MailScanner's files of rules say it.
const (
	doAllow  = "allow"
	doDeny   = "deny"
	doRename = "rename"
)

// fileLine is a line of filename.rules.conf or filetype.rules.conf.
type fileLine struct {
	place
	text   string
	do     string // allow, deny or rename.
	to     string // New text of rename to.
	remove bool   // deny+delete.
	send   string // Addresses that get the message instead.
	expr   string // Regular expression, "" for none.
	media  string // Regular expression for the media type, "" for none.
	log    string
	user   string
}

var tabs = regexp.MustCompile(`\t+`)

// readFileRules reads a file of rules. A line that cannot be read is told, as MailScanner does.
func (im *importer) readFileRules(name string) ([]fileLine, error) {
	lines, err := im.src.lines(name)
	if err != nil {
		return nil, err
	}
	var rules []fileLine
	for _, l := range lines {
		trimmed := strings.TrimSpace(l.text)
		if trimmed == "" || strings.HasPrefix(l.text, "#") {
			continue
		}
		r, why := readFileLine(l, trimmed)
		if why != "" {
			im.notes.warning(l.place, l.text, "%s; left out, as MailScanner does", why)
			continue
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// readFileLine reads a line: action, regular expression, perhaps one for the media type, text for the log, text for the user.
func readFileLine(l line, text string) (r fileLine, why string) {
	f := tabs.Split(text, 5)
	if len(f) == 4 {
		f = []string{f[0], f[1], "-", f[2], f[3]}
	}
	if len(f) != 5 || slices.Contains(f, "") {
		return r, "want action, regular expression, text for the log and text for the user, split by TABs"
	}
	r = fileLine{place: l.place, text: text, expr: unslash(f[1]), media: unslash(f[2]), log: dash(f[3]), user: dash(f[4])}
	act := strings.Trim(f[0], " ,")
	low := strings.ToLower(act)
	switch {
	case low == doAllow, low == doRename:
		r.do = low
	case strings.HasPrefix(low, "rename "):
		r.do = doRename
		r.to = strings.TrimPrefix(act[len("rename "):], "to ")
	case strings.HasPrefix(low, doDeny) && !strings.Contains(low, "@"):
		r.do, r.remove = doDeny, strings.Contains(low, "delete")
	case strings.Contains(low, "@"):
		r.do, r.send = doDeny, act
	default:
		return r, "want allow, deny, deny+delete, rename or addresses first"
	}
	return r, ""
}

// unslash takes slashes off a regular expression; - is none.
func unslash(s string) string {
	if e, ok := slashes(s); ok {
		s = e
	}
	return dash(s)
}

// dash is the text of a field; - is none.
func dash(s string) string {
	if s = strings.TrimSpace(s); s == "-" {
		return ""
	}
	return s
}

// id names a line in findings: filename.rules.conf:12.
func (r fileLine) id() string { return path.Base(r.file) + r.place.String()[len(r.file):] }
