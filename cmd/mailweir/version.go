// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// release is set by the linker when a release is built.
var release = ""

// buildVersion is the release, or what the Go tool knows of the source.
func buildVersion() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// version is the version of this build, for people.
func version() string { return fmt.Sprintf("%s (%s)", buildVersion(), goVersion()) }

func goVersion() string { return runtime.Version() }

// buildInfo is the metric that tells which build this is.
func buildInfo() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "mailweir_build_info",
		Help:        "Always 1; the labels tell the build.",
		ConstLabels: prometheus.Labels{"version": buildVersion(), "goversion": goVersion()},
	}, func() float64 { return 1 })
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(cmd *cobra.Command, _ []string) { printf(cmd.OutOrStdout(), "mailweir %s\n", version()) },
	}
}

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages of all commands into a folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if err := doc.GenManTree(root, &doc.GenManHeader{Section: "8", Source: "mailweir", Manual: "mailweir"}, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			pages, err := filepath.Glob(filepath.Join(args[0], "*.8"))
			printf(cmd.OutOrStdout(), "%d manual pages in %s\n", len(pages), args[0])
			return err
		},
	}
}
