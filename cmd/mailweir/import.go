// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/internal/mailscanner"
)

// importCommand is "mailweir import": make a config of that of another program.
func importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Make a config of that of another program",
	}
	cmd.AddCommand(importMailScannerCommand())
	return cmd
}

func importMailScannerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mailscanner DIR",
		Short: "Make a config of MailScanner's",
		Long: "Read MailScanner.conf, what it includes, its rulesets and its rules for files, all below the folder DIR (such as\n" +
			"/etc/MailScanner, or a copy of it), and write a config that means the same. What has no equivalent stands in it as a\n" +
			"comment, with file, line and reason. What is weaker, stricter or missing is told on standard error, too. Nothing\n" +
			"outside of DIR is read.",
		Args: cobra.ExactArgs(1),
		RunE: runImportMailScanner,
	}
	cmd.Flags().String("out", "", "file to write instead of standard output")
	cmd.Flags().Bool("force", false, "write over a file that is there")
	return cmd
}

func runImportMailScanner(cmd *cobra.Command, args []string) error {
	out, err := cmd.Flags().GetString("out")
	if err != nil {
		return err
	}
	force, err := cmd.Flags().GetBool("force")
	if err != nil {
		return err
	}
	res, err := mailscanner.Import(args[0], mailscanner.Options{Env: hostEnvironment})
	if err != nil {
		return err
	}
	if out == "" {
		_, err = cmd.OutOrStdout().Write(res.Config)
	} else {
		err = writeNew(out, res.Config, force)
	}
	if err != nil {
		return err
	}
	tellImport(cmd.ErrOrStderr(), res)
	return nil
}

// hostEnvironment is the environment, in which HOSTNAME is never missing: shells often do not pass it on.
func hostEnvironment(name string) (string, bool) {
	if v, ok := os.LookupEnv(name); ok || name != "HOSTNAME" {
		return v, ok
	}
	host, err := os.Hostname()
	return host, err == nil
}

// writeNew writes a file that is not there yet, or whatever is there if force says so.
func writeNew(name string, text []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; --force writes over it", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func tellImport(w io.Writer, res *mailscanner.Result) {
	for _, text := range res.Warnings {
		printf(w, "%s\n", text)
	}
	printf(w, "%d settings carried over; policies: %d. Lines above about what is not as it was: %d.\n", res.Carried, res.Policies, len(res.Warnings))
	printf(w, "%d have no equivalent, of which %d are as MailScanner ships them. %d are not known.\n", res.NoEquivalent, res.Defaults, res.Unknown)
	printf(w, "Read the comments in the config, then: mailweir --config FILE config check\n")
}
