// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
)

// Options are the filter's options.
type Options struct {
	Database      string        `yaml:"database" doc:"file with what was learned, made if it is not there; or the postgres:// URL of a database that several hosts share"`
	Users         bool          `yaml:"users" doc:"whether what a recipient has learned counts too, for messages to that recipient alone"`
	MinHam        int           `yaml:"min_ham" min:"1" max:"1000000" doc:"messages of ham that have to be learned before there are points"`
	MinSpam       int           `yaml:"min_spam" min:"1" max:"1000000" doc:"messages of spam that have to be learned before there are points"`
	Score         float64       `yaml:"score" min:"0" max:"100" doc:"points for a message at the threshold, which is above the ham of late"`
	MaxScore      float64       `yaml:"max_score" min:"0" max:"100" doc:"most points that are given"`
	HamScore      float64       `yaml:"ham_score" min:"0" max:"100" doc:"most points that are taken off"`
	Bits          int           `yaml:"bits" min:"16" max:"24" doc:"size of a new model: 2 to this power features are told apart, for 32 octets of memory each"`
	AutoLearn     bool          `yaml:"auto_learn" doc:"whether the filter learns from messages that other filters are sure of"`
	AutoSpam      float64       `yaml:"auto_spam" min:"1" max:"1000" doc:"points that the other filters have to give to a message that is learned as spam"`
	AutoHam       float64       `yaml:"auto_ham" min:"-1000" max:"4" doc:"most points that the other filters may give to a message that is learned as ham"`
	AutoPerSender int           `yaml:"auto_per_sender" min:"1" max:"1000" doc:"messages of each class that are learned in a day of one domain, and of one network, in this way"`
	AutoShare     float64       `yaml:"auto_share" min:"0" max:"50" doc:"how many percent of what was learned of a class may be learned in a day in this way; 5 messages may at any rate"`
	ReadEvery     time.Duration `yaml:"read_every" min:"1s" max:"1h" doc:"how often, at most, the file is looked at for what was learned since"`
}

// DefaultOptions name no database.
func DefaultOptions() *Options {
	return &Options{
		MinHam: 10, MinSpam: 10, Score: 3.7, MaxScore: 8, HamScore: 4, Bits: learn.DefaultBits, ReadEvery: 10 * time.Second,
		AutoSpam: 8, AutoHam: 0, AutoPerSender: 3, AutoShare: 2,
	}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if store.IsURL(o.Database) {
		if err := store.CheckURL(o.Database); err != nil {
			errs = append(errs, fmt.Errorf("database: %w", err))
		}
	} else if !filepath.IsAbs(o.Database) {
		errs = append(errs, errors.New("database: want the absolute path of a file, or a postgres:// URL"))
	}
	if o.MinHam < 1 || o.MinSpam < 1 {
		errs = append(errs, fmt.Errorf("min_ham, min_spam: %d, %d: want at least 1", o.MinHam, o.MinSpam))
	}
	for _, s := range []float64{o.Score, o.MaxScore, o.HamScore} {
		if !(s >= 0 && s <= 100) {
			errs = append(errs, fmt.Errorf("score, max_score, ham_score: %v: want 0 to 100", s))
		}
	}
	if o.MaxScore < o.Score {
		errs = append(errs, fmt.Errorf("max_score: %v: want at least score, %v", o.MaxScore, o.Score))
	}
	if !(o.AutoSpam >= 1 && o.AutoSpam <= 1000) || !(o.AutoHam >= -1000 && o.AutoHam <= 4) {
		errs = append(errs, fmt.Errorf("auto_spam, auto_ham: %v, %v: want 1 to 1000, -1000 to 4", o.AutoSpam, o.AutoHam))
	}
	if o.AutoPerSender < 1 || !(o.AutoShare >= 0 && o.AutoShare <= 50) {
		errs = append(errs, fmt.Errorf("auto_per_sender, auto_share: %d, %v: want at least 1, 0 to 50", o.AutoPerSender, o.AutoShare))
	}
	if o.Bits < 16 || o.Bits > learn.MaxBits {
		errs = append(errs, fmt.Errorf("bits: %d: want 16 to %d", o.Bits, learn.MaxBits))
	}
	if o.ReadEvery < time.Second {
		errs = append(errs, fmt.Errorf("read_every: %v: want at least 1s", o.ReadEvery))
	}
	return errors.Join(errs...)
}

// Slope is how many points there are for each unit of log-odds.
const Slope = 2.5

// Points are those for a verdict: Score at the threshold, more above it and fewer below. There are none until enough was learned.
func (o *Options) Points(v learn.Verdict) float64 {
	if !o.trained(v) {
		return 0
	}
	return math.Round(100*min(max(o.Score+Slope*v.Score, -o.HamScore), o.MaxScore)) / 100
}

// trained tells if enough was learned for a verdict to count. Who has shown all ham first and then all spam has shown nothing that the threshold could rest on.
func (o *Options) trained(v learn.Verdict) bool {
	return v.Ham >= o.MinHam && v.Spam >= o.MinSpam && v.Compared >= o.MinHam
}

// New makes the filter. What was learned is read at once, so that the first message does not wait for it.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s, err := open(o, d.Look)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	now := d.Now
	if now == nil {
		now = time.Now
	}
	m, err := newMetrics(d.Registerer)
	if err != nil {
		return nil, err
	}
	f := &filter{options: *o, extractor: learn.NewExtractor(), metrics: m}
	f.site = &watched{store: s, owner: store.Site, every: o.ReadEvery, now: now, log: filters.LogOrNone(d.Log), learned: m.learned}
	f.imported = &imported{options: &f.options, store: s, tokens: salearn.NewTokenizer(), now: now, log: f.site.log}
	if f.site.empty, err = learn.New(learn.MinBits); err != nil {
		return nil, err
	}
	f.site.reader.remote, f.site.reader.readers = store.IsURL(o.Database), &f.readers
	f.imported.reader.remote, f.imported.reader.readers = f.site.reader.remote, &f.readers
	if s == nil {
		f.users = &users{}
		return f, nil
	}
	if err := f.site.read(context.Background()); err != nil && !f.site.reader.remote && !store.IsBusy(err) {
		return nil, err
	}
	f.users = newUsers(o, f.site)
	if o.AutoLearn && !d.Look {
		f.auto = &auto{options: &f.options, extractor: f.extractor, store: s, log: f.site.log, metrics: m, now: now}
	}
	return f, nil
}

// open opens the database; nil if there is none, and nothing may be made.
func open(o *Options, look bool) (*store.Store, error) {
	s, err := store.Open(context.Background(), o.Database, store.Options{Bits: o.Bits, Existing: look})
	if look && errors.Is(err, store.ErrNoDatabase) {
		return nil, nil //nolint:nilnil // no database is an answer
	}
	return s, err
}
