// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"strings"
)

// Quotes checks that a block of Markdown marked "cf FILE" holds what that file holds, less comments and empty lines: what a how-to
// shows is what the tests run.
func Quotes(tree fs.FS) ([]string, error) {
	var found faults
	err := eachBlock(tree, func(name string, b block) {
		file, quoted := strings.CutPrefix(b.info, "cf ")
		if !quoted {
			return
		}
		want, err := fs.ReadFile(tree, file)
		switch {
		case err != nil:
			found.add(name, "line %d: quotes %s, which is not there", b.line, file)
		case bare(string(want)) != bare(b.text):
			found.add(name, "line %d: is not what %s holds", b.line, file)
		}
	})
	return found.sorted(), err
}

// bare is a Postfix file without comments and empty lines.
func bare(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "#") {
			b.WriteString(strings.TrimRight(line, " \t\r\n") + "\n")
		}
	}
	return b.String()
}
