// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"slices"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/notices"
	"github.com/mailweir/mailweir/urls"
)

// fix makes one link inert and warns of it. The same link has one fix for all findings, so that one warning stands beside it.
type fix struct {
	inert   []mail.BodyChange
	at      []int64                  // Where the warning goes.
	warning func(text string) string // Writes it as it may stand there.
}

// changes are what makes the link harmless.
func (x *fix) changes(text string) []mail.BodyChange {
	all := slices.Clip(x.inert)
	for _, at := range x.at {
		all = append(all, mail.BodyChange{Start: at, End: at, With: x.warning(text)})
	}
	return all
}

// fixer makes the fixes of one document.
type fixer struct {
	doc   *markup.Document
	warn  func(string) string // Writes a warning as it may stand there.
	done  []span              // What fixes of links have changed, in order.
	shown map[string]bool     // The addresses in it.
	words map[string][]span   // Where the addresses of the text stand; nil until one is asked for.
}

// span is a piece of the source.
type span struct{ from, to int64 }

// editable tells if the document can be changed.
func (x *fixer) editable() bool { return x.doc.Editable && x.doc.Unreadable == "" }

// link is the fix of a link: the attribute goes, the addresses that it shows are broken so that no client makes links of them, and the warning
// stands behind them. Nil if the document cannot be changed.
func (x *fixer) link(k, content *markup.Link) *fix {
	if !x.editable() {
		return nil
	}
	f := &fix{inert: []mail.BodyChange{{Start: k.AttrStart, End: k.AttrEnd}}, warning: x.warn}
	switch k.Kind {
	case "a", "area", "button", "form":
		f.at = []int64{content.TextEnd}
	}
	if k.Kind != "a" && k.Kind != "button" || content.TextEnd <= content.End {
		return f
	}
	text := x.doc.Source.Text[content.End:content.TextEnd]
	for from, to := range pieces(text) {
		f.inert = append(f.inert, breakWords(string(text[from:to]), content.End+int64(from))...)
	}
	x.done = append(x.done, span{content.End, content.TextEnd})
	for _, found := range urls.Text(seen(content.Text), maxShown) {
		x.shown[found.URL.Raw] = true
	}
	return f
}

// text is the fix of an address in the text, wherever it stands. Nil if it does not stand there in one piece.
func (x *fixer) text(found urls.Found) *fix {
	if !x.editable() {
		return nil
	}
	if x.words == nil {
		x.words = index(x.doc.Source.Text, x.done)
	}
	raw := found.URL.Raw
	all, ok := x.words[raw]
	if !ok && !x.shown[raw] {
		return nil
	}
	f := &fix{warning: x.warn}
	for _, w := range all {
		f.inert = append(f.inert, breaks(string(x.doc.Source.Text[w.from:w.to]), w.from)...)
		f.at = append(f.at, w.to)
	}
	x.words[raw] = nil // All of them are done.
	return f
}

func htmlWarning(text string) string {
	return ` <b style="color:#b00000">[` + notices.HTML(text) + `]</b>`
}

// plainFix is the fix of an address in plain text: it is broken so that no client makes a link of it, and the warning stands behind it.
func plainFix(text string, found urls.Found, unicode bool) *fix {
	return &fix{
		inert: breaks(text[found.Start:found.End], int64(found.Start)), at: []int64{int64(found.End)}, warning: plainWarning(unicode),
	}
}

func plainWarning(unicode bool) func(string) string {
	return func(text string) string {
		if !unicode {
			text = notices.ASCII(text)
		}
		return " [" + text + "]"
	}
}

// holdsUnicode tells if any character may be written into a text.
func holdsUnicode(src *mail.Source) bool { return src.Recoded || src.Charset == "utf-8" }
