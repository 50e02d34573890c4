// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
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
		Long: "Tell all faults of the config, one a line: file:line: key: what is wrong and what was expected.\n" +
			"The exit status is 0 if there are none. Warnings are told too, and do not change the exit status.",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: ok\n", c.File)
			return err
		},
	}
}

func configShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:          "show",
		Short:        "Print the config with all defaults filled in",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return config.Dump(cmd.OutOrStdout(), c)
		},
	}
}

// loadConfig loads the file of the flag --config. It writes faults and warnings to standard error, one a line; of faults the
// error then tells no more than the number.
func loadConfig(cmd *cobra.Command) (*config.Config, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	c, err := config.Load(file)
	var faults config.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			fmt.Fprintln(cmd.ErrOrStderr(), f)
		}
		return nil, fmt.Errorf("%s: %s", file, count(len(faults), "fault"))
	}
	if err != nil {
		return nil, err
	}
	printWarnings(cmd.ErrOrStderr(), c)
	return c, nil
}

func printWarnings(w io.Writer, c *config.Config) {
	for _, warning := range c.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
