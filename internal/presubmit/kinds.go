// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"go/ast"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// plugin says what each folder of filters or scanners has to bring along.
type plugin struct {
	dir      string
	helpers  []string // Folders beside the plugins that are none.
	sections []string // Of README.md, in this order; there may be others between them.
	suite    string   // The call that runs the conformance suite.
}

func plugins() []plugin {
	return []plugin{
		{
			dir: "filters", helpers: []string{"all", "filtertest"}, suite: "filtertest.",
			sections: []string{"Name", "Description", "Options", "Findings", "Metrics", "Examples", "Limits"},
		},
		{
			dir: "scanners", helpers: []string{"all", "scannertest"}, suite: "scannertest.",
			sections: []string{"Name", "Description", "Options", "Examples", "Limits"},
		},
	}
}

// Kinds checks that each filter and scanner has a README with its sections, runs the conformance suite, and has a line in
// the list of all.
func Kinds(tree fs.FS) ([]string, error) {
	var found faults
	seen, err := census(tree)
	if err != nil {
		return nil, err
	}
	for _, p := range plugins() {
		entries, err := fs.ReadDir(tree, p.dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.IsDir() || slices.Contains(p.helpers, e.Name()) || e.Name() == "testdata" {
				continue
			}
			dir := path.Join(p.dir, e.Name())
			if !seen.imports[path.Join(p.dir, "all")+" "+Module+"/"+dir] {
				found.add(dir, "is not in %s/all", p.dir)
			}
			checkReadme(tree, dir, p.sections, &found)
			if !seen.calls[dir+" "+p.suite] {
				found.add(dir, "does not run the conformance suite %s", strings.TrimSuffix(p.suite, "."))
			}
		}
	}
	return found.sorted(), nil
}

// uses is what the folders of the tree use, each as "folder name".
type uses struct {
	imports map[string]bool // Packages, outside tests.
	calls   map[string]bool // Conformance suites, in tests.
}

func census(tree fs.FS) (uses, error) {
	seen := uses{imports: map[string]bool{}, calls: map[string]bool{}}
	err := walkGo(tree, func(f goFile) {
		for _, spec := range f.ast.Imports {
			if name, err := strconv.Unquote(spec.Path.Value); err == nil && !f.test {
				seen.imports[f.dir+" "+name] = true
			}
		}
		if f.test {
			for _, p := range plugins() {
				seen.calls[f.dir+" "+p.suite] = seen.calls[f.dir+" "+p.suite] || callsSuite(f.ast, p.suite)
			}
		}
	})
	return seen, err
}

func checkReadme(tree fs.FS, dir string, sections []string, found *faults) {
	text, err := fs.ReadFile(tree, path.Join(dir, "README.md"))
	if err != nil {
		found.add(dir, "has no README.md")
		return
	}
	next := 0
	for line := range strings.Lines(string(text)) {
		if title, ok := strings.CutPrefix(line, "## "); ok && next < len(sections) && strings.TrimSpace(title) == sections[next] {
			next++
		}
	}
	if next < len(sections) {
		found.add(path.Join(dir, "README.md"), "section %q is missing or out of order; the order is %s",
			sections[next], strings.Join(sections, ", "))
	}
}

// callsSuite tells if a file calls a function of the conformance suite's package.
func callsSuite(file *ast.File, suite string) bool {
	calls := false
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name+"." == suite {
				calls = true
			}
		}
		return !calls
	})
	return calls
}

func funcName(d ast.Decl) string {
	if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
		return fn.Name.Name
	}
	return ""
}
