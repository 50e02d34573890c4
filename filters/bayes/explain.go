// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"fmt"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

var _ filters.Explainer = (*filter)(nil)

// strongest bounds the features that are told of each model.
const strongest = 20

// Explain tells the features that the site's verdict rests on most, the strongest first, with what each adds: above 0 for spam. If what the recipient has taught
// counts, those of his model follow.
func (f *filter) Explain(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]string, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	site := f.site.model(ctx)
	features, names, err := f.extractor.Named(env, msg)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, e := range site.Strongest(features, names, strongest) {
		lines = append(lines, fmt.Sprintf("%+.3f %s", e.LogOdds, e.Name))
	}
	user := f.users.model(ctx, env)
	if user == nil || !f.options.trained(user.Score(features, 0)) {
		return lines, nil
	}
	for _, e := range user.Strongest(features, names, strongest) {
		lines = append(lines, fmt.Sprintf("%+.3f user: %s", e.LogOdds, e.Name))
	}
	return lines, nil
}
