// SPDX-License-Identifier: Apache-2.0

package markup

// traits tell how an element stands within others (HTML standard, section 13.2.4.2 and 13.2.6).
type traits uint16

const (
	special    traits = 1 << iota
	formatting        // It is opened again where what is around it ends first.
	endsP             // Its start tag ends a paragraph.
	scoped            // End tags do not reach out of it.
	list              // Those of list items neither.
	heading
	part   // Of a table: it stands nowhere else.
	grid   // What is in it and no part of a table is put before the table.
	marked // What formats outside is not opened again in it.
	alien  // It is of SVG or MathML.
	guest  // Of those, but in it there is HTML.
)

// traitsOf are those of the elements of HTML.
func traitsOf(name string) traits {
	switch name {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return formatting
	case "address", "article", "aside", "blockquote", "center", "details", "dir", "div", "dl", "fieldset", "figcaption", "figure", "footer", "form", "header",
		"hgroup", "hr", "listing", "main", "menu", "nav", "p", "plaintext", "pre", "search", "section", "summary", "xmp":
		return special | endsP
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return special | endsP | heading
	case "ol", "ul":
		return special | endsP | list
	case "dialog":
		return endsP
	case "table":
		return special | scoped | grid
	case "tbody", "thead", "tfoot", "tr":
		return special | part | grid
	case "td", "th", "caption":
		return special | part | scoped | marked
	case "col", "colgroup":
		return special | part
	case "object", "applet", "marquee", "template":
		return special | scoped | marked
	case "html":
		return special | scoped
	case "area", "base", "basefont", "bgsound", "body", "br", "button", "dd", "dt", "embed", "frame", "frameset", "head", "iframe", "img", "input", "keygen", "li",
		"link", "meta", "noembed", "noframes", "noscript", "param", "script", "select", "source", "style", "textarea", "title", "track", "wbr":
		return special
	}
	return 0
}

// breaksOut knows the start tags that end SVG and MathML (HTML standard, section 13.2.6.5).
func breaksOut(name string) bool {
	switch name {
	case "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img",
		"li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var":
		return true
	}
	return false
}

// foreigner are the traits of an element in SVG or MathML.
func foreigner(name string) traits {
	switch name {
	case "foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml":
		return alien | guest | scoped | special
	}
	return alien
}

// ofHead knows what stands in the head of a page, or is it.
func ofHead(name string) bool {
	switch name {
	case "html", "head", "body", "frameset", "base", "basefont", "bgsound", "link", "meta", "title", "noscript", "noframes", "style", "script", "template":
		return true
	}
	return false
}
