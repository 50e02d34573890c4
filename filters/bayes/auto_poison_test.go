// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"fmt"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

// Mail that is surely spam, and full of the site's own words or as if from those who write to it, is not learned as spam by itself. docs/reference/evasions.md, number 165.
func TestSpamTraining(t *testing.T) {
	f, w, _ := autoFilter(t, 200)
	before, host := caught(t, f, many(100, w.ham)), 0
	for range 20 {
		for _, text := range []string{
			w.campaign(1, w.words("office", 800, 200)),
			w.subject("office", w.shape(0, "mail3.example.org", "<person3@mail3.example.org>", w.words("offer", 500, 20)+w.words("office", 800, 100), "http://listed.test/")),
		} {
			host++
			env := filtertest.Envelope()
			env.Client = mail.Client{Addr: fmt.Sprintf("203.0.%d.1", host)}
			f.Follow(t.Context(), env, filtertest.Message(t, text), surelySpam)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, spam := counts(t, f); spam != 200 {
		t.Errorf("%d were learned", spam-200)
	}
	if after := caught(t, f, many(100, w.ham)); after > before {
		t.Errorf("%v of ham is called spam, %v before", after, before)
	}
}

// Strangers, however many domains they have, do not take the place of those whom the site knows: half of a day's share is not for them.
func TestStrangersShare(t *testing.T) {
	f, _, _ := autoFilter(t, 1)
	took := func(n int, l lesson) (taken int) {
		for i := range n {
			if f.auto.limited([]string{fmt.Sprint(l, i)}, l, 1000) == "" {
				taken++
			}
		}
		return taken
	}
	if got := took(50, lesson{class: classHam, stranger: true}); got != 10 {
		t.Errorf("of strangers: %d, want 10", got)
	}
	if got := took(50, lesson{class: classHam}); got != 10 {
		t.Errorf("of others: %d, want 10", got)
	}
	if got := took(50, lesson{class: classSpam}); got != 20 {
		t.Errorf("of spam: %d, want 20", got)
	}
}
