// SPDX-License-Identifier: Apache-2.0

// Package spamham reads the labelled collections of mail that points are fitted to and accuracy is measured on: in the same order, with the same
// messages and in the same halves for both, so that no message is judged by what was chosen by looking at it. They are no part of the project;
// the caller names the folder where they lie.
package spamham

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// The collections.
const (
	TREC         = "trec"        // TREC 2007, its first part; in order of arrival.
	SpamAssassin = "sa"          // The public corpus of SpamAssassin, 2001 and 2002; by date.
	Phish        = "phish"       // Phishing of today, without an order.
	SpamModern   = "spam_modern" // Other spam of today, without an order.
	HamModern    = "ham_modern"  // Lists, newsletters and notices of today, without an order.
)

// Names are the names of all collections, in the order of the documents.
func Names() []string { return []string{TREC, SpamAssassin, Phish, SpamModern, HamModern} }

// Message is one message of a collection.
type Message struct {
	Name string // Path below the folder of all collections, with slashes.
	Spam bool   // Its label.
	Text []byte // Without the line of an mbox on top. What stands for an address is one.

	when int64 // Order within the collection.
}

// folder is a part of a collection.
type folder struct {
	dir  string
	spam bool
}

// layout tells where a collection is, and how its messages are put in order; without that they are in the order of their names.
func layout(name string) ([]folder, arrival) {
	const trec, sa = "spamham/trec07p/", "spamham/spamassassin/"
	switch name {
	case TREC:
		return []folder{{trec + "ham", false}, {trec + "spam", true}}, byNumber
	case SpamAssassin:
		return []folder{{sa + "easy-ham-1", false}, {sa + "easy-ham-2", false}, {sa + "hard-ham-1", false}, {sa + "spam-1", true}, {sa + "spam-2", true}}, byDate
	case HamModern:
		return []folder{{name, false}}, nil
	}
	return []folder{{name, true}}, nil
}

// Read reads a collection below root into memory, in its order. A folder that is missing or has no message is an error, and so is a message whose
// place in the order cannot be told.
func Read(root, name string) ([]*Message, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("no collection %q", name)
	}
	folders, order := layout(name)
	var all []*Message
	for _, f := range folders {
		list, err := f.read(root, order)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no message in %s", filepath.Join(root, f.dir))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b *Message) int {
		if order == nil {
			return strings.Compare(a.Name, b.Name)
		}
		return cmp.Compare(a.when, b.when)
	})
	return all, nil
}

// placeholder is what those who gathered the phishing have put in the place of addresses, those of authors too. That it has no domain says nothing.
const placeholder = "phishing@pot"

// read reads the messages below a folder. What lies beside them has another extension.
func (f folder) read(root string, order arrival) ([]*Message, error) {
	var list []*Message
	err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(f.dir)), func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".eml" && ext != ".email" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		m := &Message{Name: filepath.ToSlash(rel), Spam: f.spam, Text: text}
		var line []byte
		if bytes.HasPrefix(text, []byte("From ")) {
			line, m.Text, _ = bytes.Cut(text, []byte("\n"))
		}
		m.Text = bytes.ReplaceAll(m.Text, []byte(placeholder), []byte(placeholder+".example"))
		list = append(list, m)
		return m.place(line, order)
	})
	return list, err
}

// place finds out when the message came.
func (m *Message) place(line []byte, order arrival) error {
	if order == nil {
		return nil
	}
	msg, err := mail.Parse(bytes.NewReader(m.Text), int64(len(m.Text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	if m.when, err = order(m.Name, line, msg.Header()); err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	return msg.Close()
}

// Halves divides what Read has given of a collection, or what was made of it in the same order. By the first half settings may be chosen, the second
// one is to judge them by: what came later, or where there is no order every second one.
func Halves[T any](name string, list []T) (first, second []T) {
	if _, order := layout(name); order != nil {
		return list[:len(list)/2], list[len(list)/2:]
	}
	for i, x := range list {
		if i%2 == 0 {
			first = append(first, x)
		} else {
			second = append(second, x)
		}
	}
	return first, second
}
