// SPDX-License-Identifier: Apache-2.0

package content

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// samples is the set whose files are messages by whatever name.
const samples = "mime, all samples"

// hamSets are folders of mail that people wanted, below MAILWEIR_CORPORA, by the names of the table.
func hamSets(root string) map[string][]string {
	return map[string][]string{
		"ham_modern":       {filepath.Join(root, "ham_modern")},
		"spamassassin ham": glob(root, "spamham/spamassassin/*ham*"),
		"trec07p, its ham": glob(root, "spamham/trec07p/ham*"),
		"phishing_pot":     {filepath.Join(root, "phish")},
		samples:            {filepath.Join(root, "mime")},
	}
}

func glob(root, pattern string) []string {
	dirs, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern))) // The pattern is sound.
	return dirs
}

// TestHam prints, by set, how many messages have a finding of which code, and which messages do if they are few. MAILWEIR_SET limits it
// to one set.
func TestHam(t *testing.T) {
	root := corpora.Dir(t)
	e := newEngine(t)
	sets := hamSets(root)
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		if want := os.Getenv("MAILWEIR_SET"); want != "" && want != name {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := &census{byCode: map[string][]string{}, byClass: map[filters.Class]int{}}
			for _, dir := range sets[name] {
				for _, file := range slices.Sorted(maps.Keys(files(t, dir))) {
					if ext := filepath.Ext(file); name != samples && ext != ".eml" && ext != ".email" {
						continue // It lies beside the messages.
					}
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					env := &mail.Envelope{ID: "ham", MailFrom: mail.NewPath("a@example.org"), RcptTo: []mail.Path{mail.NewPath("b@example.net")}}
					a, err := e.Inspect(t.Context(), env, bytes.NewReader(text), int64(len(text)))
					if err != nil {
						t.Fatal(err)
					}
					rel, _ := filepath.Rel(root, file) // Both are from the same walk.
					s.add(rel, a.Result.Findings)
					if p := a.Release(); p != nil {
						<-p
					}
				}
			}
			if s.messages == 0 {
				t.Skip("no such set")
			}
			t.Log(s)
		})
	}
}

// census counts messages by what was found in them.
type census struct {
	messages int
	byCode   map[string][]string // Messages and the first detail.
	byClass  map[filters.Class]int
}

func (s *census) add(name string, found []filters.Finding) {
	s.messages++
	codes, classes := map[string]bool{}, map[filters.Class]bool{}
	for _, f := range found {
		if !codes[f.Code] {
			s.byCode[f.Code] = append(s.byCode[f.Code], name+": "+f.Detail)
		}
		codes[f.Code], classes[f.Class] = true, true
	}
	for c := range classes {
		s.byClass[c]++
	}
}

// shown is how many messages of a code are listed.
const shown = 40

func (s *census) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d messages\n", s.messages)
	for _, c := range slices.Sorted(maps.Keys(s.byClass)) {
		fmt.Fprintf(&b, "  class %s: %d (%.2f %%)\n", c, s.byClass[c], 100*float64(s.byClass[c])/float64(s.messages))
	}
	for _, code := range slices.Sorted(maps.Keys(s.byCode)) {
		list := s.byCode[code]
		fmt.Fprintf(&b, "  %s: %d\n", code, len(list))
		for _, l := range list[:min(len(list), shown)] {
			fmt.Fprintf(&b, "    %.240s\n", l)
		}
	}
	return b.String()
}
