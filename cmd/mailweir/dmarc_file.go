// SPDX-License-Identifier: Apache-2.0

package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mailweir/mailweir/authn"
	aggregate "github.com/mailweir/mailweir/authn/dmarc/report"
	"github.com/mailweir/mailweir/authn/dmarc/report/store"
	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters/auth"
)

// reporter writes reports about one day.
type reporter struct {
	store    *store.Store
	options  *auth.Reports
	receiver string
	day      time.Time
	out      string
	plain    bool
	lookups  time.Duration // Bounds the look-ups about one domain: however many there are, none keeps the others from being reported.
}

// domainLookups bounds the wait for the DNS about one domain.
const domainLookups = 30 * time.Second

func newReporter(cfg *config.Config, day time.Time, out string, plain bool) (*reporter, error) {
	options, s, err := openCounted(cfg)
	if err != nil {
		return nil, err
	}
	return &reporter{store: s, options: options, receiver: cfg.Hostname, day: day, out: out, plain: plain, lookups: domainLookups}, nil
}

// report writes the report about one domain, and tells whom it is for.
func (w *reporter) report(ctx context.Context, told io.Writer, r authn.Resolver, t store.Total) error {
	domain := t.Published.Domain
	rows, err := w.store.Rows(ctx, domain, w.day, w.day.Add(oneDay))
	if err != nil {
		return err
	}
	meta := aggregate.Meta{
		Organisation: w.options.Organisation, Email: w.options.Email, ID: aggregate.ID(w.receiver, domain, w.day), Begin: w.day, End: w.day.Add(oneDay),
	}
	name := w.file(aggregate.FileName(w.receiver, domain, meta), meta.ID)
	if err := writeReportFile(name, func(out io.Writer) error { return w.document(out, meta, rows) }); err != nil {
		return fmt.Errorf("report about %s: %w", domain, err)
	}
	printf(told, "%s: %d messages, %s\n", domain, t.Messages, name)
	ctx, cancel := context.WithTimeout(ctx, w.lookups)
	defer cancel()
	for _, d := range aggregate.Destinations(ctx, r, domain, t.Published.Aggregate) {
		printf(told, "  %s\n", destination(d))
	}
	return nil
}

// maxFileName is how many octets the name of a file may have (NAME_MAX).
const maxFileName = 255

// file is where a report is written. A name that no file can have, of a domain of 200 octets, is left to the ID.
func (w *reporter) file(name, id string) string {
	suffix := ".xml.gz"
	if w.plain {
		suffix = ".xml"
	}
	if len(name+suffix) > maxFileName {
		name = id
	}
	return filepath.Join(w.out, name+suffix)
}

// destination is a line about one address. What the owner of a domain has written comes quoted.
func destination(d aggregate.Destination) string {
	line := "for " + d.Address
	if d.Address == "" {
		line = fmt.Sprintf("not for %.200q", d.URI)
	} else if d.Reason != "" {
		line = "not " + line
	}
	if d.Reason != "" {
		line += ": " + d.Reason
	}
	if d.MaxSize > 0 {
		line += fmt.Sprintf(" (at most %d octets)", d.MaxSize)
	}
	return line
}

func (w *reporter) document(out io.Writer, meta aggregate.Meta, rows []aggregate.Row) error {
	if w.plain {
		return aggregate.XML(out, meta, rows)
	}
	z := gzip.NewWriter(out)
	return errors.Join(aggregate.XML(z, meta, rows), z.Close())
}

// writeReportFile writes a file that is either there as a whole or not at all. It is nobody's but its owner's: it tells who sends mail to us.
func writeReportFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".report-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), giveToFolder(f.Name()), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
