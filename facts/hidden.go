// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// maxHidden is the number of octets of a text that are looked at for what is hidden.
const maxHidden = 16 << 10

// hidden compares what the pages show with what they hide. Most newsletters hide a line, which mail clients show beside the Subject, so it takes more
// than that to be odd.
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
	markup := strings.Count(hidden, "{") + strings.Count(hidden, "<") // Of styles that were left over.
	hidden = cut(hidden, maxHidden)
	words, long := 0, map[string]bool{}
	for w := range strings.FieldsSeq(hidden) {
		words++
		if len(w) > 3 {
			long[w] = true
		}
	}
	if words <= 80 || markup >= words/20 {
		return
	}
	sentences := strings.Count(hidden, ".") + 1
	s.when(len(long)*10 > words*6 && words/sentences > 40, "hidden_salad")
	s.when(words > 2*len(strings.Fields(cut(visible, maxHidden))), "hidden_words")
}
