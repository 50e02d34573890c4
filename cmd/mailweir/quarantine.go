// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/quarantine"
)

// keeper opens what "mailweir quarantine" works on, by the config.
type keeper struct {
	open   func(cmd *cobra.Command) (*quarantine.Store, error)
	sender func(cmd *cobra.Command) (quarantine.Sender, error) // For a release.
}

// quarantineCommand is "mailweir quarantine". It works on the same folder as the server, which need not run.
func quarantineCommand(k keeper) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "Look after the messages that are kept",
		Long: "Look after the messages that are kept. ID is what list shows, or the ID of the message that is in the log and in replies,\n" +
			"if only one copy of it is kept.",
	}
	cmd.AddCommand(k.listCommand(), k.showCommand(), k.releaseCommand(), k.deleteCommand(), k.expireCommand())
	return cmd
}

// openQuarantine opens the quarantine of the config.
func openQuarantine(cmd *cobra.Command) (*quarantine.Store, error) {
	c, err := loadConfig(cmd)
	if err != nil {
		return nil, err
	}
	if c.Quarantine.Dir == "" {
		return nil, errors.New("the config names no quarantine")
	}
	return quarantine.Open(c.Quarantine.Dir, quarantine.Options{Keep: c.Quarantine.Keep, MaxSize: c.Quarantine.MaxSize})
}

// run opens the store for a command.
func (k keeper) run(do func(cmd *cobra.Command, s *quarantine.Store, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := k.open(cmd)
		if err != nil {
			return err
		}
		defer func() { _ = s.Close() }()
		return do(cmd, s, args)
	}
}

// eachID does something about each entry that is named. What fails is told, and does not keep it from the others.
func (k keeper) eachID(do func(cmd *cobra.Command, s *quarantine.Store, id quarantine.ID) error) func(*cobra.Command, []string) error {
	return k.run(func(cmd *cobra.Command, s *quarantine.Store, args []string) error {
		failed := false
		for _, arg := range args {
			id, err := findEntry(s, arg)
			if err == nil {
				err = do(cmd, s, id)
			}
			if errors.Is(err, fs.ErrNotExist) {
				err = errNotKept
			}
			if err != nil {
				failed = true
				printf(cmd.ErrOrStderr(), "%s: %v\n", shown(arg), err)
			}
		}
		if failed {
			return errFault
		}
		return nil
	})
}

var errNotKept = errors.New("no such message is kept")

// findEntry takes the ID of an entry, or the ID of a message of which one copy is kept.
func findEntry(s *quarantine.Store, arg string) (quarantine.ID, error) {
	if id, err := quarantine.ParseID(arg); err == nil {
		return id, nil
	}
	var ids []string
	var unread error // An entry that cannot be read may be the one, if no other is.
	for e, err := range s.List(quarantine.Filter{Message: arg}) {
		if err != nil {
			unread = err
			continue
		}
		ids = append(ids, string(e.ID))
	}
	switch len(ids) {
	case 0:
		if unread != nil {
			return "", unread
		}
		return "", errNotKept
	case 1:
		return quarantine.ID(ids[0]), nil
	}
	return "", fmt.Errorf("several copies are kept: %s", strings.Join(ids, " "))
}

func (k keeper) showCommand() *cobra.Command {
	var asJSON, message bool
	cmd := &cobra.Command{
		Use:   "show ID...",
		Short: "Tell what is known about a message, or write it out",
		Long: "Tell what is known about a message: its envelope, the findings, and why it is kept.\n" +
			"--message writes the message itself, octet for octet. Who does so is written down beside it.",
		Args: cobra.MinimumNArgs(1),
		RunE: k.eachID(func(cmd *cobra.Command, s *quarantine.Store, id quarantine.ID) error {
			if message {
				return writeMessage(cmd.OutOrStdout(), s, id)
			}
			e, err := s.Get(id)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), e)
			}
			return printEntry(cmd.OutOrStdout(), e)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&message, "message", false, "write the message, and write down who reads it")
	cmd.MarkFlagsMutuallyExclusive("json", "message")
	return cmd
}

// writeMessage writes the message out once it is written down who reads it.
func writeMessage(w io.Writer, s *quarantine.Store, id quarantine.ID) error {
	if err := s.MarkOpened(id, whoami()); err != nil {
		return err
	}
	f, err := s.Open(id)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// whoami is the user at the keyboard, as far as the system tells.
func whoami() string {
	name := fmt.Sprintf("uid %d", os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if by := os.Getenv("SUDO_USER"); by != "" {
		return by + " as " + name
	}
	return name
}

func (k keeper) releaseCommand() *cobra.Command {
	var to []string
	cmd := &cobra.Command{
		Use:   "release ID...",
		Short: "Send a message on, without filtering it again",
		Long: "Send a message on through the next hop, to those that it was for or to others, without filtering it again. It is marked as\n" +
			"released once the next hop has taken it, and stays until it expires. The exit status is 1 if anybody did not get it.",
		Args: cobra.MinimumNArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var rcpts []mail.Path
		for _, a := range to {
			rcpts = append(rcpts, mail.NewPath(trimPath(a)))
		}
		send, err := k.sender(cmd)
		if err != nil {
			return err
		}
		return k.eachID(func(cmd *cobra.Command, s *quarantine.Store, id quarantine.ID) error {
			taken, err := s.Release(cmd.Context(), id, rcpts, send)
			for _, p := range taken {
				printf(cmd.OutOrStdout(), "%s: released to %s\n", id, shown(p.String()))
			}
			return err
		})(cmd, args)
	}
	cmd.Flags().StringArrayVar(&to, "to", nil, "recipient instead of the original ones, may be given more than once")
	return cmd
}

func (k keeper) deleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete ID...",
		Short: "Remove messages for good",
		Args:  cobra.MinimumNArgs(1),
		RunE: k.eachID(func(cmd *cobra.Command, s *quarantine.Store, id quarantine.ID) error {
			err := s.Delete(id)
			if err == nil {
				printf(cmd.OutOrStdout(), "%s: deleted\n", id)
			}
			return err
		}),
	}
}

func (k keeper) expireCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "expire",
		Short: "Remove messages that are too old or too much by the config",
		Long:  "Remove messages that are older than quarantine.keep, and then the oldest until all have at most quarantine.max_size. The server does\nso by itself.",
		Args:  cobra.NoArgs,
		RunE: k.run(func(cmd *cobra.Command, s *quarantine.Store, _ []string) error {
			n, octets, err := s.Expire(cmd.Context())
			printf(cmd.OutOrStdout(), "expired %d, freed %d octets\n", n, octets)
			return err
		}),
	}
}
