// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/internal/spamham"
	"github.com/mailweir/mailweir/mail"
)

// message is one message of a corpus.
type message struct {
	name  string // Below the folder of the corpora.
	spam  bool
	facts []int // Indexes of facts.All, in order.
}

// corpus is one collection, in two halves: points are fitted by the first and judged by the second.
type corpus struct {
	name string
	half [2][]*message
}

// load reads a corpus and finds the facts of each message.
func load(root, name string, index map[string]int) (*corpus, error) {
	list, err := spamham.Read(root, name)
	if err != nil {
		return nil, err
	}
	all, err := take(list, index)
	if err != nil {
		return nil, err
	}
	c := &corpus{name: name}
	c.half[0], c.half[1] = spamham.Halves(name, all)
	return c, nil
}

// take finds the facts of all messages.
func take(list []*spamham.Message, index map[string]int) ([]*message, error) {
	all, errs := make([]*message, len(list)), make([]error, len(list))
	var wg sync.WaitGroup
	lanes := make(chan struct{}, 2)
	for i, m := range list {
		wg.Add(1)
		lanes <- struct{}{}
		go func() {
			defer func() { <-lanes; wg.Done() }()
			all[i], errs[i] = factsOf(m, index)
		}()
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

func factsOf(m *spamham.Message, index map[string]int) (*message, error) {
	msg, err := mail.Parse(bytes.NewReader(m.Text), int64(len(m.Text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	found, err := facts.Find(context.Background(), nil, msg)
	if err := errors.Join(err, msg.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	one := &message{name: m.Name, spam: m.Spam}
	for _, x := range found.List {
		one.facts = append(one.facts, index[x.Name])
	}
	slices.Sort(one.facts)
	return one, nil
}
