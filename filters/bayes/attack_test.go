// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

// trainedFilter is a filter of a site that has learned n messages of each class. look makes it look at the database again.
func trainedFilter(t *testing.T, n int) (f filters.Filter, path string, w *writer, look func()) {
	t.Helper()
	o := DefaultOptions()
	o.Database, o.Bits = t.TempDir()+"/learned.db", 18
	w = newWriter(7)
	showBoth(t, o.Database, w, n)
	now := time.Unix(1_700_000_000, 0)
	f = newFilter(t, o, func() time.Time { return now })
	return f, o.Database, w, func() { now = now.Add(time.Hour) }
}

// caught is the share of messages that have at least as many points as one at the threshold.
func caught(t *testing.T, f filters.Filter, texts []string) (share float64) {
	t.Helper()
	n := 0
	for _, text := range texts {
		if inspect(t, f, filtertest.Envelope(), text).Score >= DefaultOptions().Score {
			n++
		}
	}
	return float64(n) / float64(len(texts))
}

func many(n int, make func() string) []string {
	var list []string
	for range n {
		list = append(list, make())
	}
	return list
}

// Text that is to mislead the learner, in a message that was never seen. docs/reference/evasions.md, number 165.
func TestWordSalad(t *testing.T) {
	f, _, w, _ := trainedFilter(t, 200)
	if got := caught(t, f, many(50, w.ham)); got > 0 {
		t.Fatalf("%v of ham is called spam", got)
	}
	payload := func() string { return w.words("offer", 500, 80) }
	for _, c := range []struct {
		name  string
		least float64 // Share that is caught all the same.
		text  func() string
	}{
		{"nothing", 1, payload},
		{"salad of a dictionary", 1, func() string { return payload() + "<p>" + w.words("never", 50_000, 300) + "</p>" }},
		{"a hidden paragraph of the site's own words", 1, func() string {
			return payload() + `<div style="display:none">` + w.words("office", 800, 400) + "</div>"
		}},
		{"a hidden paragraph in front", 1, func() string { return `<div style="font-size:0">` + w.words("office", 800, 400) + "</div>" + payload() }},
		{"four times as much news behind it", 0.9, func() string { return payload() + "<p>" + w.words("news", 800, 320) + "</p>" }},
		{"as much of the site's own words behind it", 0.5, func() string { return payload() + "<p>" + w.words("office", 800, 80) + "</p>" }},
		{"four times as much of them", 0, func() string { return payload() + "<p>" + w.words("office", 800, 320) + "</p>" }}, // Who knows them gets through.
		{"a million blanks and words in front", 1, func() string { return strings.Repeat(" \r\n", 300_000) + payload() }},
	} {
		got := caught(t, f, many(20, func() string { return w.page(3, c.text()) }))
		t.Logf("%s: %.2f caught", c.name, got)
		if got < c.least {
			t.Errorf("%s: %.2f is caught, want %.2f", c.name, got, c.least)
		}
	}
}

// Spam full of the site's own words is learned as spam, by users who are shown it, so that ham looks like spam. docs/reference/evasions.md, number 165.
func TestPoison(t *testing.T) {
	f, path, w, look := trainedFilter(t, 200)
	var list []shown
	for i := range 120 {
		if i%6 == 5 {
			list = append(list, shown{w.ham(), false}) // Its own mail goes on.
			continue
		}
		hidden, plain := w.words("office", 800, 400), w.words("office", 800, 60)
		list = append(list, shown{w.campaign(3, w.words("offer", 500, 20)+`<div style="display:none">`+hidden+"</div><p>"+plain+"</p>"), true})
	}
	show(t, path, list...)
	look()
	if got := caught(t, f, many(100, w.ham)); got > 0 {
		t.Errorf("%v of ham is called spam", got)
	}
	if got := caught(t, f, many(50, w.spam)); got < 0.95 {
		t.Errorf("%v of spam is caught", got)
	}
}

// One campaign from hosts and names that are new each time, with noise in each message. docs/reference/evasions.md, number 167.
func TestSnowshoe(t *testing.T) {
	f, path, w, look := trainedFilter(t, 200)
	text := w.words("unheard", 400, 90)
	variant := func() string {
		words := strings.Fields(text)
		for range len(words) / 5 { // A fifth of it is other words each time.
			words[w.r.IntN(len(words))] = w.words("synonym", 5000, 1)
		}
		return w.campaign(3, strings.Join(words, "<!-- "+w.words("noise", 1000, 1)+" --> "))
	}
	var list []shown
	for _, v := range many(5, variant) {
		list = append(list, shown{v, true})
	}
	show(t, path, list...)
	look()
	got := caught(t, f, many(50, variant))
	t.Logf("%.2f caught after five were learned", got)
	if got < 0.95 {
		t.Errorf("%.2f is caught", got)
	}
}
