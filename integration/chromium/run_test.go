// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// harmless is what the filter makes of a page with the kinds disarmed: if nobody can say what to change, its text.
func harmless(body []byte, media string, kinds []markup.Kind) (after []byte, afterMedia string) {
	p := markup.Scan(body, media)
	if p.Unreadable != "" {
		return []byte(html.EscapeString(p.PlainText(1 << 20))), "text/plain"
	}
	return p.Disarm(kinds...), media
}

// tally counts pages.
type tally struct{ pages, live, ran, asked, unreadable int }

// watch loads a page as it is and disarmed. With every kind disarmed nothing may happen; with those that are by default, nothing may run.
func (b *browser) watch(t *testing.T, n *tally, name string, body []byte, media string) {
	t.Helper()
	before := b.load(t, name, body, media)
	n.pages++
	if len(before.ran) > 0 {
		n.ran++
	}
	if len(before.asked) > 0 {
		n.asked++
	}
	if len(before.ran)+len(before.asked) > 0 {
		n.live++
	}
	all, allMedia := harmless(body, media, markup.Kinds())
	if allMedia != media {
		n.unreadable++
	}
	got := b.load(t, name+"-after", all, allMedia)
	if len(got.ran) > 0 || len(got.asked) > 0 || len(got.later) > 0 {
		t.Errorf("%s\n  %s\nbecame\n  %s\nran %q, asked for %q, and %q when touched", name, short(body), short(all), got.ran, got.asked, got.later)
	}
	if some, _ := harmless(body, media, usual()); !bytes.Equal(some, all) {
		if got := b.load(t, name+"-usual", some, allMedia); len(got.ran) > 0 {
			t.Errorf("%s\n  %s\nbecame by default\n  %s\nran %q", name, short(body), short(some), got.ran)
		}
	}
	if testing.Verbose() && len(before.ran) == 0 && len(before.asked) == 0 {
		t.Logf("%s does nothing: %s", name, short(body))
	}
}

func short(b []byte) string {
	if len(b) > 400 {
		return string(b[:400]) + "..."
	}
	return string(b)
}

func (n tally) report(t *testing.T, what string, least int) {
	t.Helper()
	t.Logf("%s: %d pages; before: %d ran something, %d asked for something; after: none may; shown as text: %d", what, n.pages, n.ran, n.asked, n.unreadable)
	if n.live < least {
		t.Errorf("%s: only %d of %d pages did anything before, want at least %d: the test does not see", what, n.live, n.pages, least)
	}
}

func TestVectors(t *testing.T) {
	for _, set := range []struct {
		name  string
		pages []string
		least int // How many do something, so that the test sees.
	}{
		{"vectors", vectors(), 90},
		{"parser", parserVectors(), 60},
		{"address", addressVectors(), 60},
		{"odd", oddVectors(), 40},
	} {
		t.Run(set.name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t)
			var n tally
			for i, v := range set.pages {
				b.watch(t, &n, fmt.Sprintf("%s%d", set.name, i), []byte(v), "text/html")
			}
			n.report(t, set.name, set.least)
		})
	}
}

// TestDrawings loads files of XML.
func TestDrawings(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	var n tally
	for i, v := range drawings() {
		media := "image/svg+xml"
		if strings.HasPrefix(v, "<html") {
			media = "application/xhtml+xml"
		}
		b.watch(t, &n, fmt.Sprintf("d%d", i), []byte(v), media)
	}
	n.report(t, "drawings", 8)
}

// TestWooyun loads what was sent to break into web mail.
func TestWooyun(t *testing.T) {
	dir := corpora.Dir(t, "evasion/wooyun-email-xss")
	t.Parallel()
	b := newBrowser(t)
	var n tally
	eachPart(t, dir, func(name string, p *mail.Part, src *mail.Source) {
		if src.Text = toHTML(p, src); src.Text != nil {
			b.watch(t, &n, "w-"+name, src.Text, "text/html")
		}
	})
	n.report(t, "wooyun", 5)
}

// toHTML gives the text of a part that somebody may show as HTML; nil for others.
func toHTML(p *mail.Part, src *mail.Source) []byte {
	if p.MediaType == "text/html" || strings.Contains(string(src.Text), "<") && len(src.Text) < 1<<20 {
		return src.Text
	}
	return nil
}

// eachPart calls each for the leaves of all messages below a folder.
func eachPart(t *testing.T, dir string, each func(name string, p *mail.Part, src *mail.Source)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		msg, err := mail.Parse(strings.NewReader(string(text)), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			return err
		}
		leaves(msg.Root(), func(p *mail.Part) {
			if src, err := p.Source(4 << 20); err == nil {
				each(strings.TrimSuffix(filepath.Base(path), ".eml")+"-"+string(p.ID), p, src)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func leaves(p *mail.Part, each func(*mail.Part)) {
	if p.IsLeaf() {
		each(p)
	}
	for _, c := range p.Children {
		leaves(c, each)
	}
}
