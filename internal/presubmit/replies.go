// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"go/ast"
	"go/token"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// RepliesPage lists every SMTP reply that mailweir writes itself.
const RepliesPage = "docs/reference/replies.md"

var (
	replyRow    = regexp.MustCompile("^\\| `([2-5][0-9][0-9] [^`]*)` \\|")
	enhanced    = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}$`)
	placeholder = regexp.MustCompile(`\b[A-Z]*(HOST|ID|VALUE)\b`)
)

// Replies checks that every reply with a constant code has a row in RepliesPage, and every row a place in the source. What
// is not constant in the text stands as HOST, ID or VALUE in the page.
func Replies(tree fs.FS) ([]string, error) {
	page, err := fs.ReadFile(tree, RepliesPage)
	if err != nil {
		return nil, err
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if m := replyRow.FindStringSubmatch(line); m != nil {
			rows[placeholder.ReplaceAllString(m[1], "*")] = true
		}
	}
	var found faults
	said := map[string]bool{}
	err = walkGo(tree, func(f goFile) {
		top, _, _ := strings.Cut(f.dir, "/")
		if f.test || top == "internal" {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			text, ok := replyText(n)
			if ok && !rows[text] {
				found.add(f.name, "line %d: reply %q is not in %s", f.set.Position(n.Pos()).Line, text, RepliesPage)
			}
			said[text] = said[text] || ok
			return true
		})
	})
	for text := range rows {
		if !said[text] {
			found.add(RepliesPage, "nothing in the source says %q", text)
		}
	}
	return found.sorted(), err
}

// replyText is the reply that a call makes, with "*" for what is not constant. It is told by its arguments: a literal
// reply code, a literal enhanced status code (RFC 3463), a text. A function named text adds the ID.
func replyText(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 3 {
		return "", false
	}
	code, ok := call.Args[0].(*ast.BasicLit)
	if !ok || code.Kind != token.INT || !enhanced.MatchString(constant(call.Args[1])) {
		return "", false
	}
	text := code.Value + " " + constant(call.Args[1]) + " " + constant(call.Args[2])
	if fn, ok := call.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "text" {
		text += ", id=*"
	}
	return text, true
}

// constant is the text of a string expression, with "*" for each part that is no literal.
func constant(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil {
			return s
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return constant(e.X) + constant(e.Y)
		}
	}
	return "*"
}
