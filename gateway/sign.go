// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/outgoing"
	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// What is signed, and what became of it: the labels of the metric.
const (
	whatDKIM = "dkim"
	whatARC  = "arc"

	signed     = "done"
	notSigned  = "skipped" // There is no key for the author, or the chain may not be sealed.
	signFailed = "failed"
)

// signing signs copies as they leave: DKIM for mail from our own people, ARC for mail from outside. It never changes; safe for many goroutines.
type signing struct {
	signer   outgoing.Signer
	hostname string
	within   time.Duration // How long one copy may take.
	all      bool          // Mail from outside is sealed even if it was not changed.
	total    *prometheus.CounterVec
}

// newSigning reads the keys.
func newSigning(cfg *config.Config, reg prometheus.Registerer, now func() time.Time) (*signing, error) {
	s := &signing{hostname: cfg.Hostname, within: cfg.Timeouts.Filter, all: cfg.Signing.Seal.Mail == config.SealAll}
	s.total = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mailweir_signing_total",
		Help: "Copies that were to be signed as they leave, by what with (dkim, arc) and what became of it.",
	}, []string{"what", "result"})
	if err := filters.Register(reg, &s.total); err != nil {
		return nil, err
	}
	for _, what := range []string{whatDKIM, whatARC} {
		for _, result := range []string{signed, notSigned, signFailed} {
			s.total.WithLabelValues(what, result)
		}
	}
	return s, s.load(&cfg.Signing, now)
}

func (s *signing) load(c *config.Signing, now func() time.Time) error {
	var keys []*dkim.Signer
	for _, k := range c.Keys {
		key, err := k.Load(now)
		if err != nil {
			return fmt.Errorf("key of %s: %w", k.Domain, err)
		}
		key.Lifetime = c.Lifetime
		keys = append(keys, key)
	}
	if len(keys) > 0 {
		var err error
		if s.signer.Keys, err = dkim.NewKeyring(keys...); err != nil {
			return err
		}
	}
	if c.Seal.IsZero() {
		return nil
	}
	key, err := c.Seal.Load(now)
	if err != nil {
		return fmt.Errorf("key for seals: %w", err)
	}
	s.signer.Sealer = &arc.Sealer{Domain: key.Domain, Selector: key.Selector, Key: key.Key, Now: now}
	return nil
}

// add gives the edits with those before them that sign the copy which they make. policy are those among them that the policy asks for. A copy
// that cannot be signed, or not in time, goes as it is: its receivers see less, and nobody loses mail.
func (s *signing) add(ctx context.Context, log logrus.FieldLogger, a *Account, edits, policy []mail.Edit) []mail.Edit {
	if a.Envelope.Outbound {
		return s.put(ctx, log, whatDKIM, s.signer.Keys != nil, a, edits, nil)
	}
	report, ok := check.Known(a.Message)
	if !ok || !s.all && !changes(policy) {
		return edits
	}
	return s.put(ctx, log, whatARC, s.signer.Sealer != nil, a, edits, &outgoing.Seal{Chain: report.ARC, Results: report.Field(s.hostname)})
}

func (s *signing) put(ctx context.Context, log logrus.FieldLogger, what string, wanted bool, a *Account, edits []mail.Edit, seal *outgoing.Seal) []mail.Edit {
	if !wanted {
		return edits
	}
	ctx, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	extra, err := s.signer.Edits(ctx, a.Message, edits, seal == nil, seal)
	switch {
	case err != nil:
		log.WithError(err).WithField("what", what).Error("message goes without a signature")
		s.total.WithLabelValues(what, signFailed).Inc()
		return edits
	case len(extra) == 0:
		s.total.WithLabelValues(what, notSigned).Inc()
		return edits
	}
	s.total.WithLabelValues(what, signed).Inc()
	return append(extra, edits...)
}

// changes tells if edits do more than to add fields on top, which no signature minds.
func changes(edits []mail.Edit) bool {
	return slices.ContainsFunc(edits, func(e mail.Edit) bool {
		_, onTop := e.(mail.AddField)
		return !onTop
	})
}
