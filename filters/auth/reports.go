// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/authn/dmarc/report"
	"github.com/mailweir/mailweir/authn/dmarc/report/store"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

var _ io.Closer = (*filter)(nil)

// openReports begins to count, if that is asked for. The database is made with the first message, by the server: who looks at mail with the same config, such as mailweir check,
// leaves none behind.
func (f *filter) openReports(d filters.Deps) error {
	o := f.options.Reports
	if o.Database == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Dir(o.Database)); err != nil {
		return fmt.Errorf("reports.database: %w", err)
	}
	now := d.Now
	if now == nil {
		now = time.Now
	}
	log := filters.LogOrNone(d.Log)
	f.counted = report.NewBatch(store.New(o.Database, o.Keep, now), func(written, dropped int, err error) { f.toldReports(log, written, dropped, err) })
	return nil
}

func (f *filter) toldReports(log logrus.FieldLogger, written, dropped int, err error) {
	f.metrics.reports.WithLabelValues(rowWritten).Add(float64(written))
	f.metrics.reports.WithLabelValues(rowDropped).Add(float64(dropped))
	if err != nil {
		log.WithError(err).Warn("not written for DMARC reports; it is tried again")
	}
}

// Follow counts for DMARC reports. A message that comes again is counted then.
func (f *filter) Follow(_ context.Context, env *mail.Envelope, msg *mail.Message, o filters.Outcome) {
	if f.counted == nil || env == nil || msg == nil {
		return
	}
	r, ok := check.Known(msg)
	done, settled := disposition(o.Recipients)
	if !ok || !settled {
		return
	}
	_, trusted := r.Vouched(f.sealers)
	f.counted.Add(report.Rows(r, env, done, trusted)...)
}

// disposition is what became of a message, in the words of reports: the strictest for any recipient. ok is false if it comes again for one of them.
func disposition(recipients []filters.Settled) (done dmarc.Policy, ok bool) {
	done = dmarc.PolicyNone
	for _, s := range recipients {
		switch s.Fate {
		case "defer":
			return "", false
		case "reject", "discard":
			done = dmarc.PolicyReject
		case "quarantine":
			done = stricter(done, dmarc.PolicyQuarantine)
		default:
			if s.Spam {
				done = stricter(done, dmarc.PolicyQuarantine)
			}
		}
	}
	return done, len(recipients) > 0
}

func stricter(a, b dmarc.Policy) dmarc.Policy {
	return slices.MaxFunc([]dmarc.Policy{a, b}, dmarc.Compare)
}

// Close writes what was counted and not written yet.
func (f *filter) Close() error {
	if f.counted == nil {
		return nil
	}
	return f.counted.Close()
}
