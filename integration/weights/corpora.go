// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// message is one message of a corpus.
type message struct {
	name  string // Below the folder of the corpora.
	spam  bool
	when  int64 // Order within the corpus.
	facts []int // Indexes of facts.All, in order.
}

// corpus is one collection, in two halves: points are fitted by the first and judged by the second.
type corpus struct {
	name string
	half [2][]*message
}

// source tells where a corpus is.
type source struct {
	name string
	dirs []string // Those of ham, and those of spam.
	spam []bool
	when func(m *message, line []byte, h mail.Header) (int64, error) // Nil for every second file by name.
}

func sources() []source {
	return []source{
		{name: "trec", dirs: []string{"spamham/trec07p/ham", "spamham/trec07p/spam"}, spam: []bool{false, true}, when: byNumber},
		{
			name: "sa", when: byDate, spam: []bool{false, false, false, true, true},
			dirs: []string{
				"spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2", "spamham/spamassassin/hard-ham-1",
				"spamham/spamassassin/spam-1", "spamham/spamassassin/spam-2",
			},
		},
		{name: "phish", dirs: []string{"phish"}, spam: []bool{true}},
		{name: "spam_modern", dirs: []string{"spam_modern"}, spam: []bool{true}},
		{name: "ham_modern", dirs: []string{"ham_modern"}, spam: []bool{false}},
	}
}

// load reads a corpus and finds the facts of each message.
func load(root string, s source, index map[string]int) (*corpus, error) {
	var all []*message
	var texts [][]byte
	for i, dir := range s.dirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".eml" && ext != ".email" {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // a folder that the caller names
			if err != nil {
				return err
			}
			// Those who gathered the messages have put this in the place of addresses, those of authors too. That it has no domain says nothing.
			text = bytes.ReplaceAll(text, []byte("phishing@pot"), []byte("phishing@pot.example"))
			m := &message{name: strings.TrimPrefix(path, root+"/"), spam: s.spam[i]}
			var line []byte
			if bytes.HasPrefix(text, []byte("From ")) {
				line, text, _ = bytes.Cut(text, []byte("\n"))
			}
			if s.when != nil {
				if err := m.arrival(s, line, text); err != nil {
					return err
				}
			}
			all, texts = append(all, m), append(texts, text)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if err := take(all, texts, index); err != nil {
		return nil, err
	}
	return halves(s, all), nil
}

func (m *message) arrival(s source, line, text []byte) error {
	msg, err := parsed(text)
	if err != nil {
		return err
	}
	if m.when, err = s.when(m, line, msg.Header()); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return msg.Close()
}

func parsed(text []byte) (*mail.Message, error) {
	return mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
}

// take finds the facts of all messages.
func take(all []*message, texts [][]byte, index map[string]int) error {
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	lanes := make(chan struct{}, 2)
	for i, m := range all {
		wg.Add(1)
		lanes <- struct{}{}
		go func() {
			defer func() { <-lanes; wg.Done() }()
			msg, err := parsed(texts[i])
			if err != nil {
				errs[i] = err
				return
			}
			f, err := facts.Find(context.Background(), nil, msg)
			if errs[i] = errors.Join(err, msg.Close()); errs[i] != nil {
				return
			}
			for _, x := range f.List {
				m.facts = append(m.facts, index[x.Name])
			}
			slices.Sort(m.facts)
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}

// halves divides a corpus: by time where that is known, else every second file.
func halves(s source, all []*message) *corpus {
	c := &corpus{name: s.name}
	if s.when != nil {
		slices.SortStableFunc(all, func(a, b *message) int { return int(min(1, max(-1, a.when-b.when))) })
		c.half = [2][]*message{all[:len(all)/2], all[len(all)/2:]}
		return c
	}
	slices.SortFunc(all, func(a, b *message) int { return strings.Compare(a.name, b.name) })
	for i, m := range all {
		c.half[i%2] = append(c.half[i%2], m)
	}
	return c
}

// byNumber goes by the number in the name, inmail.N.eml: the order of arrival in TREC 2007.
func byNumber(m *message, _ []byte, _ mail.Header) (int64, error) {
	f := strings.Split(filepath.Base(m.name), ".")
	if len(f) < 2 {
		return 0, errors.New("there is no number in the name")
	}
	return strconv.ParseInt(f[1], 10, 64)
}

// byDate goes by the date of the mbox line, else that of the Received field on top, else Date.
func byDate(_ *message, line []byte, h mail.Header) (int64, error) {
	if f := strings.Fields(string(line)); len(f) >= 7 {
		if t, err := time.Parse("Mon Jan 2 15:04:05 2006", strings.Join(f[len(f)-5:], " ")); err == nil {
			return t.Unix(), nil
		}
	}
	received := h.Get("Received")
	for _, v := range []string{received[strings.LastIndexByte(received, ';')+1:], h.Get("Date")} {
		v, _, _ = strings.Cut(v, "(")
		v = strings.TrimSpace(v)
		if t, err := netmail.ParseDate(v); err == nil {
			return t.Unix(), nil
		}
		for _, layout := range []string{
			"Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05", "Mon Jan 2 15:04:05 2006",
			"Mon, 2 Jan 06 15:04:05 -0700", "Mon, 2 Jan 06 15:04:05 MST", "2 Jan 06 15:04:05 MST",
		} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.Unix(), nil
			}
		}
	}
	return 0, errors.New("there is no date in it")
}
