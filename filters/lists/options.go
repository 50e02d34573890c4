// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of the options.
const (
	maxEntries = 10_000
	maxScores  = 40 // Different points of one list: each makes a finding of its own.
)

// Options are the filter's options.
type Options struct {
	Allow      []Entry `yaml:"allow" doc:"who is welcome"`
	Block      []Entry `yaml:"block" doc:"who is not"`
	AllowScore float64 `yaml:"allow_score" min:"-100" max:"0" doc:"points of an allow entry that gives none"`
	BlockScore float64 `yaml:"block_score" min:"0" max:"100" doc:"points of a block entry that gives none"`
}

// Entry is one entry. It holds if a sender or a domain is right, the host is right, and it is for the recipient; what is left out is no condition.
type Entry struct {
	Senders    []string `yaml:"senders,omitempty" doc:"addresses in the reverse-path or in From: user@example.org, *@example.org, .example.org, <>, with asterisks; file:/path for those of a file, one a line"`
	Domains    []string `yaml:"domains,omitempty" doc:"domains of such addresses, with all below them; or file:/path"`
	Hosts      []string `yaml:"hosts,omitempty" doc:"clients: address, network, name that Postfix has checked, .example.org for all names below; or file:/path"`
	To         []string `yaml:"to,omitempty" doc:"recipients that the entry is for, as senders are written; left out, all; or file:/path"`
	Unverified bool     `yaml:"unverified,omitempty" doc:"an allow entry counts though nothing vouches for the sender's name: whoever writes this name is welcome"`
	Score      float64  `yaml:"score,omitempty" min:"-100" max:"100" doc:"points; 0 for those of the list"`
}

// DefaultOptions have no entries.
func DefaultOptions() *Options { return &Options{AllowScore: -8, BlockScore: 10} }

// Names of the lists of an entry.
const (
	listSenders = "senders"
	listDomains = "domains"
	listHosts   = "hosts"
	listTo      = "to"
)

// list is one list of an entry.
type list struct {
	what  string
	items []string
}

// all are the lists that an entry may have.
func (e *Entry) all() []list {
	return []list{{listSenders, e.Senders}, {listDomains, e.Domains}, {listHosts, e.Hosts}, {listTo, e.To}}
}

// lists are those that are given, in the order in which their files are read.
func (e *Entry) lists() []list {
	return slices.DeleteFunc(e.all(), func(l list) bool { return len(l.items) == 0 })
}

func (e *Entry) entry(allow bool, number int, score float64) *entry {
	if e.Score != 0 {
		score = e.Score
	}
	return &entry{
		allow: allow, number: number, names: len(e.Senders)+len(e.Domains) > 0, hosts: len(e.Hosts) > 0, unverified: e.Unverified, score: score,
	}
}

const filePrefix = "file:"

func isFile(item string) bool { return strings.HasPrefix(item, filePrefix) }

// files are the files that the options name, in the order in which newIndex reads them; one that is named twice is there twice.
func (o *Options) files() []string {
	var names []string
	for _, e := range slices.Concat(o.Allow, o.Block) {
		for _, l := range e.lists() {
			for _, item := range l.items {
				if isFile(item) {
					names = append(names, strings.TrimPrefix(item, filePrefix))
				}
			}
		}
	}
	return names
}

// asks tells if an allow entry may need proof.
func (o *Options) asks() bool {
	return slices.ContainsFunc(o.Allow, func(e Entry) bool { return !e.Unverified && len(e.Hosts) == 0 })
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if len(o.Allow) > maxEntries || len(o.Block) > maxEntries {
		return fmt.Errorf("allow, block: more than %d entries", maxEntries)
	}
	if !(o.AllowScore <= 0 && o.AllowScore >= -100) {
		errs = append(errs, fmt.Errorf("allow_score: %v: want -100 to 0", o.AllowScore))
	}
	if !(o.BlockScore >= 0 && o.BlockScore <= 100) {
		errs = append(errs, fmt.Errorf("block_score: %v: want 0 to 100", o.BlockScore))
	}
	errs = append(errs, validate("allow", o.Allow, func(e *Entry) string {
		if !(e.Score <= 0 && e.Score >= -100) {
			return fmt.Sprintf("score: %v: want -100 to 0", e.Score)
		}
		return ""
	})...)
	errs = append(errs, validate("block", o.Block, func(e *Entry) string {
		switch {
		case !(e.Score >= 0 && e.Score <= 100):
			return fmt.Sprintf("score: %v: want 0 to 100", e.Score)
		case e.Unverified:
			return "unverified: a block needs no proof"
		}
		return ""
	})...)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err := newIndex(&Options{Allow: inline(o.Allow), Block: inline(o.Block)}, nil)
	return err
}

// validate looks at one list of entries. check says what else is wrong with one.
func validate(name string, entries []Entry, check func(*Entry) string) []error {
	var errs []error
	scores := map[float64]bool{}
	for i := range entries {
		e := &entries[i]
		scores[e.Score] = true
		if len(e.Senders)+len(e.Domains)+len(e.Hosts) == 0 {
			errs = append(errs, fmt.Errorf("%s[%d]: names nobody: want senders, domains or hosts", name, i))
		}
		if wrong := check(e); wrong != "" {
			errs = append(errs, fmt.Errorf("%s[%d]: %s", name, i, wrong))
		}
		for _, l := range e.all() {
			if l.items != nil && len(l.items) == 0 {
				errs = append(errs, fmt.Errorf("%s[%d].%s: is empty: left out it is no condition; a file may be empty", name, i, l.what))
			}
			for _, item := range l.items {
				if path, ok := strings.CutPrefix(item, filePrefix); ok && !filepath.IsAbs(path) {
					errs = append(errs, fmt.Errorf("%s[%d].%s: %q: want an absolute path behind %s", name, i, l.what, item, filePrefix))
				}
			}
		}
	}
	if len(scores) > maxScores {
		errs = append(errs, fmt.Errorf("%s: more than %d different scores", name, maxScores))
	}
	return errs
}

// inline are the entries without what is in files.
func inline(entries []Entry) []Entry {
	list := slices.Clone(entries)
	for i := range list {
		e := &list[i]
		for _, items := range []*[]string{&e.Senders, &e.Domains, &e.Hosts, &e.To} {
			*items = slices.DeleteFunc(slices.Clone(*items), isFile)
		}
	}
	return list
}
