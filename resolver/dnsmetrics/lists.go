// SPDX-License-Identifier: Apache-2.0

package dnsmetrics

import (
	"errors"
	"io"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/resolver/dnslist"
)

// What a question to a list came to, as the label result has it.
const (
	resultListed   = "listed"
	resultClear    = "not_listed"
	resultNoAnswer = "no_answer"
	resultOff      = "off" // Not asked, because the list is switched off.
)

// Lists counts and logs what DNS lists do. The filters dnsbl and uribl count by it; the names of the metrics are theirs. Names of lists are from the config,
// so they are bounded. It is safe for many goroutines.
type Lists struct {
	Answers *prometheus.CounterVec // By the labels list and result.
	Up      *prometheus.GaugeVec   // 1 or 0, by the label list.
	Log     logrus.FieldLogger
}

// NewLists registers the metrics of l, or takes those that are registered already, as after a reload of the config, and makes all values of the labels. A
// nil reg registers nothing, a nil log logs nothing. The log has filter as a field.
func NewLists(reg prometheus.Registerer, filter string, zones []string, l Lists) (*Lists, error) {
	l.Log = orNone(l.Log).WithField("filter", filter)
	err := errors.Join(register(reg, &l.Answers), register(reg, &l.Up))
	for _, z := range zones {
		l.Up.WithLabelValues(z).Set(1)
		for _, r := range []string{resultListed, resultClear, resultNoAnswer, resultOff} {
			l.Answers.WithLabelValues(z, r)
		}
	}
	return &l, err
}

// orNone is log, or a log that drops all if it is nil.
func orNone(log logrus.FieldLogger) logrus.FieldLogger {
	if log != nil {
		return log
	}
	none := logrus.New()
	none.SetOutput(io.Discard)
	return none
}

// Answered counts what a question to a list came to. err is nil if the list answered.
func (l *Lists) Answered(zone string, listed bool, err error) {
	result := resultClear
	switch {
	case errors.Is(err, dnslist.ErrOff):
		result = resultOff
	case err != nil:
		result = resultNoAnswer
	case listed:
		result = resultListed
	}
	l.Answers.WithLabelValues(zone, result).Inc()
}

// Switched gives what tells of a list that is switched off or on, for dnslist.Config.
func (l *Lists) Switched(zone string) func(on bool, why error) {
	log := l.Log.WithField("list", zone)
	return func(on bool, why error) {
		if on {
			l.Up.WithLabelValues(zone).Set(1)
			log.Info("DNS list in use again")
			return
		}
		l.Up.WithLabelValues(zone).Set(0)
		log.WithField("err", why).Warn("DNS list switched off for a while")
	}
}
