// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"fmt"
	"go/ast"
	"io/fs"
	"slices"
)

// Sizes are the figures of the size budget.
type Sizes struct {
	Functions  []int // Lines of each function outside tests, ascending.
	Files      []int // Lines of each file outside tests, ascending.
	Source     int   // Lines outside tests.
	Tests      int   // Lines of tests.
	Interfaces int
}

// Measure counts the lines of the tree.
func Measure(tree fs.FS) (Sizes, error) {
	var s Sizes
	err := walkGo(tree, func(f goFile) {
		lines := f.set.Position(f.ast.FileEnd).Line - 1
		if f.test {
			s.Tests += lines
			return
		}
		s.Source += lines
		s.Files = append(s.Files, lines)
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				s.Functions = append(s.Functions, f.set.Position(n.End()).Line-f.set.Position(n.Pos()).Line+1)
			case *ast.TypeSpec:
				if _, ok := n.Type.(*ast.InterfaceType); ok {
					s.Interfaces++
				}
			}
			return true
		})
	})
	slices.Sort(s.Functions)
	slices.Sort(s.Files)
	return s, err
}

// String is the report: the figures beside their budgets.
func (s Sizes) String() string {
	return fmt.Sprintf("function p90 %d (budget 45), file p90 %d (400), largest file %d (800), tests to source %.2f (1.0), interfaces %d (25)",
		p90(s.Functions), p90(s.Files), p90(s.Files[max(0, len(s.Files)-1):]), float64(s.Tests)/float64(max(1, s.Source)), s.Interfaces)
}

func p90(sorted []int) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)*9/10]
}
