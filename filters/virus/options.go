// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Options are the filter's options.
type Options struct {
	Scanners     []string      `yaml:"scanners" required:"true" doc:"names of the scanners that look at every message, side by side"`
	Require      Require       `yaml:"require" doc:"how many of them have to answer: all, any or a number"`
	Backup       []string      `yaml:"backup" doc:"names of scanners that are asked, in order, when too few of the others answer"`
	Scan         string        `yaml:"scan" oneof:"both leaves message" doc:"what they are given: every decoded leaf, the message as it is, or both"`
	AsSpam       []SpamRule    `yaml:"as_spam" doc:"signatures that are points towards spam and no virus; the first rule that matches counts"`
	CacheEntries int           `yaml:"cache_entries" min:"0" max:"1000000" doc:"verdicts about leaves that are kept; 0 keeps none"`
	CacheTTL     time.Duration `yaml:"cache_ttl" min:"1s" max:"24h" doc:"how long a verdict is kept"`
	MaxParallel  int           `yaml:"max_parallel" min:"1" max:"64" doc:"leaves of one message that are scanned at once"`
}

// SpamRule gives signatures a score instead of the class virus.
type SpamRule struct {
	Pattern string  `yaml:"pattern" required:"true" doc:"signature, in any case; * stands for any characters and ? for one"`
	Score   float64 `yaml:"score" required:"true" doc:"spam points"`
}

// What scanners are given.
const (
	scanBoth    = "both"
	scanLeaves  = "leaves"
	scanMessage = "message"
)

// DefaultOptions scans everything and wants every scanner's answer. It names no scanner.
func DefaultOptions() *Options {
	return &Options{Scan: scanBoth, CacheEntries: 10_000, CacheTTL: time.Hour, MaxParallel: 4}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if len(o.Scanners) == 0 {
		errs = append(errs, errors.New("scanners: want at least one"))
	}
	if int(o.Require) > len(o.Scanners) {
		errs = append(errs, fmt.Errorf("require: %d: there are only %d scanners", o.Require, len(o.Scanners)))
	}
	seen := map[string]bool{}
	for _, name := range append(slices.Clip(o.Scanners), o.Backup...) {
		if seen[name] {
			errs = append(errs, fmt.Errorf("scanners, backup: %q is named twice", name))
		}
		seen[name] = true
	}
	if o.Scan != scanBoth && o.Scan != scanLeaves && o.Scan != scanMessage {
		errs = append(errs, fmt.Errorf("scan: %q: want both, leaves or message", o.Scan))
	}
	for _, r := range o.AsSpam {
		if r.Pattern == "" || math.IsNaN(r.Score) || math.IsInf(r.Score, 0) {
			errs = append(errs, fmt.Errorf("as_spam: want a pattern and a score, have %q and %v", r.Pattern, r.Score))
		}
	}
	if o.CacheEntries < 0 || o.CacheEntries > 0 && o.CacheTTL <= 0 {
		errs = append(errs, fmt.Errorf("cache_entries, cache_ttl: %d, %v: want no negative number and a time", o.CacheEntries, o.CacheTTL))
	}
	if o.MaxParallel < 1 {
		errs = append(errs, fmt.Errorf("max_parallel: %d: want at least 1", o.MaxParallel))
	}
	return errors.Join(errs...)
}

// Require is how many scanners have to answer: 0 stands for all. In the config it is all, any, or a number.
type Require int

// UnmarshalText reads all, any or a number from 1 on.
func (r *Require) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "all":
		*r = 0
	case "any":
		*r = 1
	default:
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("want all, any or a number of scanners, not %.40q", s)
		}
		*r = Require(n)
	}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (r Require) MarshalText() ([]byte, error) {
	if r == 0 {
		return []byte("all"), nil
	}
	return strconv.AppendInt(nil, int64(r), 10), nil
}
