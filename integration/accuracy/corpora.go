// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/mail"
)

// message is one message of a corpus.
type message struct {
	name     string // Below the folder of the corpora.
	spam     bool
	when     int64 // Order of arrival within the corpus.
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

// load reads the corpora and takes every message apart.
func load(o options) (c *corpora, err error) {
	c = &corpora{}
	for _, set := range []struct {
		to   *[]*message
		dir  string
		spam bool
		when func(*message, []byte, mail.Header) (int64, error)
	}{
		{&c.trec, "spamham/trec07p/ham", false, byNumber}, {&c.trec, "spamham/trec07p/spam", true, byNumber},
		{&c.sa, "spamham/spamassassin/easy-ham-1", false, byDate}, {&c.sa, "spamham/spamassassin/easy-ham-2", false, byDate},
		{&c.sa, "spamham/spamassassin/hard-ham-1", false, byDate},
		{&c.sa, "spamham/spamassassin/spam-1", true, byDate}, {&c.sa, "spamham/spamassassin/spam-2", true, byDate},
		{&c.phish, "phish", true, unordered}, {&c.spam, "spam_modern", true, unordered}, {&c.ham, "ham_modern", false, unordered},
	} {
		ms, err := folder(o.corpora, set.dir, set.spam, set.when, o.bare)
		if err != nil {
			return nil, err
		}
		*set.to = append(*set.to, ms...)
	}
	x, p := learn.NewExtractor(), (*pointer)(nil)
	if p, err = newPointer(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	start, n := time.Now(), 0
	for _, list := range [][]*message{c.trec, c.sa, c.phish, c.spam, c.ham} {
		slices.SortStableFunc(list, func(a, b *message) int { return int(min(1, max(-1, a.when-b.when))) })
		for _, m := range list {
			n++
			if err := m.take(x, p); err != nil {
				return nil, err
			}
		}
	}
	c.each = time.Since(start) / time.Duration(max(n, 1))
	return c, nil
}

func (m *message) take(x *learn.Extractor, p *pointer) error {
	msg, err := mail.Parse(bytes.NewReader(m.text), int64(len(m.text)), mail.NewBudget(mail.DefaultLimits(), nil))
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

// folder reads the messages below a folder.
func folder(root, dir string, spam bool, when func(*message, []byte, mail.Header) (int64, error), bare bool) ([]*message, error) {
	var list []*message
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isMessage(d.Name()) {
			return err
		}
		text, err := os.ReadFile(path) //nolint:gosec // a folder that the caller names
		if err != nil {
			return err
		}
		m := &message{name: strings.TrimPrefix(path, root+"/"), spam: spam}
		var line []byte
		if bytes.HasPrefix(text, []byte("From ")) {
			line, text, _ = bytes.Cut(text, []byte("\n"))
		}
		m.text = text
		msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			return err
		}
		if m.when, err = when(m, line, msg.Header()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if bare {
			m.text = withoutLists(msg, text)
		}
		list = append(list, m)
		return msg.Close()
	})
	return list, err
}

// isMessage tells messages from what lies beside them in the corpora.
func isMessage(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".eml" || ext == ".email"
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

// firstHalves leaves the part of the corpora that settings may be chosen by: what came first, and of what has no order every other message.
func (c *corpora) firstHalves() {
	c.trec, c.sa = c.trec[:len(c.trec)/2], c.sa[:len(c.sa)/2]
	for _, l := range []*[]*message{&c.phish, &c.spam, &c.ham} {
		*l = everyOther(*l, 0)
	}
}

// everyOther is every second message, in the order of names, from the first or the second on. The first ones are those that settings may be chosen by.
func everyOther[T any](list []T, from int) []T {
	var out []T
	for i := from; i < len(list); i += 2 {
		out = append(out, list[i])
	}
	return out
}
