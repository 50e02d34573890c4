// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/mail"
)

// Limits of the options.
const (
	maxRules       = 50        // Fewer than the findings of a class that the chain takes.
	maxControllers = 20        // Controllers that learn.
	maxSize        = 256 << 20 // Octets, of max_size.
	maxScore       = 1000      // Of factor, max_points, ham_points and a rule's points.
	maxWord        = 256       // Octets of a password, of the name of settings, and of our name.
)

// Options are the filter's options.
type Options struct {
	breaker.Options `yaml:",inline"`

	Settings    string             `yaml:"settings_id" doc:"name of the settings of rspamd that hold for our mail; none if empty"`
	MTAName     string             `yaml:"mta_name" default:"the name of the host" doc:"name of our mail server, as rspamd is told it"`
	Password    string             `yaml:"password" secret:"true" doc:"of the servers, where they ask for one; and of the controllers"`
	Controllers []string           `yaml:"controllers" doc:"addresses of rspamd's controllers, which learn; the filter itself does not use them"`
	MaxSize     mail.Size          `yaml:"max_size" min:"1KiB" max:"256MiB" doc:"rspamd is not asked about messages that are larger; not more than max_message of rspamd"`
	Factor      float64            `yaml:"factor" min:"0" max:"1000" doc:"what rspamd's points are multiplied by"`
	MaxPoints   float64            `yaml:"max_points" min:"0" max:"1000" doc:"most points that rspamd can give"`
	HamPoints   float64            `yaml:"ham_points" min:"0" max:"1000" doc:"most points that rspamd can take off"`
	Rules       map[string]float64 `yaml:"rules" doc:"points of a finding of its own for a symbol that rspamd has, by its name; beside those of rspamd"`
	Required    bool               `yaml:"required" doc:"whether no answer is failure.rspamd, which policies defer for, instead of rspamd.no_answer"`
}

// DefaultOptions name no server. The size is that of rspamd's own limit.
func DefaultOptions() *Options {
	return &Options{Options: breaker.DefaultOptions(), MaxSize: 50 << 20, Factor: 1, MaxPoints: 20, HamPoints: 5}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	errs := []error{o.Options.Validate()}
	for _, w := range []struct{ key, value string }{{"settings_id", o.Settings}, {"mta_name", o.MTAName}, {"password", o.Password}} {
		if !isWord(w.value) || len(w.value) > maxWord {
			errs = append(errs, fmt.Errorf("%s: want printable ASCII without blanks, at most %d octets", w.key, maxWord))
		}
	}
	if len(o.Controllers) > maxControllers {
		errs = append(errs, fmt.Errorf("controllers: have %d, want at most %d", len(o.Controllers), maxControllers))
	}
	for i, a := range o.Controllers {
		if err := breaker.CheckAddress(a); err != nil {
			errs = append(errs, fmt.Errorf("controllers: %w", err))
		}
		if slices.Contains(o.Controllers[:i], a) {
			errs = append(errs, fmt.Errorf("controllers: %.120q is named twice", a))
		}
	}
	if o.MaxSize < 1<<10 || o.MaxSize > maxSize {
		errs = append(errs, fmt.Errorf("max_size: %v: want 1KiB to %v", o.MaxSize, mail.Size(maxSize)))
	}
	return errors.Join(append(errs, o.validatePoints())...)
}

func (o *Options) validatePoints() error {
	var errs []error
	for _, v := range []float64{o.Factor, o.MaxPoints, o.HamPoints} {
		if !(v >= 0 && v <= maxScore) {
			errs = append(errs, fmt.Errorf("factor, max_points, ham_points: %v: want 0 to %d", v, maxScore))
		}
	}
	if len(o.Rules) > maxRules {
		errs = append(errs, fmt.Errorf("rules: have %d, want at most %d", len(o.Rules), maxRules))
	}
	for name, points := range o.Rules {
		if name == "" || !isWord(name) || len(name) > maxName || !(math.Abs(points) <= maxScore) {
			errs = append(errs, fmt.Errorf("rules: %.40q: %v: want the name of a symbol and points from -%d to %d", name, points, maxScore, maxScore))
		}
	}
	return errors.Join(errs...)
}

// points are what rspamd's points count.
func (o *Options) points(score float64) float64 {
	p := min(max(score*o.Factor, -o.HamPoints), o.MaxPoints)
	return math.Round(100*p) / 100
}

// isWord tells if s is printable ASCII without blanks.
func isWord(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
