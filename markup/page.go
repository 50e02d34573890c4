// SPDX-License-Identifier: Apache-2.0

// Package markup reads HTML as mail clients and browsers may read it, in one linear pass over its octets: what in it is dangerous and how to
// disarm that in place, its links with what is shown of them, its images, and its text as far as it is seen and as far as it is hidden.
// It builds no tree, runs nothing, fetches nothing, and never writes HTML anew: all it gives are offsets and changes of a few octets.
// Where browsers may tokenize a text in more than one way, all ways are looked at. The filters html and phishing call it; both
// share one pass over each leaf.
package markup

import "github.com/mailweir/mailweir/mail"

// Limits of one text.
const (
	MaxSource  = 16 << 20 // Octets of a text that is looked at; a longer one is Unreadable.
	MaxDangers = 50_000   // What has more is Unreadable.
	MaxLinks   = 60_000   // What has more is Unreadable.
	MaxImages  = 10_000   // Images that are kept.
	MaxShown   = 512      // Octets of a Link's Text and Title, and of an Image's Alt.
	MaxURL     = 8 << 10  // Octets of a Link's URL.

	LaidImage = 100 // Octets of text that an image or a background counts as, in Laid.
)

// Kind is a kind of danger.
type Kind string

// The kinds.
const (
	Script    Kind = "script"    // A program: script elements, HTML imports.
	Handler   Kind = "handler"   // An attribute whose value is a program: onclick.
	Iframe    Kind = "iframe"    // Another page inside this one: iframe, frame, portal.
	Object    Kind = "object"    // Something a plug-in runs: object, embed, applet.
	Form      Kind = "form"      // Asks for input and sends it off.
	Refresh   Kind = "refresh"   // Goes to another page by itself.
	Base      Kind = "base"      // Gives all links another base.
	Scheme    Kind = "scheme"    // A URL that runs, or opens a program or a file share: javascript:, file:, ms-msdt:.
	CSS       Kind = "css"       // A style that runs, or tells others what is on the page.
	SVG       Kind = "svg"       // What only SVG, MathML and XML have: animated links, entities, style sheets that are programs.
	WebBug    Kind = "webbug"    // A remote image that is not to be seen.
	Remote    Kind = "remote"    // Content that is fetched when the text is shown.
	Smuggling Kind = "smuggling" // A file inside the text that the text puts together or offers for download.
)

// Kinds lists every kind, in the order of the documents.
func Kinds() []Kind {
	return []Kind{Script, Handler, Iframe, Object, Form, Refresh, Base, Scheme, CSS, SVG, Smuggling, WebBug, Remote}
}

// Danger is one thing that is dangerous. To disarm one kind, the Changes of all dangers of this kind are made.
type Danger struct {
	Kind   Kind
	Detail string // What it is, in few words, such as "onclick of img"; "" if it belongs to the danger before it.
	Change mail.BodyChange
}

// Link is an address in the text, and where it stands. Offsets are octets of the text.
type Link struct {
	Kind  string // a, area, form, button, img, css, refresh, base, svg, link, object, media
	URL   string // As a browser takes it: without character references, white space around it, tabs and line ends.
	Text  string // What is visible of the element's text; "" if Kind has none.
	Title string // Of the element.

	Start, End         int64 // The tag.
	AttrStart, AttrEnd int64 // The attribute, or what stands in CSS between the parentheses.
	TextEnd            int64 // Where the element ends, before its end tag; End if it has no content.
}

// Image is an img element, or another that shows an image.
type Image struct {
	URL           string // As a browser takes it; "cid:..." is another part of the message. At most MaxURL octets, "" for data URLs.
	Alt           string
	Width, Height int  // Pixels; -1 if not given.
	Hidden        bool // Not to be seen.
	Start, End    int64
}

// Page is what one text holds.
type Page struct {
	Dangers  []Danger   // In the order of the text.
	Links    []Link     // In the order of the text.
	Images   []Image    // In the order of the text, at most MaxImages.
	Matrices [][][]bool // Tables whose cells are dark (true) and light, as QR codes are drawn.
	Lang     string     // Language tag of the root or body element; "" if none.
	// Unreadable tells why nobody can say how others read the text, or why it was not read; "" if it was understood. There are no Changes
	// that make it harmless then: show PlainText.
	Unreadable string
	// Unfollowed tells why nobody can say what is to be seen: a limit of style sheets, or of what is within what, was hit, or a style has an effect that
	// is not known. It is "" if all was followed. Dangers and Links are whole then, but text that is hidden may be taken for shown, and drawings in
	// tables be missed.
	Unfollowed string

	// Laid is how much text, in octets, stands in elements that other text may lie over or under, as they have places of their own, or less room than
	// their text needs, or that only some programs show, as a video. An image or a background there counts as LaidImage.
	Laid int

	text  []byte
	spans spans // Of its text.
	cells int   // Of tables.
}

// Scan reads a text of the media type. The text stays referenced.
func Scan(text []byte, media string) *Page { return scan(text, media, false) }

// scan reads a text; if it is bare, for its dangers only.
func scan(text []byte, media string, bare bool) *Page {
	p := &Page{text: text}
	if len(text) > MaxSource {
		p.Unreadable = "too large"
		return p
	}
	s := newScanner(p, media)
	s.bare = bare
	s.run()
	s.finish()
	if s.rules.late {
		p = s.again(media)
	}
	return p
}

// again reads a text once more whose style sheets came late, now that their rules are known.
func (s *scanner) again(media string) *Page {
	p := &Page{text: s.page.text}
	second := newScanner(p, media)
	second.rules = s.rules
	second.rules.whole, second.rules.late, second.rules.work = true, false, 0
	second.run()
	second.finish()
	return p
}
