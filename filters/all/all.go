// SPDX-License-Identifier: Apache-2.0

// Package all lists every kind of filter. The list is explicit, so that what a binary can do is read in one place.
package all

import (
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/attachments"
	"github.com/mailweir/mailweir/filters/auth"
	"github.com/mailweir/mailweir/filters/bayes"
	"github.com/mailweir/mailweir/filters/dnsbl"
	"github.com/mailweir/mailweir/filters/greylist"
	"github.com/mailweir/mailweir/filters/html"
	"github.com/mailweir/mailweir/filters/known"
	"github.com/mailweir/mailweir/filters/lists"
	"github.com/mailweir/mailweir/filters/macros"
	"github.com/mailweir/mailweir/filters/phishing"
	"github.com/mailweir/mailweir/filters/rspamd"
	"github.com/mailweir/mailweir/filters/rules"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/filters/virus"
)

// Kinds are all kinds of filters, by name in alphabetical order.
func Kinds() []filters.Kind {
	return []filters.Kind{
		attachments.Kind(),
		auth.Kind(),
		bayes.Kind(),
		dnsbl.Kind(),
		greylist.Kind(),
		html.Kind(),
		known.Kind(),
		lists.Kind(),
		macros.Kind(),
		phishing.Kind(),
		rspamd.Kind(),
		rules.Kind(),
		spamd.Kind(),
		uribl.Kind(),
		virus.Kind(),
	}
}
