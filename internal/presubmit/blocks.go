// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"strings"
)

// eachBlock visits the fenced blocks of all Markdown files.
func eachBlock(tree fs.FS, visit func(name string, b block)) error {
	return walk(tree, func(name string) error {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		for _, b := range blocks(string(text)) {
			visit(name, b)
		}
		return nil
	}, ".md")
}

// block is a fenced block of Markdown.
type block struct {
	info string // What stands behind the opening fence.
	line int    // Of its first line.
	text string
}

// blocks finds the fenced blocks of a Markdown file.
func blocks(text string) []block {
	var list []block
	open := false
	for n, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && !open:
			list = append(list, block{info: strings.TrimSpace(info), line: n + 2})
			open = true
		case fence:
			open = false
		case open:
			list[len(list)-1].text += line + "\n"
		}
	}
	return list
}
