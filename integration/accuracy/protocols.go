// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/mailweir/mailweir/internal/spamham"
)

// filter is one contestant in one protocol. It begins with nothing learned.
type filter interface {
	score(list []*message) ([]scored, error)
	learn(list []*message) error
	online(list []*message) ([]scored, error) // Each is scored and then learned.
	close() error
}

// contestant makes filters.
type contestant struct {
	name   string
	sample int // Scores one of so many messages; 0 for all.
	make   func() (filter, error)
}

// protocols runs A, B, C and E.
func protocols(c *corpora, p contestant, r *report) error {
	for _, one := range []struct {
		name string
		run  func(*corpora, filter, func(string, []scored)) error
	}{
		{"A", trecArrives}, {"B", trecByHalf}, {"C", spamAssassinByHalf}, {"C as it arrives", spamAssassinArrives}, {"E", modern},
	} {
		f, err := p.make()
		if err != nil {
			return err
		}
		start := time.Now()
		err = one.run(c, f, func(part string, list []scored) { r.add(p, part, list) })
		if err = errors.Join(err, f.close()); err != nil {
			return fmt.Errorf("protocol %s: %w", one.name, err)
		}
		r.say("%-32s %s took %v\n", p.name, one.name, time.Since(start).Round(time.Millisecond))
	}
	return nil
}

// Parts of protocols, by which results are named.
const (
	partA       = "A"
	partA2      = "A, second half"
	partB       = "B"
	partC       = "C"
	partArrival = "SpamAssassin in order, from nothing learned"
	partAfter   = "SpamAssassin in order, after TREC"
	partPhish   = spamham.Phish
	partSpam    = spamham.SpamModern
	partHam     = spamham.HamModern
	tuned       = ", tuning half"
	judged      = ", other half"
)

// trecArrives scores and learns TREC as it arrives.
func trecArrives(c *corpora, f filter, add func(string, []scored)) error {
	list, err := f.online(c.trec)
	if err != nil {
		return err
	}
	add(partA, list)
	add(partA2, list[len(list)/2:])
	return nil
}

func trecByHalf(c *corpora, f filter, add func(string, []scored)) error {
	return byHalf(c.trec, f, partB, add)
}

func spamAssassinByHalf(c *corpora, f filter, add func(string, []scored)) error {
	return byHalf(c.sa, f, partC, add)
}

// byHalf learns the first half of a list, and then scores the second.
func byHalf(list []*message, f filter, part string, add func(string, []scored)) error {
	if err := f.learn(list[:len(list)/2]); err != nil {
		return err
	}
	scores, err := f.score(list[len(list)/2:])
	if err == nil {
		add(part, scores)
	}
	return err
}

// spamAssassinArrives scores and learns the SpamAssassin corpus as it arrives.
func spamAssassinArrives(c *corpora, f filter, add func(string, []scored)) error {
	list, err := f.online(c.sa)
	if err == nil {
		add(partArrival, list)
	}
	return err
}

// modern learns TREC and the SpamAssassin corpus, and then scores what came fifteen years later.
func modern(c *corpora, f filter, add func(string, []scored)) error {
	if err := f.learn(c.trec); err != nil {
		return err
	}
	sa, err := f.online(c.sa)
	if err != nil {
		return err
	}
	add(partAfter, sa)
	for _, set := range []struct {
		part string
		list []*message
	}{{partPhish, c.phish}, {partSpam, c.spam}, {partHam, c.ham}} {
		s, err := f.score(set.list)
		if err != nil {
			return err
		}
		add(set.part, s)
		first, second := spamham.Halves(set.part, s)
		add(set.part+tuned, first)
		add(set.part+judged, second)
	}
	return nil
}
