// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/gateway"
)

// probeTimeout bounds the wait for one scanner's answer to a probe.
const probeTimeout = 30 * time.Second

func scannersCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "scanners", Short: "Look after the virus scanners"}
	cmd.AddCommand(&cobra.Command{
		Use:   "probe",
		Short: "Ask every scanner for its product, version and signatures",
		Long:  "Ask every scanner of the config for its product, version and the date of its signatures. The exit status is 1 if one gives no answer.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			log := logrus.New()
			log.SetOutput(os.Stderr)
			e, err := gateway.NewEngine(cfg, log, prometheus.NewRegistry())
			if err != nil {
				return err
			}
			return probe(cmd, e)
		},
	})
	return cmd
}

func probe(cmd *cobra.Command, e *gateway.Engine) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	failed := false
	for _, name := range slices.Sorted(maps.Keys(e.Scanners)) {
		ctx, cancel := context.WithTimeout(cmd.Context(), probeTimeout)
		engine, err := e.Scanners[name].Probe(ctx)
		cancel()
		if err != nil {
			failed = true
			engine = "no answer: " + err.Error()
		}
		printf(w, "%s\t%s\n", name, engine)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if failed {
		return errFault
	}
	return nil
}
