// SPDX-License-Identifier: Apache-2.0

package markup

// PlainText is the text of HTML for reading without its markup: what is seen, a line for each line, and behind each link its address if that is
// not what the link shows. It is UTF-8 of at most max octets.
func PlainText(text []byte, media string, max int) string { return Scan(text, media).PlainText(max) }

// PlainText is the readable text of the page, see the function of that name.
func (p *Page) PlainText(max int) string {
	var w writer
	w.max = max
	links := p.Links
	for sp := range p.spans.all() {
		for len(links) > 0 && (links[0].Kind != "a" || sp.is < spanBreak && links[0].TextEnd <= int64(sp.from)) {
			w.address(links[0])
			links = links[1:]
		}
		raw := p.text[sp.from:sp.to]
		switch sp.is {
		case spanShown:
			w.text(raw, true)
		case spanLiteral:
			w.text(raw, false)
		case spanBack:
			w.turn(1)
		case spanForth:
			w.turn(-1)
		case spanBreak:
			w.space('\n')
		case spanCell:
			w.space(' ')
		default:
		}
	}
	for _, l := range links {
		w.address(l)
	}
	return InOrder(w.String())
}

// address writes where a link leads.
func (w *writer) address(l Link) {
	if l.Kind != "a" || l.URL == "" || l.URL[0] == '#' || l.URL == l.Text {
		return
	}
	due := w.due
	w.due = ' '
	w.word([]byte("<" + l.URL + ">"))
	w.due = due
}
