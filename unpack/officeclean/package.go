// SPDX-License-Identifier: Apache-2.0

package officeclean

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// maxParts is how many parts a package may have.
const maxParts = 10_000

const typesPart = "[content_types].xml" // In lower case.

// cleaner rewrites one package.
type cleaner struct {
	changed bool
	drop    map[string]bool // Parts that are left out, by their lower-case name.
	sheets  map[string]bool // Parts that are Excel 4 macro sheets.
	chains  []string        // Parts that list the cells to be calculated.
	left    int64           // Octets that may be rewritten.
}

// pack cleans an Open XML package. Parts that are not concerned are copied as they are packed.
func pack(r io.ReaderAt, size int64) ([]byte, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCannot, err)
	}
	c := &cleaner{drop: map[string]bool{}, sheets: map[string]bool{}, left: MaxDocument}
	if err := c.survey(z); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		if err := c.part(w, f); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if !c.changed {
		return nil, ErrNothing
	}
	return out.Bytes(), nil
}

// survey finds the parts to leave out. They are told of by content types and by relationships; names are what Office writes.
func (c *cleaner) survey(z *zip.Reader) error {
	seen := map[string]bool{}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		const encrypted = 1
		if seen[name] || f.Flags&encrypted != 0 || len(seen) >= maxParts {
			return fmt.Errorf("%w: part %q", ErrCannot, f.Name)
		}
		seen[name] = true
		switch {
		case name == typesPart:
			b, err := c.read(f)
			if err != nil {
				return err
			}
			c.types(b)
		case strings.HasSuffix(name, ".rels"):
			b, err := c.read(f)
			if err != nil {
				return err
			}
			c.relations(name, b)
		}
	}
	if len(c.sheets) > 0 {
		// The cells of the macro sheets are in it, too. Excel makes another (ECMA-376 part 1 section 18.6).
		for _, chain := range c.chains {
			c.drop[chain] = true
		}
	}
	if !seen[typesPart] {
		return fmt.Errorf("%w: there is no list of content types", ErrCannot)
	}
	return nil
}

func (c *cleaner) read(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > uint64(max(c.left, 0)) {
		return nil, fmt.Errorf("%w: part %q is too large", ErrCannot, f.Name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: part %q: %w", ErrCannot, f.Name, err)
	}
	b, err := io.ReadAll(io.LimitReader(r, c.left+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("%w: part %q: %w", ErrCannot, f.Name, err)
	}
	if c.left -= int64(len(b)); c.left < 0 {
		return nil, fmt.Errorf("%w: part %q is too large", ErrCannot, f.Name)
	}
	return b, nil
}

var (
	overrideTag = regexp.MustCompile(`(?i)<(?:\w+:)?Override\b[^>]*>`)
	relationTag = regexp.MustCompile(`(?i)<(?:\w+:)?Relationship\b[^>]*>(?:\s*</(?:\w+:)?Relationship>)?`)
	partName    = regexp.MustCompile(`(?i)\bPartName\s*=\s*["']/?([^"']*)["']`)
	contentType = regexp.MustCompile(`(?i)\bContentType\s*=\s*["']([^"']*)["']`)
	relType     = regexp.MustCompile(`(?i)\bType\s*=\s*["'](?:[^"']*/)?([^"'/]*)["']`)
	target      = regexp.MustCompile(`(?i)\bTarget\s*=\s*["']([^"']*)["']`)
	external    = regexp.MustCompile(`(?i)\bTargetMode\s*=\s*["']External["']`)
)

func group(re *regexp.Regexp, tag []byte) string {
	if m := re.FindSubmatch(tag); m != nil {
		return string(m[1])
	}
	return ""
}

// types notes what the list of content types says of parts.
func (c *cleaner) types(b []byte) {
	for _, tag := range overrideTag.FindAll(b, -1) {
		name := strings.ToLower(group(partName, tag))
		switch kind := strings.ToLower(group(contentType, tag)); {
		case isMacroType(kind):
			c.drop[name] = true
		case strings.HasSuffix(kind, "macrosheet+xml"):
			c.sheets[name] = true
		}
	}
}

// isMacroType tells of content types of Visual Basic projects and what belongs to them.
func isMacroType(kind string) bool {
	for _, suffix := range []string{"vbaproject", "vbadata+xml", "vbaprojectsignature", "vbaprojectsignatureagile", "vbaprojectsignaturev3", "attachedtoolbars", "keymapcustomizations+xml"} {
		if strings.HasSuffix(kind, suffix) {
			return true
		}
	}
	return false
}

// isMacroRelation tells of relationships to them.
func isMacroRelation(kind string) bool {
	switch strings.ToLower(kind) {
	case "vbaproject", "wordvbadata", "vbaprojectsignature", "vbaprojectsignatureagile", "vbaprojectsignaturev3", "attachedtoolbars", "keymapcustomizations":
		return true
	}
	return false
}

// relations notes the parts that a part's relationships lead to. name is that of the relationships.
func (c *cleaner) relations(name string, b []byte) {
	for _, tag := range relationTag.FindAll(b, -1) {
		kind := strings.ToLower(group(relType, tag))
		to := targetOf(name, tag)
		switch {
		case external.Match(tag):
		case isMacroRelation(kind):
			c.drop[to] = true
		case kind == "xlmacrosheet" || kind == "xlintlmacrosheet":
			c.sheets[to] = true
		case kind == "calcchain":
			c.chains = append(c.chains, to)
		}
	}
}

// targetOf is the part that a relationship leads to, as a name in a zip file (ECMA-376 part 2 section 8.3). name is that of the relationships.
func targetOf(name string, tag []byte) string {
	to := strings.ReplaceAll(html.UnescapeString(group(target, tag)), `\`, "/")
	if plain, err := url.PathUnescape(to); err == nil {
		to = plain
	}
	if !strings.HasPrefix(to, "/") {
		to = path.Join(path.Dir(path.Dir(name)), to)
	}
	return strings.ToLower(strings.TrimPrefix(path.Clean(to), "/"))
}
