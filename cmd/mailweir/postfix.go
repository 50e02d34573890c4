// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/mailweir/mailweir/internal/postconf"
)

// errUnconfirmed ends a command that was not allowed to change anything.
var errUnconfirmed = errors.New("nothing was changed: say --yes, or y at a terminal")

// postfixCommand is "mailweir postfix": put mailweir into Postfix and take it out again.
func postfixCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "postfix",
		Short: "Put mailweir into Postfix, and take it out again",
		Long: "Put mailweir into the configuration of Postfix, check that the two fit, and take it out again. All changes are\n" +
			"made by postconf(1). Modes: after-queue-lmtp, after-queue-smtp, before-queue; mode and addresses are those of\n" +
			"the config's listener, and of the flags.",
	}
	f := cmd.PersistentFlags()
	f.String("config-dir", "", "folder of main.cf and master.cf, for an instance that is not the system's")
	f.String("mode", "", "how Postfix hands mail over; needed if the config has several listeners")
	f.String("filter", "", "where mailweir listens, host:port or unix:/path")
	f.String("reinject", "", "where Postfix is to listen for what comes back, host:port")
	f.StringSlice("service", nil, "entry of a public listener in master.cf, such as smtp/inet (before-queue)")
	cmd.AddCommand(postfixPrintCommand(), postfixCheckCommand(), postfixApplyCommand(), postfixRemoveCommand())
	return cmd
}

func postfixPrintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "print",
		Short: "Print the commands that put mailweir into Postfix",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, f, err := theFragment(cmd)
			if err != nil {
				return err
			}
			keys := w.services
			if keys == nil {
				keys = []string{postconf.Public}
			}
			for _, c := range f.Changes(keys) {
				printf(cmd.OutOrStdout(), "%s\n", c.Command(w.conf.Dir))
			}
			printf(cmd.OutOrStdout(), "%s\n", reloadLine(w.conf))
			return nil
		},
	}
}

func postfixApplyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Change main.cf and master.cf, after showing how",
		Long: "Change main.cf and master.cf so that mail goes through mailweir, after showing what was and what will be. What was\n" +
			"there is kept for \"mailweir postfix remove\". A second apply changes nothing.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, f, err := theFragment(cmd)
			if err != nil {
				return err
			}
			changes, err := w.conf.PlanApply(cmd.Context(), w.mode, f, w.services)
			if err != nil {
				return err
			}
			if err := confirm(cmd, changes); err != nil || len(changes) == 0 {
				return err
			}
			if err := w.conf.Apply(cmd.Context(), w.mode, changes); err != nil {
				return err
			}
			printf(cmd.OutOrStdout(), "Done. To put it in force, once mailweir runs: %s\n", reloadLine(w.conf))
			return nil
		},
	}
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}

func postfixRemoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Put main.cf and master.cf back to what they were before apply",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conf, err := instance(cmd)
			if err != nil {
				return err
			}
			removal, err := conf.PlanRemove(cmd.Context())
			if err != nil {
				return err
			}
			for _, c := range removal.Foreign {
				printf(cmd.OutOrStdout(), "%s was changed since apply; it goes back to what it was before all the same.\n", c.Key)
			}
			if err := confirm(cmd, removal.Changes); err != nil {
				return err
			}
			if len(removal.Changes) == 0 {
				printf(cmd.OutOrStdout(), "This takes back what \"mailweir postfix apply\" has changed; what was put in by hand is for you to take out.\n")
			}
			if err := conf.Remove(cmd.Context(), removal); err != nil {
				return err
			}
			if len(removal.Changes) > 0 {
				printf(cmd.OutOrStdout(), "Done. To put it in force: %s\n"+
					"Behind the queue, what Postfix has in its queue now is still to go to mailweir. Afterwards: %s\n",
					reloadLine(conf), inInstance("postsuper", conf, "-r ALL"))
			}
			return nil
		},
	}
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}

func postfixCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Tell whether Postfix and mailweir fit",
		Long: "Tell whether the configuration of Postfix fits each listener of mailweir. The exit status is 1 if mail would not be\n" +
			"filtered, not come back, or be refused; what could only be better (warn) does not change it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ways, err := allWays(cmd)
			if err != nil {
				return err
			}
			failed := false
			for _, w := range ways {
				bad, err := checkWay(cmd.Context(), cmd.OutOrStdout(), w)
				if err != nil {
					return err
				}
				failed = failed || bad
			}
			if failed {
				return errFault
			}
			return nil
		},
	}
}

func checkWay(ctx context.Context, out io.Writer, w way) (failed bool, err error) {
	printf(out, "%s: mailweir at %s, back at %s\n", w.mode, w.filter, w.reinject)
	points, err := w.conf.Check(ctx, w.ours())
	if err != nil {
		return false, err
	}
	for _, p := range points {
		printf(out, "  %s\n", p)
		failed = failed || p.Level == postconf.Fail
	}
	return failed, nil
}

// confirm shows the changes and asks whether to make them.
func confirm(cmd *cobra.Command, changes []postconf.Change) error {
	out := cmd.OutOrStdout()
	if len(changes) == 0 {
		printf(out, "Nothing to change.\n")
		return nil
	}
	for _, c := range changes {
		printf(out, "%s\n", c)
	}
	yes, err := cmd.Flags().GetBool("yes")
	if err != nil || yes {
		return err
	}
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !isTerminal(in) {
		return errUnconfirmed
	}
	printf(out, "Make these changes? [y/N] ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil || strings.ToLower(strings.TrimSpace(answer)) != "y" {
		return errUnconfirmed
	}
	return nil
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

func reloadLine(c postconf.Conf) string { return inInstance("postfix", c, "reload") }

// inInstance is a Postfix command as a line for a shell.
func inInstance(program string, c postconf.Conf, args string) string {
	if c.Dir == "" {
		return program + " " + args
	}
	return fmt.Sprintf("%s -c %s %s", program, c.Dir, args)
}
