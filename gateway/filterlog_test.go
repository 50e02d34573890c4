// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
)

// Why a filter gave no answer is in the log line: the message that is put off for it is not kept.
func TestFailures(t *testing.T) {
	failure := func(detail string) filters.Finding {
		return filters.Finding{Code: "failure.scanner", Class: filters.Failure, Detail: detail}
	}
	found := []filters.Finding{{Code: "b.two", Class: filters.Spam, Detail: "x"}, failure("a: down"), failure("a: down"), failure("b: slow"), failure("c"), failure("d")}
	if got, want := failures(found), "a: down; b: slow; c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := failures(found[:1]); got != "" {
		t.Errorf("got %q of no failure", got)
	}
}

func TestLogFilters(t *testing.T) {
	r := &filters.Result{
		Findings: []filters.Finding{{Filter: "a", Code: "a.one"}, {Filter: "b", Code: "b.one"}, {Filter: "a", Code: "a.one"}, {Filter: "a", Code: "a.two"}},
		Timings:  []filters.Timing{{Filter: "a", Took: time.Millisecond}, {Filter: "b", Took: time.Second, Err: errors.New("no\nanswer")}},
		Skipped:  []string{"c"},
	}
	for level, want := range map[logrus.Level][]string{
		logrus.InfoLevel: nil,
		logrus.DebugLevel: {
			`level=debug msg=filter code="a.one,a.two" dur=1ms filter=a id=X`,
			`level=debug msg=filter code=b.one dur=1s err="no answer" filter=b id=X`,
			`level=debug msg="filter left out" filter=c id=X`,
		},
	} {
		var out strings.Builder
		log := &logrus.Logger{Out: &out, Formatter: &logrus.TextFormatter{DisableTimestamp: true, DisableColors: true}, Level: level}
		logFilters(log.WithField("id", "X"), r)
		var got []string
		if text := strings.TrimSpace(out.String()); text != "" {
			got = strings.Split(text, "\n")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", level, diff)
		}
	}
	logFilters(&logrus.Logger{Out: io.Discard}, r) // No entry: nothing to tell whom.
}
