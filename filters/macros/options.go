// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/officeclean"
)

// Options are the filter's options.
type Options struct {
	Ignore   []string  `yaml:"ignore" doc:"codes of findings that are not made, such as macro.pdf_xfa"`
	MaxClean mail.Size `yaml:"max_clean" min:"0" max:"64MiB" doc:"size up to which a document is cleaned, so that its findings have a remedy; 0 cleans none"`
}

// DefaultOptions leaves out files that are embedded in PDF: invoices have their data in one, and the file rules judge each of them. Documents of
// ordinary size are cleaned.
func DefaultOptions() *Options {
	return &Options{Ignore: []string{"macro.pdf_embedded"}, MaxClean: 32 << 20}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	for i, name := range o.Ignore {
		if !slices.Contains(codes(), name) {
			errs = append(errs, fmt.Errorf("ignore: there is no %.40q; there are: %s", name, strings.Join(codes(), ", ")))
		}
		if slices.Contains(o.Ignore[:i], name) {
			errs = append(errs, fmt.Errorf("ignore: %.40q is named twice", name))
		}
	}
	if o.MaxClean < 0 || o.MaxClean > officeclean.MaxDocument {
		errs = append(errs, fmt.Errorf("max_clean: %d: want 0 to %v", o.MaxClean, mail.Size(officeclean.MaxDocument)))
	}
	return errors.Join(errs...)
}
