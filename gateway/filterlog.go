// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"slices"
	"strings"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
)

// maxFailures bounds what the log line tells of filters that gave no answer.
const maxFailures = 3

// failures tells why filters gave no answer, each reason once: nothing is kept of a message that is put off.
func failures(findings []filters.Finding) string {
	var list []string
	for _, f := range findings {
		if f.Class == filters.Failure && !slices.Contains(list, f.Detail) && len(list) < maxFailures {
			list = append(list, f.Detail)
		}
	}
	return strings.Join(list, "; ")
}

// logFilters writes a line about each filter, at level debug: what it found, and how long it took.
func logFilters(log logrus.FieldLogger, r *filters.Result) {
	entry, ok := log.(*logrus.Entry)
	if !ok || !entry.Logger.IsLevelEnabled(logrus.DebugLevel) {
		return
	}
	for _, t := range r.Timings {
		own := slices.DeleteFunc(slices.Clone(r.Findings), func(f filters.Finding) bool { return f.Filter != t.Filter })
		fields := logrus.Fields{"filter": t.Filter, "code": strings.Join(codes(own), ","), "dur": t.Took.String()}
		if t.Err != nil {
			fields["err"] = filters.Line(t.Err.Error())
		}
		entry.WithFields(fields).Debug("filter")
	}
	for _, name := range r.Skipped {
		entry.WithField("filter", name).Debug("filter left out")
	}
}
