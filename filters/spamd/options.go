// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"errors"
	"fmt"
	"math"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/mail"
)

// Limits of the options.
const (
	maxRules  = 50        // Fewer than the findings of a class that the chain takes.
	maxSize   = 256 << 20 // Octets, of max_size.
	maxScore  = 1000      // Of factor, max_points, ham_points and a rule's points.
	maxUser   = 128       // Octets of a user's name.
	userOfOne = "recipient"
)

// Options are the filter's options.
type Options struct {
	breaker.Options `yaml:",inline"`

	User      string             `yaml:"user" doc:"whose settings and learning count: a name that spamd knows; recipient for the recipient's address, of messages to one; none if empty"`
	Command   string             `yaml:"command" oneof:"symbols check report" doc:"what is asked for: symbols, the points and names of rules; report, each rule's points too; check, the points alone"`
	MaxSize   mail.Size          `yaml:"max_size" min:"1KiB" max:"256MiB" doc:"messages that are larger are treated as large says"`
	Large     string             `yaml:"large" oneof:"skip truncate" doc:"skip: spamd is not asked; truncate: it is given the first max_size octets"`
	Compress  bool               `yaml:"compress" doc:"whether messages are compressed on their way"`
	Factor    float64            `yaml:"factor" min:"0" max:"1000" doc:"what spamd's points are multiplied by"`
	MaxPoints float64            `yaml:"max_points" min:"0" max:"1000" doc:"most points that spamd can give"`
	HamPoints float64            `yaml:"ham_points" min:"0" max:"1000" doc:"most points that spamd can take off"`
	Rules     map[string]float64 `yaml:"rules" doc:"points of a finding of its own for a rule that matched, by its name; beside those of spamd"`
	Required  bool               `yaml:"required" doc:"whether no answer is failure.spamd, which policies defer for, instead of spamd.no_answer"`
}

// The words of large.
const (
	largeSkip     = "skip"
	largeTruncate = "truncate"
)

// DefaultOptions name no server. The size is that of SpamAssassin's own client.
func DefaultOptions() *Options {
	return &Options{
		Options: breaker.DefaultOptions(), Command: "symbols", MaxSize: 500 << 10, Large: largeSkip,
		Factor: 1, MaxPoints: 20, HamPoints: 5,
	}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	errs := []error{o.Options.Validate()}
	if o.User != "" && !isUser(o.User) {
		errs = append(errs, fmt.Errorf("user: %.40q: want a name of letters, digits and ._+=@- of at most %d octets", o.User, maxUser))
	}
	if _, ok := commands()[o.Command]; !ok {
		errs = append(errs, fmt.Errorf("command: %.20q: want symbols, check or report", o.Command))
	}
	if o.MaxSize < 1<<10 || o.MaxSize > maxSize {
		errs = append(errs, fmt.Errorf("max_size: %v: want 1KiB to %v", o.MaxSize, mail.Size(maxSize)))
	}
	if o.Large != largeSkip && o.Large != largeTruncate {
		errs = append(errs, fmt.Errorf("large: %.20q: want skip or truncate", o.Large))
	}
	for _, v := range []float64{o.Factor, o.MaxPoints, o.HamPoints} {
		if !(v >= 0 && v <= maxScore) {
			errs = append(errs, fmt.Errorf("factor, max_points, ham_points: %v: want 0 to %d", v, maxScore))
		}
	}
	return errors.Join(append(errs, o.validateRules())...)
}

func (o *Options) validateRules() error {
	if len(o.Rules) == 0 {
		return nil
	}
	var errs []error
	if len(o.Rules) > maxRules {
		errs = append(errs, fmt.Errorf("rules: have %d, want at most %d", len(o.Rules), maxRules))
	}
	if o.Command == "check" {
		errs = append(errs, errors.New("rules: the answer to the command check does not name them"))
	}
	for name, points := range o.Rules {
		if !isRule(name) || !(math.Abs(points) <= maxScore) {
			errs = append(errs, fmt.Errorf("rules: %.40q: %v: want the name of a rule and points from -%d to %d", name, points, maxScore, maxScore))
		}
	}
	return errors.Join(errs...)
}

// points are what spamd's points count.
func (o *Options) points(score float64) float64 {
	p := min(max(score*o.Factor, -o.HamPoints), o.MaxPoints)
	return math.Round(100*p) / 100
}

// userFor is whose settings count; "" for those of nobody.
func (o *Options) userFor(env *mail.Envelope) string {
	if o.User != userOfOne {
		return o.User
	}
	if env == nil || len(env.RcptTo) != 1 {
		return ""
	}
	if user := env.RcptTo[0].Address; isUser(user) {
		return user
	}
	return ""
}

// isUser tells if a name can be handed to spamd, which may make the path of a folder of it. A stranger may have chosen it.
func isUser(s string) bool {
	dots := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if dots++; dots > 1 || i == 0 {
				return false
			}
			continue
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		case c == '+', c == '=', c == '@', c == '-':
			if i == 0 {
				return false
			}
		default:
			return false
		}
		dots = 0
	}
	return s != "" && len(s) <= maxUser
}
