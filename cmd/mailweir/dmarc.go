// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/dmarc/report/store"
	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters/auth"
)

// dmarcCommand is "mailweir dmarc": what was counted for the owners of domains.
func dmarcCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dmarc",
		Short: "Make DMARC reports of what was counted",
		Long: "Make DMARC reports of what the filter auth has counted (its option reports). Run it as the user of the server, which owns the database.\n" +
			"Nothing is sent.",
	}
	cmd.AddCommand(dmarcReportCommand(), dmarcListCommand())
	return cmd
}

// dayFormat is how days are written.
const dayFormat = time.DateOnly

const oneDay = 24 * time.Hour

func dmarcReportCommand() *cobra.Command {
	var day, out string
	var plain bool
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write the reports about a day, one file for each domain",
		Long: "Write an aggregate report (RFC 7489) about each domain that asks for reports and that mail has come from on a day, from 0:00 to 24:00 UTC. The addresses\n" +
			"that a report is for are told, and which of them do not say that they want it: those of another organisation have to (section 7.1). Nothing is sent.",
		Example: "  mailweir dmarc report --day 2026-11-21 --out /var/lib/mailweir/reports",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at := time.Now().UTC().Truncate(oneDay).Add(-oneDay)
			if day != "" {
				asked, err := time.Parse(dayFormat, day)
				if err != nil {
					return fmt.Errorf("--day: %q: want a day such as %s", day, at.Format(dayFormat))
				}
				at = asked
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return writeReports(cmd, cfg, at, out, plain)
		},
	}
	cmd.Flags().StringVar(&day, "day", "", "day to report, as YYYY-MM-DD; yesterday if none is named")
	cmd.Flags().StringVar(&out, "out", ".", "folder for the files; one of the same name is written over")
	cmd.Flags().BoolVar(&plain, "plain", false, "do not compress the files")
	return cmd
}

func writeReports(cmd *cobra.Command, cfg *config.Config, at time.Time, out string, plain bool) error {
	w, err := newReporter(cfg, at, out, plain)
	if err != nil {
		return err
	}
	r, err := commandResolver(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	ctx := cmd.Context()
	if at.Add(oneDay).After(time.Now()) {
		printf(cmd.ErrOrStderr(), "%s is not over: mail that is still to come is not in the reports\n", at.Format(dayFormat))
	}
	totals, err := w.store.Totals(ctx, at, at.Add(oneDay))
	if err != nil {
		return denied(w.options.Database, err)
	}
	if len(totals) == 0 {
		printf(cmd.ErrOrStderr(), "%s: nothing was counted\n", at.Format(dayFormat))
	}
	for _, t := range totals {
		if err := w.report(ctx, cmd.OutOrStdout(), r, t); err != nil {
			return err
		}
	}
	return nil
}

func dmarcListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what was counted, by day and domain",
		Long:  "List what was counted, by day and domain: rows of the report, messages, and the policy that was found last.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			r, s, err := openCounted(cfg)
			if err != nil {
				return err
			}
			totals, err := s.Totals(cmd.Context(), time.Time{}, time.Now().Add(oneDay))
			if err != nil {
				return denied(r.Database, err)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			printf(w, "DAY\tDOMAIN\tROWS\tMESSAGES\tPOLICY\n")
			for _, t := range totals {
				printf(w, "%s\t%s\t%d\t%d\t%s\n", t.Day.Format(dayFormat), t.Published.Domain, t.Rows, t.Messages, t.Published.Policy)
			}
			return w.Flush()
		},
	}
}

// openCounted opens the database that the filter auth of the config counts in.
func openCounted(cfg *config.Config) (*auth.Reports, *store.Store, error) {
	for _, stage := range cfg.Chain {
		for _, f := range stage {
			o, ok := f.Options.(*auth.Options)
			if !ok || o.Reports.Database == "" {
				continue
			}
			r := o.Reports
			_, domain, _ := authn.SplitAddress(r.Email)
			r.Organisation = cmp.Or(r.Organisation, domain)
			s, err := store.Open(r.Database)
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%s: nothing was counted yet", r.Database)
			}
			return &r, s, err
		}
	}
	return nil, nil, errors.New("nothing is counted: the filter auth of the config has no reports.database")
}
