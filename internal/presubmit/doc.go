// SPDX-License-Identifier: Apache-2.0

// Package presubmit polices the tree: who imports whom, what each filter and scanner brings along, and that the
// documents say what is true. Its tests run every check over this tree, and over a small tree with a planted fault,
// because a check that finds nothing may be one that looks nowhere. No program imports it.
package presubmit

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// Module is the path of our module.
const Module = "github.com/mailweir/mailweir"

// Check looks at a tree and returns one line per fault, "path: what is wrong". An error means that it could not look.
type Check func(tree fs.FS) ([]string, error)

// skipped are folders that are not ours to police: made by tools, or kept out of the repository.
var skipped = map[string]bool{".git": true, "bin": true, "testdata": true, "bench/out": true}

// walk calls visit with each file of the tree that is ours and whose name ends in one of the suffixes; no suffix: all.
func walk(tree fs.FS, visit func(name string) error, suffixes ...string) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (skipped[name] || skipped[d.Name()]):
			return fs.SkipDir
		case d.IsDir() || !hasSuffix(name, suffixes):
			return nil
		}
		return visit(name)
	})
}

func hasSuffix(name string, suffixes []string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return len(suffixes) == 0
}

// goFile is one parsed Go file.
type goFile struct {
	name string // Path from the top of the tree.
	dir  string
	test bool
	ast  *ast.File
	set  *token.FileSet
}

// walkGo parses each Go file and hands it to visit.
func walkGo(tree fs.FS, visit func(f goFile)) error {
	return walk(tree, func(name string) error {
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(goFile{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), parsed, set})
		return nil
	}, ".go")
}

// faults collects the lines of a check.
type faults []string

func (f *faults) add(name, format string, args ...any) {
	*f = append(*f, name+": "+fmt.Sprintf(format, args...))
}

func (f *faults) sorted() []string {
	sort.Strings(*f)
	return *f
}
