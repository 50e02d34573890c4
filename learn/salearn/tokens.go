// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"crypto/sha1" //nolint:gosec // how SpamAssassin keeps tokens; nothing rests on its strength
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/urls"
)

// Limits of what is looked at of one message.
const (
	maxText   = 50_000 // Octets of one text, as SpamAssassin's body_part_scan_size.
	maxHTML   = 512 << 10
	maxTexts  = 16
	maxLine   = 2048 // Octets of a line; longer ones are cut at a blank.
	maxURLs   = 200  // Of one text.
	maxURL    = 2 << 10
	maxHeader = 64 << 10 // Octets of the header section.
	maxAll    = 50_000   // Tokens.
)

// Tokenizer takes messages apart as SpamAssassin 4 does: words of the text that is seen and of what is not, links, and header fields. It is safe for
// many goroutines.
type Tokenizer struct {
	patterns patterns
	short    map[string]string // See shortNames.
	stops    map[string]bool   // See stopWords.
}

// NewTokenizer makes one.
func NewTokenizer() *Tokenizer {
	return &Tokenizer{patterns: newPatterns(), short: shortNames(), stops: stopWords()}
}

// Tokens gives the tokens of a message, each once, in no order that means anything. The error tells why the message could not be read.
func (t *Tokenizer) Tokens(msg *mail.Message) ([]Token, error) {
	b := t.newBag()
	if err := b.body(msg); err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	t.header(msg.Header(), b.add)
	return b.list, nil
}

func (t *Tokenizer) newBag() *bag {
	return &bag{tok: t, seen: map[Token]struct{}{}, urls: map[string]struct{}{}}
}

// bag collects tokens.
type bag struct {
	tok  *Tokenizer
	seen map[Token]struct{}
	urls map[string]struct{} // Those taken already.
	list []Token
}

func (b *bag) add(text string) {
	if text == "" || len(b.list) == maxAll {
		return
	}
	id := tokenOf(text)
	if _, ok := b.seen[id]; !ok {
		b.seen[id] = struct{}{}
		b.list = append(b.list, id)
	}
}

// tokenOf is how SpamAssassin keeps the token of that text.
func tokenOf(text string) Token {
	sum := sha1.Sum([]byte(text)) //nolint:gosec // as above
	var t Token
	for _, c := range sum[len(sum)-5:] {
		t = t<<8 | Token(c)
	}
	return t
}

// body takes the texts of a message.
func (b *bag) body(msg *mail.Message) error {
	var seen, hidden strings.Builder
	n := 0
	for p := range msg.Parts() {
		isHTML := p.MediaType == "text/html"
		if !isHTML && p.MediaType != "text/plain" {
			continue
		}
		if n++; n > maxTexts {
			break
		}
		if isHTML {
			src, err := p.Text(maxHTML)
			if err != nil {
				return err
			}
			page := markup.Scan([]byte(src), p.MediaType)
			text, not := page.Text(maxText)
			appendPart(&seen, text)
			appendPart(&hidden, not)
			b.links(page)
			b.addresses(text)
			continue
		}
		text, err := p.Text(maxText)
		if err != nil {
			return err
		}
		appendPart(&seen, text)
		b.addresses(text)
	}
	for l := range lines(mail.DecodeWords(msg.Header().Get("Subject")) + "\n\n" + seen.String()) {
		b.tok.line(l, "", inBody, b.add)
	}
	for l := range lines(hidden.String()) {
		b.tok.line(l, "I*:", inBody, b.add)
	}
	return nil
}

// appendPart puts the text of one more part behind the others.
func appendPart(all *strings.Builder, text string) {
	if all.Len() > 0 {
		all.WriteByte('\n')
	}
	all.WriteString(text)
}

// addresses takes the addresses that stand in a text.
func (b *bag) addresses(text string) {
	for _, f := range urls.Text(text, maxURLs) {
		raw := text[f.Start:f.End]
		switch {
		case strings.Contains(raw, ":"):
		case strings.Contains(raw, "@"):
			raw = "mailto:" + raw
		default:
			raw = "http://" + raw
		}
		b.url(raw)
	}
}

// links takes the addresses that a page leads to or shows images from.
func (b *bag) links(page *markup.Page) {
	for _, l := range page.Links[:min(len(page.Links), maxURLs)] {
		b.url(l.URL)
	}
	for _, i := range page.Images[:min(len(page.Images), maxURLs)] {
		b.url(i.URL)
	}
}

// url takes an address, as it is and with its percent signs decoded.
func (b *bag) url(u string) {
	u = u[:min(len(u), maxURL)]
	if _, ok := b.urls[u]; ok {
		return
	}
	b.urls[u] = struct{}{}
	b.tok.line(u, "", inURL, b.add)
	if strings.Contains(u, "%") {
		b.tok.line(unescape(u), "", inURL, b.add)
	}
}

// unescape decodes %XX, and leaves what is wrong.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if h, l := hexDigit(s[i+1]), hexDigit(s[i+2]); h < 16 && l < 16 {
				out = append(out, h<<4|l)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
