// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"testing"
)

// TestGroups: each group of phrases is found by its own phrases in text and Subject, in any case, and every phrase can be found.
func TestGroups(t *testing.T) {
	p := newPhrases()
	for g, group := range wordGroups {
		for phrase := range strings.SplitSeq(strings.ReplaceAll(group.phrases, "\n", "|"), "|") {
			words := Words(strings.ToUpper("so "+phrase+" then"), 100)
			if len(words) > 2 && p.found(words)[g] == 0 {
				t.Errorf("%s: %q is not found", group.name, phrase)
			}
		}
		s := sessionOf(strings.ReplaceAll(group.phrases, "|", ", "), strings.ReplaceAll(cut(group.phrases, 60), "|", ", "))
		s.wording()
		for _, want := range []string{"words_" + group.name, "words_" + group.name + "_many", "subject_" + group.name} {
			if !s.has(want) {
				t.Errorf("%s is not found by its own phrases", want)
			}
		}
	}
}

func sessionOf(text, subject string) *session {
	s := &session{t: shipped()}
	s.b.all, s.b.folded, s.h.subject = text, plainForm(text), subject
	return s
}

// TestChance: one phrase in a long text says nothing.
func TestChance(t *testing.T) {
	s := sessionOf(strings.Repeat("The gardener looks after the apple trees. ", 200)+"The invoice is in the mail, and the renewal as well.", "")
	s.wording()
	if s.has("words_payment") {
		t.Errorf("found %v", s.list)
	}
}
