// SPDX-License-Identifier: Apache-2.0

package html

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/markup"
)

// Options are the filter's options.
type Options struct {
	Kinds []string `yaml:"kinds" doc:"kinds of danger that are looked for: script, handler, iframe, object, form, refresh, base, scheme, css, svg, smuggling, webbug, remote"`
}

// DefaultOptions looks for every kind but remote content, which is ordinary in newsletters.
func DefaultOptions() *Options {
	o := &Options{}
	for _, k := range markup.Kinds() {
		if k != markup.WebBug && k != markup.Remote {
			o.Kinds = append(o.Kinds, string(k))
		}
	}
	return o
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if len(o.Kinds) == 0 {
		errs = append(errs, errors.New("kinds: want at least one"))
	}
	for i, name := range o.Kinds {
		if !slices.Contains(markup.Kinds(), markup.Kind(name)) {
			errs = append(errs, fmt.Errorf("kinds: there is no %.40q; there are: %s", name, kindNames()))
		}
		if slices.Contains(o.Kinds[:i], name) {
			errs = append(errs, fmt.Errorf("kinds: %.40q is named twice", name))
		}
	}
	return errors.Join(errs...)
}

func kindNames() string {
	var names []string
	for _, k := range markup.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
