// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
)

// exportCommand is "mailweir learn export".
func (o *learnOptions) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write what was learned to a file",
		Long: "Write what was learned to a file, for a copy that is safe, or for another database; - is standard output. It holds no text of messages.\n" +
			"What was imported from SpamAssassin is in it, too. " +
			"What users have taught for themselves is not in it: --user exports that of one, and how many there are is told.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := o.open(cmd, true)
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { return l.store.Export(cmd.Context(), l.owner, w) }
			if args[0] == "-" {
				err = write(cmd.OutOrStdout())
			} else {
				err = writeWhole(args[0], o.force, write)
			}
			if err != nil || l.owner != store.Site {
				return err
			}
			st, err := l.store.Status(cmd.Context(), l.owner)
			if err == nil && st.Users > 0 {
				printf(cmd.ErrOrStderr(), "not in it: the own data of %d users; --user exports that of one\n", st.Users)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&o.force, "force", false, "write over a file that is there")
	return cmd
}

// writeWhole writes a file that appears when it is whole.
func writeWhole(path string, force bool, write func(io.Writer) error) error {
	old, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !old.Mode().IsRegular(): // The new file would take the place of a device.
		return fmt.Errorf("%s is no regular file; - is standard output", path)
	case !force:
		return fmt.Errorf("%s is there already; --force writes over it", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// importCommand is "mailweir learn import".
func (o *learnOptions) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Read what was learned from a file",
		Long: "Read what export wrote, if nothing was learned yet; or a file of \"sa-learn --backup\": what SpamAssassin has learned counts until enough was\n" +
			"learned here, and takes the place of what was imported so before. - is standard input.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, done, err := importFile(cmd, args[0])
			if err != nil {
				return err
			}
			defer done()
			l, err := o.open(cmd, false)
			if err != nil {
				return err
			}
			return l.importFrom(cmd, in)
		},
	}
}

// importFile opens what is to be imported.
func importFile(cmd *cobra.Command, arg string) (f *os.File, done func(), err error) {
	if arg == "-" {
		return inputFile(cmd.Context(), cmd.InOrStdin())
	}
	if f, err = os.Open(arg); err != nil {
		return nil, nil, err
	}
	return f, func() { _ = f.Close() }, nil
}

var (
	errNoImport = errors.New("neither a file of \"mailweir learn export\" nor of \"sa-learn --backup\"")
	errSiteOnly = errors.New("what SpamAssassin has learned can be imported for the site only, without --user")
)

func (l *learned) importFrom(cmd *cobra.Command, r io.Reader) error {
	in := bufio.NewReader(r)
	head, err := in.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case store.IsExport(head):
		return l.importOwn(cmd, in)
	case salearn.IsBackup(head):
		return l.importSpamAssassin(cmd, in)
	}
	return errNoImport
}

func (l *learned) importOwn(cmd *cobra.Command, r io.Reader) error {
	err := l.store.Import(cmd.Context(), l.owner, r)
	if errors.Is(err, store.ErrNotEmpty) {
		err = fmt.Errorf("%w; move the database away, or name a new one by --database", err)
	}
	if err != nil {
		return err
	}
	st, err := l.store.Status(cmd.Context(), l.owner)
	if err != nil {
		return err
	}
	printf(cmd.OutOrStdout(), "imported %d ham, %d spam\n", st.Ham, st.Spam)
	if l.owner != store.Site {
		return nil
	}
	c, err := l.store.Imported(cmd.Context())
	if err == nil && c != nil {
		printf(cmd.OutOrStdout(), "from SpamAssassin: %s\n", fromSpamAssassin(c))
	}
	return err
}

func (l *learned) importSpamAssassin(cmd *cobra.Command, r io.Reader) error {
	if l.owner != store.Site {
		return errSiteOnly
	}
	c, err := salearn.ReadBackup(r)
	if err != nil {
		return err
	}
	if err := l.store.ImportSpamAssassin(cmd.Context(), c); err != nil {
		return err
	}
	printf(cmd.OutOrStdout(), "imported from SpamAssassin %s\n", fromSpamAssassin(c))
	return nil
}
