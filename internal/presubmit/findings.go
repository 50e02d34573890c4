// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"go/ast"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// FindingsPage documents the code of every finding and of every defect.
const FindingsPage = "docs/reference/findings.md"

var (
	codeShape = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`)
	codeRow   = regexp.MustCompile("^\\| `([a-z]+\\.[a-z0-9_]+)` \\|")
)

// Findings checks that every code of a finding or defect in the source has one row in FindingsPage, and every row a code.
func Findings(tree fs.FS) ([]string, error) {
	used, err := codes(tree)
	if err != nil {
		return nil, err
	}
	page, err := fs.ReadFile(tree, FindingsPage)
	if err != nil {
		return nil, err
	}
	var found faults
	rows := map[string]int{}
	for line := range strings.Lines(string(page)) {
		if m := codeRow.FindStringSubmatch(line); m != nil {
			rows[m[1]]++
		}
	}
	for code, where := range used {
		if rows[code] == 0 {
			found.add(where, "code %s is not in %s", code, FindingsPage)
		}
	}
	for code, n := range rows {
		if used[code] == "" {
			found.add(FindingsPage, "nothing in the source has the code %s", code)
		}
		if n > 1 {
			found.add(FindingsPage, "%s has %d rows", code, n)
		}
	}
	return found.sorted(), nil
}

// codes finds the string literals that are codes: in packages mail, unpack and filters, of the shape area.what, with a known area.
func codes(tree fs.FS) (map[string]string, error) {
	areas := []string{"failure", "unscannable", "header", "mime", "limit"}
	entries, err := fs.ReadDir(tree, "filters")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() {
			areas = append(areas, e.Name())
		}
	}
	used := map[string]string{}
	err = walkGo(tree, func(f goFile) {
		top, _, _ := strings.Cut(f.dir, "/")
		if f.test || !slices.Contains([]string{"mail", "unpack", "filters"}, top) {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			area, _, _ := strings.Cut(s, ".")
			if err == nil && codeShape.MatchString(s) && slices.Contains(areas, area) {
				used[s] = f.name
			}
			return true
		})
	})
	return used, err
}
