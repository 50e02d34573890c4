// SPDX-License-Identifier: Apache-2.0

// Package virus is the filter that has virus scanners look at a message: at its decoded leaves, the members of archives among
// them, and at the message as it came. It knows no scanner's protocol; package scanners does.
package virus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/glob"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/unpack"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	return filters.Kind{
		Name: "virus",
		Codes: []filters.Code{
			{Name: "virus.infected", Class: filters.Virus},
			{Name: "virus.as_spam", Class: filters.Spam},
			{Name: "virus.unscannable", Class: filters.Unscannable},
			{Name: "failure.scanner", Class: filters.Failure},
		},
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
}

// filter is the virus filter.
type filter struct {
	engines  []*engine
	backup   []*engine
	need     int // How many engines have to answer.
	all      bool
	leaves   bool
	message  bool
	parallel int
	asSpam   []spamRule
	unpacker *unpack.Unpacker
	now      func() time.Time
	pages    sync.Pool // Of *[]byte, pageSize octets long, for digests.
}

const pageSize = 32 << 10

type spamRule struct {
	pattern glob.Pattern
	score   float64
}

var _ filters.Filter = (*filter)(nil)

// New makes the filter. The scanners that the options name are taken from d.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	f := &filter{
		need: cmp.Or(int(o.Require), len(o.Scanners)), all: o.Require == 0 || int(o.Require) == len(o.Scanners),
		leaves: o.Scan != scanMessage, message: o.Scan != scanLeaves, parallel: o.MaxParallel,
		unpacker: d.Unpacker, now: d.Now,
	}
	if f.now == nil {
		f.now = time.Now
	}
	for _, r := range o.AsSpam {
		f.asSpam = append(f.asSpam, spamRule{glob.New(r.Pattern), r.Score})
	}
	if err := f.addEngines(o, d); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *filter) addEngines(o *Options, d filters.Deps) error {
	names := slices.Concat(o.Scanners, o.Backup)
	m, err := newMetrics(d.Registerer, names)
	if err != nil {
		return err
	}
	var kept *cache
	if o.CacheEntries > 0 && f.leaves {
		kept = newCache(o.CacheEntries, o.CacheTTL, f.now)
	}
	for i, name := range names {
		s := d.Scanners[name]
		if s == nil {
			return fmt.Errorf("scanners: there is no %q; there are: %s", name, known(d.Scanners))
		}
		e := &engine{index: i, name: name, scanner: s, cache: kept, metrics: m, log: filters.LogOrNone(d.Log)}
		if i < len(o.Scanners) {
			f.engines = append(f.engines, e)
		} else {
			f.backup = append(f.backup, e)
		}
	}
	return nil
}

func known(m map[string]scanners.Scanner) string {
	if len(m) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

var errNoMessage = errors.New("there is no message")

// Inspect has the scanners look at all of the message, whatever is found in between: each infected leaf is a finding of its own.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	s := newSession(ctx, f, env)
	defer s.wait() // Also if the walk panics: the message and what was unpacked of it are read until then.
	var err error
	if f.leaves {
		err = s.leaves(ctx, msg)
	}
	if f.message {
		s.here(ctx, messageItem(msg)) // Meanwhile the leaves are scanned.
	}
	return s.finish(), err
}
