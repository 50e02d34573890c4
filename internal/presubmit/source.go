// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"bytes"
	"go/ast"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

const spdx = "SPDX-License-Identifier: Apache-2.0"

var goName = regexp.MustCompile(`^[a-z0-9_]+\.go$`)

// FileNames checks that Go files have lower-case names without a hyphen.
func FileNames(tree fs.FS) ([]string, error) {
	var found faults
	err := walk(tree, func(name string) error {
		if !goName.MatchString(path.Base(name)) {
			found.add(name, "the name of a Go file is lower case, with digits and underscores")
		}
		return nil
	}, ".go")
	return found.sorted(), err
}

// Licence checks that each file of code has the SPDX line: first in Go, else among the first two lines, after "#!".
func Licence(tree fs.FS) ([]string, error) {
	var found faults
	err := walk(tree, func(name string) error {
		lines := 2
		switch {
		case strings.HasSuffix(name, ".go"):
			lines = 1
		case !isScript(name):
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		head := strings.SplitN(string(text), "\n", lines+1)
		if len(head) > lines {
			head = head[:lines]
		}
		if !strings.Contains(strings.Join(head, "\n"), spdx) {
			found.add(name, "has no SPDX line on top")
		}
		return nil
	})
	return found.sorted(), err
}

func isScript(name string) bool {
	switch path.Base(name) {
	case "Makefile", "Dockerfile":
		return true
	}
	switch path.Dir(name) {
	case "scripts", ".ci":
		return true
	}
	return hasSuffix(name, []string{".sh", ".yml", ".service", ".socket"})
}

// Inits checks that no package has an init function (design note 007).
func Inits(tree fs.FS) ([]string, error) {
	var found faults
	err := walkGo(tree, func(f goFile) {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found.add(f.name, "line %d: no init functions (design note 007)", f.set.Position(fn.Pos()).Line)
			}
		}
	})
	return found.sorted(), err
}

// word is text that does not belong into the repository.
type word struct {
	pattern *regexp.Regexp
	why     string
}

func words() []word {
	return []word{
		{regexp.MustCompile(`(^|[^A-Za-z0-9_.}/-])/(root|work|home/[a-z]+)/`), "a path of one machine"},
		{regexp.MustCompile(`(^|[^A-Za-z0-9_.}/:-])/Users/[A-Za-z]+/`), "a path of one machine"}, // C:/Users/... stands in documents.
		{regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`), "work left undone"},
		{regexp.MustCompile(`\b(LIBRARIES|PEERS|DESIGN|EVASIONS|STYLE|FIELD)( section)? ([A-Z]|[0-9]+)\b`), "a paper that is not in the tree; cite docs/"},
		{regexp.MustCompile(`7CC\)7\}\$EICAR-STAND|NDKTd9JEVJQ0FS`), "the EICAR file whole: scanners would take the repository for a virus"},
		{regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE ` + `KEY-----`), "a private key"},
	}
}

// Words checks that no file holds text that does not belong into the repository. Files with a NUL are not text.
func Words(tree fs.FS) ([]string, error) {
	var found faults
	list := words()
	err := walk(tree, func(name string) error {
		if path.Dir(name) == "internal/presubmit" || strings.HasSuffix(name, ".test") { // This package has to name them; go test -c makes the others.
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			return err
		}
		for _, w := range list {
			if !w.pattern.Match(text) { // Of most files, and all lines at once.
				continue
			}
			for n, line := range strings.Split(string(text), "\n") {
				if w.pattern.MatchString(line) {
					found.add(name, "line %d: %s", n+1, w.why)
				}
			}
		}
		return nil
	})
	return found.sorted(), err
}
