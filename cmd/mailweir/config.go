// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/gateway"
)

// configCommand is "mailweir config": look at the config without running anything. The file is that of the flag
// --config, which all commands inherit.
func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check and explain the config",
	}
	cmd.AddCommand(configCheckCommand(), configShowCommand(), configExplainCommand())
	return cmd
}

func configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Tell all faults of the config, with file and line",
		Long: "Tell all faults of the config, one a line: file:line: key: what is wrong and what was expected. If there are none, the files\n" +
			"and databases that filters read at start are opened, and the first of each filter that cannot be is told. Nothing is made or changed.\n" +
			"The exit status is 0 if there are none. Warnings are told too, and do not change the exit status.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			for _, w := range c.Warnings {
				printf(cmd.ErrOrStderr(), "warning: %s\n", w)
			}
			fault := false
			for _, err := range tryOut(c) {
				if errors.Is(err, fs.ErrPermission) { // What this user may not look at may be the service's all the same.
					printf(cmd.ErrOrStderr(), "warning: %s: %v; the service has to be able to read it\n", c.File, err)
					continue
				}
				fault = true
				printf(cmd.ErrOrStderr(), "%s: %v\n", c.File, err)
			}
			if fault {
				return errFault
			}
			printf(cmd.OutOrStdout(), "%s: ok\n", c.File)
			return nil
		},
	}
}

// tryOut opens what filters read at start, as the service does, and tells what each of them cannot.
func tryOut(c *config.Config) []error {
	_, err := gateway.NewEngine(c, filters.LogOrNone(nil), prometheus.NewRegistry())
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return several.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

func configShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Print the config with all defaults filled in",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return config.Dump(cmd.OutOrStdout(), c)
		},
	}
}

// loadConfig loads the file of the flag --config. Its faults go to standard error, one a line; the error is errFault then.
func loadConfig(cmd *cobra.Command) (*config.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	c, err := config.Load(file)
	switch {
	case err == nil:
		return c, nil
	case noConfig(cmd):
		printf(cmd.ErrOrStderr(), "%v; --config names another config\n", err)
	default:
		printf(cmd.ErrOrStderr(), "%v\n", err)
	}
	return nil, errFault
}

// noConfig tells if no config file is named and there is none at the usual place.
func noConfig(cmd *cobra.Command) bool {
	if cmd.Flags().Changed("config") {
		return false
	}
	_, err := os.Stat(defaultConfig)
	return errors.Is(err, fs.ErrNotExist)
}
