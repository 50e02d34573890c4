// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filename"
	"github.com/mailweir/mailweir/mail"
)

// Options are the filter's options.
type Options struct {
	Rules        map[string][]Rule `yaml:"rules" doc:"rule lists by name; policies choose one by file_rules. The list default is the shipped one unless it is given here"`
	MaxSize      mail.Size         `yaml:"max_size" min:"0" doc:"largest attachment, decoded; 0 for no limit"`
	MinSize      mail.Size         `yaml:"min_size" min:"0" doc:"smallest attachment; 0 for no limit"`
	MaxTotal     mail.Size         `yaml:"max_total" min:"0" doc:"all attachments of a message together; 0 for no limit"`
	MaxCount     int               `yaml:"max_count" min:"0" max:"100000" doc:"attachments in a message; 0 for no limit"`
	Mismatch     string            `yaml:"mismatch" oneof:"dangerous all off" doc:"which contents that are not what name or media type claim are findings: those that do harm, all, or none"`
	OddNames     []string          `yaml:"odd_names" oneof:"direction invisible control clsid blanks double_extension disguised stream path device too_long" doc:"what makes a name a finding"`
	Partial      string            `yaml:"partial" oneof:"deny allow" doc:"pieces of messages, message/partial, which cannot be looked at as a whole"`
	ExternalBody string            `yaml:"external_body" oneof:"deny allow" doc:"bodies that the mail client fetches from elsewhere, message/external-body"`
}

// Rule is one line of a rule list.
type Rule struct {
	Do     string   `yaml:"do,omitempty" oneof:"allow deny rename" doc:"what becomes of a file that the rule is about"`
	Name   []string `yaml:"name,omitempty" doc:"whole names in any case; * stands for any characters and ? for one. One has to match"`
	Match  []string `yaml:"match,omitempty" doc:"regular expressions (RE2) for a piece of the name, in any case. One has to match, or one of name"`
	Type   []string `yaml:"type,omitempty" doc:"what the content is: a type such as pe or script.js, a group such as executable, or a media type such as image/png; * stands for any characters. One has to match"`
	In     string   `yaml:"in,omitempty" oneof:"any message archive" default:"any" doc:"where the file is: attached, in an archive, or either"`
	Rename string   `yaml:"rename,omitempty" default:"{name}.disarmed" doc:"new name for rename; {name} is the old one, {base} the part before the extension, {ext} the extension"`
	ID     string   `yaml:"id,omitempty" doc:"name of the rule, told in findings beside its number"`
	Log    string   `yaml:"log,omitempty" doc:"text for log and record"`
	User   string   `yaml:"user,omitempty" doc:"text for the recipient"`
	Use    string   `yaml:"use,omitempty" doc:"puts all rules of another list here, or of the one that is shipped as shipped; it stands alone"`
}

// Values of options.
const (
	mismatchDangerous = "dangerous"
	mismatchAll       = "all"
	mismatchOff       = "off"
	wordAllow         = "allow"
	wordDeny          = "deny"
	wordRename        = "rename"
	inAny             = "any"
	inMessage         = "message"
	inArchives        = "archive"

	defaultList   = "default" // What policies go by that name none.
	shippedList   = "shipped" // For use only.
	defaultRename = "{name}.disarmed"
)

// DefaultOptions has the shipped rules and no limits.
func DefaultOptions() *Options {
	return &Options{
		Mismatch: mismatchDangerous, Partial: wordDeny, ExternalBody: wordDeny,
		OddNames: []string{
			filename.Direction, filename.Invisible, filename.Control, filename.ClassID, filename.Blanks, filename.Double, filename.Disguised,
			filename.Stream, filename.Path, filename.TooLong,
		},
	}
}

// Lists are the names of the rule lists that policies may choose, in alphabetical order.
func (o *Options) Lists() []string {
	names := slices.Collect(maps.Keys(o.Rules))
	if !slices.Contains(names, defaultList) {
		names = append(names, defaultList)
	}
	slices.Sort(names)
	return names
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if _, err := compile(o.Rules); err != nil {
		errs = append(errs, split(err)...)
	}
	for _, s := range []struct {
		key  string
		size mail.Size
	}{{"max_size", o.MaxSize}, {"min_size", o.MinSize}, {"max_total", o.MaxTotal}, {"max_count", mail.Size(o.MaxCount)}} {
		if s.size < 0 {
			errs = append(errs, fmt.Errorf("%s: %d: want no negative number", s.key, s.size))
		}
	}
	if o.MaxSize > 0 && o.MinSize > o.MaxSize {
		errs = append(errs, fmt.Errorf("min_size: %s: is over max_size", o.MinSize))
	}
	for _, w := range []struct {
		key, value string
		known      []string
	}{
		{"mismatch", o.Mismatch, []string{mismatchDangerous, mismatchAll, mismatchOff}},
		{"partial", o.Partial, []string{wordDeny, wordAllow}},
		{"external_body", o.ExternalBody, []string{wordDeny, wordAllow}},
	} {
		if !slices.Contains(w.known, w.value) {
			errs = append(errs, fmt.Errorf("%s: %q: want one of %s", w.key, w.value, strings.Join(w.known, ", ")))
		}
	}
	for _, n := range o.OddNames {
		if !slices.Contains(filename.All(), n) {
			errs = append(errs, fmt.Errorf("odd_names: %q: want one of %s", n, strings.Join(filename.All(), ", ")))
		}
	}
	return errors.Join(errs...)
}

// split takes errors.Join apart.
func split(err error) []error {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		return many.Unwrap()
	}
	return []error{err}
}
