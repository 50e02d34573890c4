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
	"github.com/mailweir/mailweir/learn/store"
)

// Options are the filter's options.
type Options struct {
	Database  string        `yaml:"database" doc:"file with what was learned; made if it is not there"`
	Users     bool          `yaml:"users" doc:"whether what a recipient has learned counts too, for messages to that recipient alone"`
	MinHam    int           `yaml:"min_ham" min:"1" max:"1000000" doc:"messages of ham that have to be learned before there are points"`
	MinSpam   int           `yaml:"min_spam" min:"1" max:"1000000" doc:"messages of spam that have to be learned before there are points"`
	Score     float64       `yaml:"score" min:"0" max:"100" doc:"points for a message at the threshold, where about one ham in a thousand is"`
	MaxScore  float64       `yaml:"max_score" min:"0" max:"100" doc:"most points that are given"`
	HamScore  float64       `yaml:"ham_score" min:"0" max:"100" doc:"most points that are taken off"`
	Bits      int           `yaml:"bits" min:"16" max:"24" doc:"size of a new model: 2 to this power features are told apart, for 24 octets of memory each"`
	ReadEvery time.Duration `yaml:"read_every" min:"1s" max:"1h" doc:"how often, at most, the file is looked at for what was learned since"`
}

// DefaultOptions name no database.
func DefaultOptions() *Options {
	return &Options{MinHam: 200, MinSpam: 200, Score: 5, MaxScore: 8, HamScore: 2, Bits: learn.DefaultBits, ReadEvery: 10 * time.Second}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if o.Database == "" || !filepath.IsAbs(o.Database) {
		errs = append(errs, fmt.Errorf("database: %q: want the absolute path of a file", o.Database))
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
	if o.Bits < 16 || o.Bits > learn.MaxBits {
		errs = append(errs, fmt.Errorf("bits: %d: want 16 to %d", o.Bits, learn.MaxBits))
	}
	if o.ReadEvery < time.Second {
		errs = append(errs, fmt.Errorf("read_every: %v: want at least 1s", o.ReadEvery))
	}
	return errors.Join(errs...)
}

// points turns a score, which is 0 at the threshold, into points. One unit below the threshold there are none left, and two above it all.
func (o *Options) points(score float64) float64 {
	p := o.Score + score*o.Score
	if score > 0 {
		p = o.Score + score*(o.MaxScore-o.Score)/2
	}
	return math.Round(100*min(max(p, -o.HamScore), o.MaxScore)) / 100
}

// New makes the filter. What was learned is read at once, so that the first message does not wait for it.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	ctx := context.Background()
	s, err := store.Open(ctx, o.Database, store.Options{Bits: o.Bits})
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
	if _, err := f.site.model(ctx); err != nil {
		return nil, err
	}
	f.users = newUsers(o, f.site)
	return f, nil
}
