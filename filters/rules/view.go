// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"io"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// Limits of what rules look at; what is behind them they do not see.
const (
	maxHeader = 256 << 10 // Octets of the header section.
	maxShown  = 8 << 10   // Octets of one field in it: a long one does not hide those below it.
	maxField  = 64 << 10  // Octets of a field body that a rule asks for by name.
	maxValues = 100       // Fields of one name, recipients, files.
	maxRaw    = 256 << 10 // Octets of the message as it came.
	maxWords  = 20_000    // Words of one text.
)

// view is one message as rules look at it. What is made for one rule is kept for the next.
type view struct {
	env   *mail.Envelope // May be nil.
	msg   *mail.Message
	facts *facts.Facts
	seen  map[where]*place
}

// where says where a rule looks: one of them is set.
type where struct{ in, field string }

// place is what stands there.
type place struct {
	texts []string
	words [][]string // Of each text; nil until a rule asks for them.
}

// place gives what a rule looks at.
func (v *view) place(r *Rule) (*place, error) {
	at := where{r.In, strings.ToLower(r.Field)}
	if p := v.seen[at]; p != nil {
		return p, nil
	}
	texts, err := v.texts(at)
	if err != nil {
		return nil, err
	}
	if v.seen == nil {
		v.seen = map[where]*place{}
	}
	v.seen[at] = &place{texts: texts}
	return v.seen[at], nil
}

// eachWords are the words of each text.
func (p *place) eachWords() [][]string {
	if p.words == nil {
		p.words = make([][]string, len(p.texts))
		for i, t := range p.texts {
			p.words[i] = facts.Words(t, maxWords)
		}
	}
	return p.words
}

func (v *view) texts(at where) ([]string, error) {
	if at.field != "" {
		return v.fields(at.field), nil
	}
	switch at.in {
	case "body":
		return []string{v.facts.Text}, nil
	case "hidden":
		return []string{v.facts.Hidden}, nil
	case "link":
		return v.facts.Links, nil
	case "header":
		return []string{v.wholeHeader()}, nil
	case "raw":
		text, err := v.octets()
		return []string{text}, err
	case "file":
		return v.files(), nil
	}
	return v.envelope(at.in), nil
}

func (v *view) envelope(in string) []string {
	if v.env == nil {
		return nil
	}
	switch in {
	case "mail_from":
		return []string{v.env.MailFrom.Address}
	case "helo":
		return []string{v.env.Client.HELO}
	case "client":
		return []string{v.env.Client.Name, v.env.Client.Addr}
	case "rcpt_to":
		var all []string
		for _, to := range v.env.RcptTo[:min(len(v.env.RcptTo), maxValues)] {
			all = append(all, to.Address)
		}
		return all
	}
	return nil
}

// fields are the bodies of all fields of that name, decoded.
func (v *view) fields(name string) []string {
	var all []string
	for f := range v.msg.Header().All(name) {
		if len(all) == maxValues {
			break
		}
		value := f.Value()
		all = append(all, mail.DecodeWords(value[:min(len(value), maxField)]))
	}
	return all
}

// wholeHeader is the header section with each field on one line, decoded.
func (v *view) wholeHeader() string {
	var b strings.Builder
	for _, f := range v.msg.Header() {
		value := f.Value()
		line := f.Name + ": " + mail.DecodeWords(value[:min(len(value), maxShown)])
		line = strings.ReplaceAll(line[:min(len(line), maxShown)], "\n", " ")
		if b.Len()+len(line) >= maxHeader {
			break
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// octets are the message as it came.
func (v *view) octets() (string, error) {
	b, err := io.ReadAll(io.LimitReader(v.msg.Reader(), maxRaw))
	return string(b), err
}

// files are the names of attachments.
func (v *view) files() []string {
	var all []string
	for p := range v.msg.Parts() {
		if len(all) >= maxValues {
			break
		}
		all = append(all, p.Filenames()...)
	}
	return all
}
