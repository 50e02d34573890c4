// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxInclude is how deep files may include one another.
const maxInclude = 8

// entry is a setting as the files give it; of several, the last.
type entry struct {
	place
	setting *setting // Nil if it is not known.
	name    string   // As it is written.
	raw     string   // Value before variables are filled in.
	value   string
}

// isDefault tells if the value is what MailScanner ships, or would take without it.
func (e *entry) isDefault() bool {
	return e.setting != nil && (e.raw == e.setting.def || e.raw == e.setting.shipped || e.value == e.setting.def)
}

// String is the line without comment.
func (e *entry) String() string { return strings.TrimSpace(e.name + " = " + e.raw) }

// conf is MailScanner.conf with all that it includes.
type conf struct {
	table   map[string]*setting
	entries map[string]*entry // By key.
	order   []string          // Keys as they came first.
	odd     []remark          // Lines that make no sense, files that could not be read.
	seen    map[string]bool   // Files.
}

// remark is something to be told about a place.
type remark struct {
	place
	text string // The line itself; may be empty.
	why  string
}

// given are the settings that the files give, in the order of their first lines.
func (c *conf) given() []*entry {
	var list []*entry
	for _, key := range c.order {
		list = append(list, c.entries[key])
	}
	return list
}

// readConf reads MailScanner.conf.
func readConf(src *source) (*conf, error) {
	c := &conf{table: settings(), entries: map[string]*entry{}, seen: map[string]bool{}}
	if err := c.read(src, mainFile, 0); err != nil {
		return nil, err
	}
	return c, nil
}

var includeLine = regexp.MustCompile(`(?i)^include\s+([^=]*)$`)

func (c *conf) read(src *source, name string, depth int) error {
	c.seen[name] = true
	lines, err := src.lines(name)
	if err != nil {
		return err
	}
	for _, l := range lines {
		l.text, _, _ = strings.Cut(l.text, "#")
		l.text = strings.TrimSpace(l.text)
		if l.text == "" {
			continue
		}
		if m := includeLine.FindStringSubmatch(l.text); m != nil {
			err = c.include(src, l, strings.TrimSpace(m[1]), depth)
		} else {
			err = c.set(src, l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// oddLine is told of a line that cannot be used.
func (c *conf) oddLine(l line, format string, args ...any) {
	c.odd = append(c.odd, remark{l.place, l.text, fmt.Sprintf(format, args...)})
}

// include reads the files that a pattern stands for, in alphabetical order, each once.
func (c *conf) include(src *source, l line, pattern string, depth int) error {
	if depth >= maxInclude {
		return limitError{fmt.Sprintf("%s: include: more than %d files inside one another", l.place, maxInclude)}
	}
	rel, err := src.rel(pattern)
	if err != nil {
		c.oddLine(l, "%v", err)
		return nil
	}
	names, err := fs.Glob(src.root.FS(), rel)
	switch {
	case err != nil:
		c.oddLine(l, "%v", err)
	case len(names) > maxFiles:
		return limitError{fmt.Sprintf("%s: include: more than %d files", l.place, maxFiles)}
	case len(names) == 0:
		c.oddLine(l, "there is no such file")
	}
	slices.Sort(names)
	for _, name := range names {
		name = path.Clean(name)
		if base := path.Base(name); c.seen[name] || strings.HasPrefix(base, ".") || base == "README" {
			continue // The README is all comments, as shipped.
		}
		if err := c.read(src, name, depth+1); isLimit(err) {
			return err
		} else if err != nil {
			c.oddLine(l, "%v", err)
		}
	}
	return nil
}

// set takes a line "name = value" or "%name% = value".
func (c *conf) set(src *source, l line) error {
	name, raw, ok := strings.Cut(l.text, "=")
	name, raw = strings.TrimSpace(name), strings.TrimSpace(raw)
	if !ok {
		c.oddLine(l, "want a setting and its value with = between; MailScanner has no continued lines")
		return nil
	}
	value, err := src.expand(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", l.place, err)
	}
	if m := percentVar.FindStringSubmatch(name); m != nil && m[0] == name {
		src.vars[strings.ToLower(m[1])] = value
		return nil
	}
	key := keyOf(name)
	if key == "" {
		c.oddLine(l, "want a setting before =")
		return nil
	}
	if c.entries[key] == nil {
		c.order = append(c.order, key)
	}
	if strings.HasSuffix(raw, `\`) {
		c.oddLine(l, `MailScanner has no continued lines: the \ is taken as part of the value`)
	}
	c.entries[key] = &entry{place: l.place, setting: c.table[key], name: name, raw: raw, value: value}
	return nil
}
