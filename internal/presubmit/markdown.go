// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode"
)

var (
	mdLink   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdCode   = regexp.MustCompile("`([^`]+)`")
	mdPath   = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$`)
	docPath  = regexp.MustCompile(`\bdocs/[a-z0-9/_-]+\.md\b`)
	noteRef  = regexp.MustCompile(`\bdesign note ([0-9]{3})\b`)
	testFunc = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*$`)
)

// prose calls visit with each line of our Markdown files that is not in a fenced block.
func prose(tree fs.FS, visit func(name string, n int, line string)) error {
	return walk(tree, func(name string) error {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		fenced := false
		for n, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			} else if !fenced {
				visit(name, n+1, line)
			}
		}
		return nil
	}, ".md")
}

// Links checks that the relative links of Markdown files lead somewhere: to a file that is there, and in it to a title.
func Links(tree fs.FS) ([]string, error) {
	titles, err := anchors(tree)
	if err != nil {
		return nil, err
	}
	var found faults
	err = prose(tree, func(name string, n int, line string) {
		for _, m := range mdLink.FindAllStringSubmatch(line, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // Somewhere else in the world.
			}
			page := name
			if target != "" {
				page = path.Join(path.Dir(name), target)
			}
			if !exists(tree, page) || anchor != "" && !titles[page+"#"+anchor] {
				found.add(name, "line %d: link to %s leads nowhere", n, m[1])
			}
		}
	})
	return found.sorted(), err
}

// anchors are the titles of all Markdown files, each as "file#anchor", in the form that forges give them: small letters, without punctuation, a dash for each blank.
func anchors(tree fs.FS) (map[string]bool, error) {
	titles := map[string]bool{}
	err := prose(tree, func(name string, _ int, line string) {
		if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
			titles[name+"#"+strings.Map(anchorRune, strings.ToLower(strings.TrimSpace(title)))] = true
		}
	})
	return titles, err
}

func anchorRune(r rune) rune {
	switch {
	case r == ' ':
		return '-'
	case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
		return r
	}
	return -1
}

// Paths checks that what Markdown files name in backticks exists: paths that begin with one of our folders, seen from the top
// of the tree or from the file's own folder, and the names of tests.
func Paths(tree fs.FS) ([]string, error) {
	tests, err := testNames(tree)
	if err != nil {
		return nil, err
	}
	var found faults
	err = prose(tree, func(name string, n int, line string) {
		for _, m := range mdCode.FindAllStringSubmatch(line, -1) {
			switch s := m[1]; {
			case testFunc.MatchString(s):
				if !tests[s] {
					found.add(name, "line %d: there is no test %s", n, s)
				}
			case isOurPath(tree, s) && !isMade(tree, s) && !exists(tree, s) && !exists(tree, path.Join(path.Dir(name), s)):
				found.add(name, "line %d: there is no %s", n, s)
			}
		}
	})
	return found.sorted(), err
}

// Citations checks that the pages and design notes that Go files cite exist.
func Citations(tree fs.FS) ([]string, error) {
	var found faults
	err := walkGo(tree, func(f goFile) {
		for _, group := range f.ast.Comments {
			for _, page := range docPath.FindAllString(group.Text(), -1) {
				if !exists(tree, page) {
					found.add(f.name, "cites %s, which is not there", page)
				}
			}
			for _, m := range noteRef.FindAllStringSubmatch(group.Text(), -1) {
				if notes, err := fs.Glob(tree, "docs/design/"+m[1]+"-*.md"); err != nil || len(notes) != 1 {
					found.add(f.name, "cites design note %s, of which there are %d", m[1], len(notes))
				}
			}
		}
	})
	return found.sorted(), err
}

func testNames(tree fs.FS) (map[string]bool, error) {
	names := map[string]bool{}
	err := walkGo(tree, func(f goFile) {
		for _, d := range f.ast.Decls {
			if name := funcName(d); f.test && testFunc.MatchString(name) {
				names[name] = true
			}
		}
	})
	return names, err
}

// isOurPath tells if s, out of backticks, names a file or folder of ours: its first part is a folder at the top of the tree.
func isOurPath(tree fs.FS, s string) bool {
	first, rest, ok := strings.Cut(s, "/")
	if !ok || rest == "" || !mdPath.MatchString(s) {
		return false
	}
	info, err := fs.Stat(tree, first)
	return err == nil && info.IsDir()
}

// isMade tells if s lies in a folder that is made by a target and that .gitignore leaves out, so that it need not be there.
func isMade(tree fs.FS, s string) bool {
	ignored, err := fs.ReadFile(tree, ".gitignore")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(ignored)) {
		folder, ok := strings.CutPrefix(strings.TrimSpace(line), "/")
		if ok && strings.HasSuffix(folder, "/") && strings.HasPrefix(s, folder) {
			return true
		}
	}
	return false
}

func exists(tree fs.FS, name string) bool {
	_, err := fs.Stat(tree, path.Clean(name))
	return err == nil
}
