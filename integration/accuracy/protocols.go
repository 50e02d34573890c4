// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"time"
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
	name string
	note string
	make func() (filter, error)
	only []string // Protocols it takes part in; nil for all.
}

// report prints.
type report struct{ worst int }

func (r *report) line(name, protocol string, list []scored) {
	fmt.Printf("%-24s %-14s %-18s without disputed %-18s at its threshold: ham called spam %.2f %%, spam missed %.2f %%\n",
		name, protocol, figures(list), figures(undisputed(list)), called(list, false), 100-called(list, true))
	if r.worst == 0 {
		return
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b scored) int {
		if a.score < b.score {
			return -1
		}
		return 1
	})
	r.some(list, true)
	slices.Reverse(list)
	r.some(list, false)
}

func (r *report) some(list []scored, spam bool) {
	n := 0
	for _, s := range list {
		if s.m.spam == spam && n < r.worst {
			fmt.Printf("    %8.3f %s\n", s.score, s.m.name)
			n++
		}
	}
}

// protocols runs A, B, C and E.
func protocols(c *corpora, p contestant, r *report) error {
	for _, one := range []struct {
		name string
		run  func(*corpora, filter, string, *report) error
	}{{"A", arrival}, {"B", half}, {"C", dates}, {"E", modern}} {
		if p.only != nil && !slices.Contains(p.only, one.name) {
			continue
		}
		f, err := p.make()
		if err != nil {
			return err
		}
		start := time.Now()
		err = one.run(c, f, p.name, r)
		if e := f.close(); err == nil {
			err = e
		}
		if err != nil {
			return fmt.Errorf("protocol %s: %w", one.name, err)
		}
		fmt.Printf("%-24s %-14s took %v\n", p.name, one.name, time.Since(start).Round(time.Millisecond))
	}
	return nil
}

func arrival(c *corpora, f filter, name string, r *report) error {
	list, err := f.online(c.trec)
	if err != nil {
		return err
	}
	r.line(name, "A", list)
	r.line(name, "A second half", list[len(list)/2:])
	return nil
}

func half(c *corpora, f filter, name string, r *report) error  { return halves(c.trec, f, name, "B", r) }
func dates(c *corpora, f filter, name string, r *report) error { return halves(c.sa, f, name, "C", r) }

func halves(list []*message, f filter, name, protocol string, r *report) error {
	if err := f.learn(list[:len(list)/2]); err != nil {
		return err
	}
	scores, err := f.score(list[len(list)/2:])
	if err == nil {
		r.line(name, protocol, scores)
	}
	return err
}

func modern(c *corpora, f filter, name string, r *report) error {
	if len(c.phish) == 0 {
		return nil
	}
	trec, err := f.online(c.trec)
	if err != nil {
		return err
	}
	sa, err := f.online(c.sa)
	if err != nil {
		return err
	}
	var shares []float64
	for _, list := range [][]*message{c.phish, c.spam, c.ham} {
		s, err := f.score(list)
		if err != nil {
			return err
		}
		shares = append(shares, called(s, list[0].spam))
	}
	fmt.Printf("%-24s %-14s phish %.1f %%, spam_modern %.1f %%, ham_modern called spam %.2f %%; while learning: TREC ham %.2f %%, SpamAssassin ham %.2f %%, TREC spam missed %.2f %%\n",
		name, "E", shares[0], shares[1], shares[2], called(trec, false), called(sa, false), 100-called(trec, true))
	return nil
}
