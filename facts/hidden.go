// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// hidden compares what the pages show with what they hide. A line that mail clients show beside the Subject is hidden in most newsletters, so it takes more than
// that to be odd.
func (s *session) hidden() {
	b := &s.b
	if b.htmls == 0 {
		return
	}
	hidden, visible := strings.TrimSpace(b.hidden), strings.TrimSpace(b.visible)
	s.counted(len(hidden) > 1500 && len(hidden) > len(visible), "hidden_text_much", len(hidden))
	if len(hidden) < 300 {
		return
	}
	words, lines, markup := 0, 0, strings.Count(hidden, "{")+strings.Count(hidden, "<")
	long := map[string]bool{}
	for w := range strings.FieldsSeq(cut(hidden, 16<<10)) {
		words++
		if len(w) > 3 {
			long[w] = true
		}
	}
	lines = strings.Count(cut(hidden, 16<<10), ".") + 1
	// Salad: many words that are never the same, and hardly a sentence among them.
	s.when(words > 80 && markup < words/20 && len(long)*10 > words*6 && words/lines > 40, "hidden_salad")
	s.when(words > 80 && markup < words/20 && words > 2*len(strings.Fields(cut(visible, 16<<10))), "hidden_words")
}
