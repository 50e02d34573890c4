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
	maxHeader = 64 << 10  // Octets of the header section, and of one field body.
	maxValues = 100       // Fields of one name, recipients, files.
	maxRaw    = 256 << 10 // Octets of the message as it came.
	maxWords  = 20_000    // Words of one text.
)

// view is one message as rules look at it. What is made for one rule is kept for the next.
type view struct {
	env    *mail.Envelope // May be nil.
	msg    *mail.Message
	facts  *facts.Facts
	raw    string
	header string
}

// texts are the texts that a rule looks at.
func (v *view) texts(r *Rule) ([]string, error) {
	if r.Field != "" {
		return v.fields(r.Field), nil
	}
	switch r.In {
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
	return v.envelope(r.In), nil
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
		all = append(all, mail.DecodeWords(value[:min(len(value), maxHeader)]))
	}
	return all
}

// wholeHeader is the header section with each field on one line, decoded.
func (v *view) wholeHeader() string {
	if v.header == "" {
		var b strings.Builder
		for _, f := range v.msg.Header() {
			value := f.Value()
			if b.Len()+len(value) > maxHeader {
				break
			}
			b.WriteString(f.Name + ": " + mail.DecodeWords(value) + "\n")
		}
		v.header = b.String()
	}
	return v.header
}

// octets are the message as it came.
func (v *view) octets() (string, error) {
	if v.raw == "" {
		b, err := io.ReadAll(io.LimitReader(v.msg.Reader(), maxRaw))
		if err != nil {
			return "", err
		}
		v.raw = string(b)
	}
	return v.raw, nil
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
