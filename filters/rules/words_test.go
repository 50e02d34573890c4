// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/facts"
)

func TestReadWords(t *testing.T) {
	var same strings.Builder
	for i := range maxSame + 1 {
		fmt.Fprintf(&same, "one %d\n", i)
	}
	for _, c := range []struct{ text, want string }{
		{"a phrase\n# nothing\n\nÜbel # one\n", ""},
		{"ok\n --- \n", "line 2: there is no word in it"},
		{strings.Repeat("a ", maxInPhrase+1), "line 1: more than 16 words"},
		{strings.Repeat("a", maxLine+1), "line 1: longer than 512 octets"},
		{same.String(), "line 101: more than 100 phrases begin with the same word"},
		{strings.Repeat("x\n", maxPhrases+1), "more than"},
	} {
		_, err := readWords(strings.NewReader(c.text))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%.40q: got %v, want %q", c.text, err, c.want)
		}
	}
}

// FuzzReadWords: every phrase of a file that was read is found in a text that holds it.
func FuzzReadWords(f *testing.F) {
	f.Add("a phrase\n# comment\nÜbel 重要\n")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := readWords(strings.NewReader(text))
		if err != nil {
			return
		}
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), "#")
			if strings.TrimSpace(line) != "" && !w.in(facts.Words("before . "+line+" . behind", maxWords)) {
				t.Errorf("%q is not found", line)
			}
		}
	})
}
