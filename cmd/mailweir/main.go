// SPDX-License-Identifier: Apache-2.0

// Command mailweir is a content filter for Postfix. "mailweir serve" is the server; the other commands look, check and
// explain, and look after the quarantine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/quarantine"
)

// defaultConfig is the config file when none is named.
const defaultConfig = "/etc/mailweir/mailweir.yaml"

// Exit statuses. 1 is for a command that did its work and found fault.
const (
	exitFault = 1
	exitUsage = 2
)

// errFault ends a command with exit status 1; what is wrong has been told already.
var errFault = errors.New("fault")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // A second signal ends the program at once, whatever it waits for.
	err := rootCommand().ExecuteContext(ctx)
	switch {
	case err == nil:
	case errors.Is(err, errFault):
		os.Exit(exitFault)
	default:
		tellError(os.Stderr, err)
		os.Exit(exitUsage)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:     "mailweir",
		Version: version(),
		Short:   "Content filter for Postfix",
		Long: "mailweir stands between Postfix and Postfix: it takes each message, has it looked at by a chain of\nfilters, and hands it on, tagged, changed, kept or refused as the policy says.\n\n" +
			"The config is " + defaultConfig + "; \"mailweir config show\" prints it with all defaults. What is kept lies below\n/var/lib/mailweir, if the config says nothing else. The log goes to standard error.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("mailweir {{.Version}}\n")
	root.PersistentFlags().String("config", defaultConfig, "config file")
	root.AddCommand(
		serveCommand(), checkCommand(), configCommand(), quarantineCommand(keeper{openQuarantine, releaseSender}), postfixCommand(), scannersCommand(),
		importCommand(), learnCommand(), dkimCommand(), dmarcCommand(), reloadCommand(), healthCommand(), versionCommand(), manCommand(),
	)
	tellUsage(root)
	return root
}

// releaseSender sends what is released to the next hop of the config.
func releaseSender(cmd *cobra.Command) (quarantine.Sender, error) {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return nil, err
	}
	return gateway.NewSender(cfg, newLogger(cfg))
}

// tellError tells why a command ended. Errors that were joined are a line each.
func tellError(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			printf(w, "mailweir: %s\n", line)
		}
	}
}

// printf writes to a command's output. An output that is gone (a pager that was left) is no reason to complain.
func printf(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
