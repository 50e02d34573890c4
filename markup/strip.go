// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// StripHTML is the edit that turns the HTML bodies of a message into readable text. Where the sender has sent a text beside the HTML, that is
// all that is left of the two. Attachments, and what is signed or encrypted, stay as they are.
type StripHTML struct{}

var _ mail.Edit = StripHTML{}

// Bounds of what is read of one body and written for it, in octets.
const (
	maxStripped = 16 << 20
	maxPlain    = 1 << 20
)

func (StripHTML) String() string { return "strip HTML" }

// Apply adds the changes to d.
func (StripHTML) Apply(d *mail.Draft) error {
	for p := range d.Message().Parts() {
		if !isBody(p) {
			continue
		}
		beside, err := hasText(p.Parent)
		if err != nil {
			return err
		}
		if beside {
			if err := (mail.DropEntity{Part: p.ID}).Apply(d); err != nil {
				return err
			}
			continue
		}
		text, err := p.Text(maxStripped)
		if err != nil {
			return err
		}
		plain := PlainText([]byte(text), p.MediaType, maxPlain)
		if err := (mail.ReplaceEntity{Part: p.ID, MediaType: "text/plain", Body: []byte(plain)}).Apply(d); err != nil {
			return err
		}
	}
	return nil
}

// isBody tells if p is HTML that is shown and may be changed.
func isBody(p *mail.Part) bool {
	return (p.MediaType == "text/html" || p.MediaType == "application/xhtml+xml") && p.Disposition != "attachment" && !p.Protected()
}

// hasText tells if the parts of p are alternatives and one of them is a text in which there is something.
func hasText(p *mail.Part) (bool, error) {
	if p == nil || p.MediaType != "multipart/alternative" {
		return false, nil
	}
	for _, c := range p.Children {
		if c.MediaType != "text/plain" || !c.IsLeaf() {
			continue
		}
		text, err := c.Text(maxStripped)
		if err != nil {
			return false, err
		}
		if strings.TrimSpace(text) != "" {
			return true, nil
		}
	}
	return false, nil
}
