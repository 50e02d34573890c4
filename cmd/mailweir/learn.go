// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters/bayes"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
)

// learnOptions are the flags of "mailweir learn".
type learnOptions struct {
	database string
	user     string
	to       string
	jobs     int
	force    bool
}

// learnCommand is "mailweir learn". It works on the database of the server, which need not run, and looks for itself what is new.
func learnCommand() *cobra.Command {
	var o learnOptions
	cmd := &cobra.Command{
		Use:   "learn",
		Short: "Teach the filter bayes what is spam and what is not",
		Long: "Teach the filter bayes what is spam and what is not. What is learned is kept in the database that the config names for the filter: hashes,\n" +
			"no text. A server that runs takes it over by itself. To begin with, learn ham and spam side by side, with mixed.\n\n" +
			"PATH is a message, an mbox, a Maildir (without its subfolders), another folder, a folder of mailweir's quarantine, or the ID of a message\n" +
			"in the quarantine; - is standard input, a message or an mbox. Messages are learned in the order in which they stand in an mbox, and by the\n" +
			"names of files, with numbers in them as numbers: in a Maildir that is the order of arrival. Hidden files are left out.\n\n" +
			"A message is learned once, however often it is shown and however it is kept. So a command that was interrupted is run again to go on. What\n" +
			"was learned as the other thing is forgotten first.",
	}
	f := cmd.PersistentFlags()
	f.StringVar(&o.database, "database", "", "file or postgres:// URL of the database, instead of the config's")
	f.StringVar(&o.user, "user", "", "address whose own data it is, instead of the site's")
	cmd.AddCommand(
		o.mixedCommand(), o.teachCommand("spam", "Learn messages as spam", teachSpam), o.teachCommand("ham", "Learn messages as ham: mail that is not spam", teachHam),
		o.teachCommand("forget", "Take back what was learned of messages", teachForget), o.statusCommand(), o.exportCommand(), o.importCommand(),
	)
	return cmd
}

func (o *learnOptions) teachCommand(name, short string, what lesson) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " PATH...",
		Short: short,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.to != toBayes {
				return o.teachServer(cmd, args, what)
			}
			each, cleanup, err := learnSources(cmd, args)
			if err != nil {
				return err
			}
			defer cleanup()
			return o.teach(cmd, each, what)
		},
	}
	cmd.Flags().StringVar(&o.to, "to", toBayes, "who learns: bayes, spamd or rspamd, with the servers of that filter in the config's chain")
	jobsFlag(cmd, &o.jobs, "messages that are read at the same time; they are learned in order")
	return cmd
}

// learned is a database of what was learned, and whose part of it is meant.
type learned struct {
	store   *store.Store
	owner   string
	options *bayes.Options // Of the filter; nil if --database was given.
}

// open opens the database. With existing, it has to be there: who only looks, or forgets, with a wrong name makes none.
func (o *learnOptions) open(cmd *cobra.Command, existing bool) (*learned, error) {
	owner, err := o.owner()
	if err != nil {
		return nil, err
	}
	at, options := o.database, (*bayes.Options)(nil)
	sizes := store.Options{Existing: existing}
	if at == "" {
		cfg, err := loadConfig(cmd)
		if err != nil {
			return nil, err
		}
		if options, err = bayesOptions(cfg); err != nil {
			return nil, err
		}
		at, sizes.Bits = options.Database, options.Bits
	}
	s, err := store.Open(cmd.Context(), at, sizes)
	if err != nil {
		return nil, denied(at, err)
	}
	return &learned{store: s, owner: owner, options: options}, nil
}

var errNoBayes = errors.New("the config has no filter bayes in its chain; --database names a database")

// bayesOptions are those of the first filter bayes in the chain.
func bayesOptions(cfg *config.Config) (*bayes.Options, error) {
	for _, stage := range cfg.Chain {
		for _, f := range stage {
			if o, ok := f.Options.(*bayes.Options); ok {
				return o, nil
			}
		}
	}
	return nil, errNoBayes
}

// owner is whose data it is, as the filter bayes asks for it.
func (o *learnOptions) owner() (string, error) {
	if o.user == "" {
		return store.Site, nil
	}
	address := strings.ToLower(trimPath(o.user))
	if i := strings.LastIndexByte(address, '@'); i < 1 || i == len(address)-1 {
		return "", fmt.Errorf("--user %q: want an address, as in user@example.org", o.user)
	}
	return address, nil
}

// statusCommand is "mailweir learn status".
func (o *learnOptions) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Tell how much was learned",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := o.open(cmd, true)
			if err != nil {
				return err
			}
			return l.status(cmd.Context(), cmd)
		},
	}
}

func (l *learned) status(ctx context.Context, cmd *cobra.Command) error {
	st, err := l.store.Status(ctx, l.owner)
	if err != nil {
		return err
	}
	imported, err := l.store.Imported(ctx)
	if err != nil {
		return err
	}
	if l.owner != store.Site {
		imported = nil // It is the site's.
	}
	w := cmd.OutOrStdout()
	printf(w, "database: %s\n", shown(l.store.Name()))
	if l.owner != store.Site {
		printf(w, "user: %s\n", shown(l.owner))
	}
	printf(w, "learned: %d ham, %d spam\n", st.Ham, st.Spam)
	printf(w, "beside each other: %d ham\n", min(st.Compared, st.Ham)) // What was forgotten is among those that were compared.
	if o := l.options; o != nil {
		printf(w, "counts: %s\n", enough(st, imported, o))
	}
	if imported != nil {
		printf(w, "from SpamAssassin: %s\n", fromSpamAssassin(imported))
	}
	if l.owner == store.Site {
		printf(w, "users with data of their own: %d\n", st.Users)
	}
	return nil
}

// enough tells if what was learned suffices for points, as the filter does.
func enough(st store.Status, imported *salearn.Counts, o *bayes.Options) string {
	var from string
	switch {
	case st.Ham < o.MinHam || st.Spam < o.MinSpam:
		from = fmt.Sprintf("from %d ham and %d spam on", o.MinHam, o.MinSpam)
	case st.Compared < o.MinHam:
		from = fmt.Sprintf("from %d ham on that was learned when spam was known; see mailweir learn mixed", o.MinHam)
	default:
		return "yes"
	}
	if imported != nil && int(imported.Ham) >= max(o.MinHam, salearn.MinMessages) && int(imported.Spam) >= max(o.MinSpam, salearn.MinMessages) {
		return "what SpamAssassin has learned; our own " + from
	}
	return "not yet, " + from
}

// fromSpamAssassin tells how much was imported, and whether it is too little.
func fromSpamAssassin(c *salearn.Counts) string {
	s := fmt.Sprintf("%d ham, %d spam, %d tokens", c.Ham, c.Spam, c.Len())
	if min(c.Ham, c.Spam) < salearn.MinMessages {
		s += fmt.Sprintf("; too few, they count from %d ham and %d spam on", salearn.MinMessages, salearn.MinMessages)
	}
	return s
}
