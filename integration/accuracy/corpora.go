// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/internal/spamham"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/mail"
)

// message is one message of a corpus.
type message struct {
	name     string // Below the folder of the corpora.
	spam     bool
	text     []byte
	features *learn.Features
	points   float64 // Of the filters that do not learn.
}

// corpora are the messages, each corpus in order of arrival.
type corpora struct {
	trec, sa         []*message
	phish, spam, ham []*message
	each             time.Duration // What it took to take one message apart, with all filters.
}

// lists are the corpora by the names that package spamham gives them.
func (c *corpora) lists() map[string]*[]*message {
	return map[string]*[]*message{
		spamham.TREC: &c.trec, spamham.SpamAssassin: &c.sa, spamham.Phish: &c.phish, spamham.SpamModern: &c.spam, spamham.HamModern: &c.ham,
	}
}

// load reads the corpora and takes every message apart.
func load(o options) (c *corpora, err error) {
	c = &corpora{}
	lists := c.lists()
	for name, to := range lists {
		found, err := spamham.Read(o.corpora, name)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			*to = append(*to, &message{name: m.Name, spam: m.Spam, text: m.Text})
		}
	}
	x := learn.NewExtractor()
	p, err := newUnlearned()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	start, n := time.Now(), 0
	for _, name := range spamham.Names() {
		for _, m := range *lists[name] {
			n++
			if err := m.take(x, p, o.bare); err != nil {
				return nil, err
			}
		}
	}
	c.each = time.Since(start) / time.Duration(max(n, 1))
	return c, nil
}

// take takes a message apart. With bare it is first left without what withoutLists leaves out.
func (m *message) take(x *learn.Extractor, p *unlearned, bare bool) error {
	msg, err := parsed(m.text)
	if err == nil && bare {
		m.text = withoutLists(msg, m.text)
		if err = msg.Close(); err == nil {
			msg, err = parsed(m.text)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	if m.features, err = x.Features(nil, msg); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	if m.points, err = p.points(msg); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return msg.Close()
}

func parsed(text []byte) (*mail.Message, error) {
	return mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
}

// withoutLists is a message without what tells which list or server it came by.
func withoutLists(msg *mail.Message, text []byte) []byte {
	var out []byte
	for _, f := range msg.Header() {
		name := strings.ToLower(f.Name)
		switch {
		case strings.HasPrefix(name, "list-"), strings.HasPrefix(name, "x-mailman"), strings.HasPrefix(name, "x-list"):
		case slices.Contains([]string{"received", "x-beenthere", "precedence", "mailing-list", "x-mailing-list", "errors-to", "sender", "x-loop", "delivered-to", "return-path"}, name):
		default:
			out = append(out, f.Raw...)
		}
	}
	return append(append(out, '\n'), text[min(int(msg.Root().Body), len(text)):]...)
}

// firstHalves leaves the part of the corpora that settings may be chosen by.
func (c *corpora) firstHalves() {
	for name, list := range c.lists() {
		*list, _ = spamham.Halves(name, *list)
	}
}
