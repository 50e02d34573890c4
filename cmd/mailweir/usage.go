// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// tellUsage has a command and all below it refuse what they do not have, and say what they want. Without it a wrong name behind a group of commands prints a help, and the exit
// status says that all is well.
func tellUsage(cmd *cobra.Command) {
	for _, below := range cmd.Commands() {
		tellUsage(below)
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	if want := cmd.Args; want != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := want(cmd, args); err != nil {
				return fmt.Errorf("%w; usage: %s", err, cmd.UseLine())
			}
			return nil
		}
	}
	if cmd.HasParent() && cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.DisableFlagsInUseLine = true
		cmd.RunE = group
	}
}

// group is a command that only others stand below.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	var names []string
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, below.Name())
		}
	}
	return fmt.Errorf("unknown command %q for %q, want one of %s", args[0], cmd.CommandPath(), strings.Join(names, ", "))
}
