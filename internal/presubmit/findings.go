// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"go/ast"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/mail"
)

// FindingsPage documents the code of every finding and of every defect.
const FindingsPage = "docs/reference/findings.md"

var (
	codeShape = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`)
	codeRow   = regexp.MustCompile("^\\| `([a-z]+\\.[a-z0-9_]+)` \\|")
)

// Findings checks that every code of a finding or defect in the source has one row in FindingsPage, and every row a code; and that the
// rows of ambiguous defects, and only those, end with an asterisk.
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
			if marked := strings.HasSuffix(strings.TrimSpace(line), "* |"); marked != (mail.Defect{Code: m[1]}).Ambiguous() {
				found.add(FindingsPage, "%s is marked as ambiguous, and is not, or the other way round", m[1])
			}
		}
	}
	for code, where := range used {
		if rows[code] == 0 {
			found.add(where, "code %s is not in %s", code, FindingsPage)
		}
	}
	listed := listedCodes()
	for code, n := range rows {
		if used[code] == "" && !listed[code] {
			found.add(FindingsPage, "nothing in the source has the code %s", code)
		}
		if n > 1 {
			found.add(FindingsPage, "%s has %d rows", code, n)
		}
	}
	return found.sorted(), nil
}

// listedCodes are those that the filters list. Some are put together at run time, so that no literal has them.
func listedCodes() map[string]bool {
	listed := map[string]bool{}
	for _, k := range all.Kinds() {
		for _, c := range k.Codes {
			listed[c.Name] = true
		}
	}
	return listed
}

// codes finds the string literals that are codes: in packages mail, unpack and filters, of the shape area.what, with a known area. A name of a part of a document is none.
func codes(tree fs.FS) (map[string]string, error) {
	areas := []string{"failure", "unscannable", "content", "file", "macro", "line", "header", "mime", "param", "limit"}
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
			if err == nil && codeShape.MatchString(s) && slices.Contains(areas, area) && !strings.HasSuffix(s, ".xml") {
				used[s] = f.name
			}
			return true
		})
	})
	return used, err
}
