// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mailweir/mailweir/policy"
)

// writer writes YAML with comments.
type writer struct{ text []byte }

// line writes a line with so many steps of two blanks before it.
func (w *writer) line(depth int, format string, args ...any) {
	w.text = append(w.text, strings.Repeat("  ", depth)...)
	w.text = fmt.Appendf(w.text, format, args...)
	w.text = append(w.text, '\n')
}

// blank writes an empty line.
func (w *writer) blank() { w.text = append(w.text, '\n') }

// comment writes a comment.
func (w *writer) comment(depth int, format string, args ...any) {
	for text := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		w.line(depth, "%s", strings.TrimRight("# "+quoteLong(text), " "))
	}
}

// maxComment is how many runes a line of comment has at most.
const maxComment = 1000

func quoteLong(s string) string {
	s = printable(s)
	if r := []rune(s); len(r) > maxComment {
		return string(r[:maxComment]) + " ..."
	}
	return s
}

var plain = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*$`)

// scalar is a text as YAML has it: as it is if that is safe, else in single quotes, within which nothing but the quote means anything.
func scalar(s string) string {
	s = printable(s)
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan":
	default:
		if plain.MatchString(s) {
			return s
		}
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// flow is a list in one line.
func flow(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = scalar(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// maxFlow is how long a list in one line may be; longer ones are written one below the other.
const maxFlow = 100

// list writes a key with a list.
func (w *writer) list(depth int, key string, list []string) {
	if text := flow(list); len(text) <= maxFlow {
		w.line(depth, "%s: %s", key, text)
		return
	}
	w.line(depth, "%s:", key)
	for _, s := range list {
		w.line(depth+1, "- %s", scalar(s))
	}
}

// actionList is a list of actions in one line.
func actionList(list []policy.Action) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Name
		if a.Arg != "" {
			out[i] = fmt.Sprintf("{%s: %s}", a.Name, scalar(a.Arg))
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}
