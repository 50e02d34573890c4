// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// checkOptions are the flags of "mailweir check".
type checkOptions struct {
	json         bool
	explain      bool
	out          string
	from         string
	rcpts        []string
	client, helo string
	listener     string
	jobs         int
}

func checkCommand() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Run the chain on messages and explain what would become of them",
		Long: "Run the chain on messages and explain what would become of them, recipient by recipient. Nothing is sent, kept or changed.\n" +
			"FILE is a message, an mbox, a Maildir or another folder; - is standard input. Without a config file the embedded default is used:\n" +
			"of viruses it knows the EICAR test file only. The envelope is guessed from the header unless it is given.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runCheck(cmd, args, o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	f.BoolVar(&o.explain, "explain", false, "tell what scores rest on, in words of the message")
	f.StringVar(&o.out, "out", "", "folder to write each message to as it would be delivered")
	f.StringVar(&o.from, "from", "", "reverse-path; <> for none")
	f.StringArrayVar(&o.rcpts, "rcpt", nil, "forward-path, may be given more than once")
	f.StringVar(&o.client, "client", "", "address of the client")
	f.StringVar(&o.helo, "helo", "", "HELO name of the client")
	f.StringVar(&o.listener, "listener", "", "name of the listener; none is the first of the config")
	jobsFlag(cmd, &o.jobs, "messages at the same time")
	return cmd
}

// checker checks messages one by one.
type checker struct {
	opts     checkOptions
	engine   *gateway.Engine
	hostname string
	listener string
	args     []string
	stdin    io.Reader
	written  sync.Map // Names of files in opts.out.
}

func runCheck(cmd *cobra.Command, args []string, o checkOptions) error {
	c, cleanup, err := newChecker(cmd, o)
	if err != nil {
		return err
	}
	defer cleanup()
	c.args, c.stdin = args, cmd.InOrStdin()
	out := cmd.OutOrStdout()
	failed := false
	err = c.each(cmd.Context(), args, func(r *report, err error) {
		switch {
		case err != nil:
			failed = true
			printf(cmd.ErrOrStderr(), "mailweir: %s\n", shown(err.Error()))
		case o.json:
			printf(out, "%s\n", r.json())
		default:
			r.print(out)
		}
	})
	if err == nil && failed {
		err = errFault
	}
	return err
}

// newChecker builds the engine. cleanup removes what it needed on the way.
func newChecker(cmd *cobra.Command, o checkOptions) (c *checker, cleanup func(), err error) {
	cfg, cleanup, err := checkConfig(cmd)
	if err != nil {
		return nil, nil, err
	}
	listener, err := envelopeFlags(cfg, o.client, o.listener)
	if err != nil {
		cleanup()
		return nil, nil, err
	}
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			cleanup()
			return nil, nil, err
		}
	}
	log := logrus.New()
	log.SetOutput(cmd.ErrOrStderr())
	log.SetLevel(logrus.ErrorLevel)
	e, err := gateway.NewEngine(cfg, log, prometheus.NewRegistry())
	if err != nil {
		cleanup()
		return nil, nil, err
	}
	return &checker{opts: o, engine: e, hostname: cfg.Hostname, listener: listener}, cleanup, nil
}

// checkConfig is the config that is named; or the default file; or, without that, the embedded one, with a work folder of its own.
func checkConfig(cmd *cobra.Command) (*config.Config, func(), error) {
	if !noConfig(cmd) {
		cfg, err := loadConfig(cmd)
		return cfg, func() {}, err
	}
	dir, err := os.MkdirTemp("", "mailweir-check-")
	if err != nil {
		return nil, nil, err
	}
	cfg := config.Embedded()
	cfg.WorkDir, cfg.Spool.Dir = dir, dir
	return cfg, func() { _ = os.RemoveAll(dir) }, nil
}

// result is what was found about a message.
type result struct {
	report *report
	err    error
}

// each checks all messages, some at the same time, and hands over what was found in the order of the messages.
func (c *checker) each(ctx context.Context, args []string, show func(*report, error)) error {
	each := func(visit func(source) error) error {
		return eachSource(args, func(src source) error {
			if ctx.Err() != nil {
				return errStopped
			}
			if src.path == "-" {
				src.read, src.err = readInput(ctx, c.stdin)
			}
			return visit(src)
		})
	}
	work := func(src source) result {
		r, err := c.check(ctx, src)
		return result{r, err}
	}
	return inOrder(c.opts.jobs, 0, each, work, func(r result) error {
		if ctx.Err() != nil { // What was looked at by half of the filters would be told of as deferred.
			return errStopped
		}
		show(r.report, r.err)
		return nil
	})
}

// check looks at one message.
func (c *checker) check(ctx context.Context, src source) (*report, error) {
	content, size, closeContent, err := src.openMessage()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.name, err)
	}
	defer closeContent()
	env, err := c.envelope(content, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.name, err)
	}
	a, err := c.engine.Inspect(ctx, env, content, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", src.name, err)
	}
	defer func() {
		if pending := a.Release(); pending != nil {
			<-pending
		}
	}()
	if err := c.write(src, env, a); err != nil {
		return nil, fmt.Errorf("%s: %w", src.name, err)
	}
	r := newReport(src.name, size, env, a)
	if c.opts.explain {
		r.explain(c.engine.Explain(ctx, a))
	}
	return r, nil
}

// write writes the message as the first recipient who gets it would get it.
func (c *checker) write(src source, env *mail.Envelope, a *gateway.Account) error {
	if c.opts.out == "" {
		return nil
	}
	for _, d := range a.Dispositions {
		if d.Fate == policy.Deliver {
			return c.writeFile(src, func(w io.Writer) error {
				return a.Message.Write(w, c.engine.Edits(env, a, proxy.LMTP, d))
			})
		}
	}
	return nil
}

// isInput tells if a file is there already and belongs to what is checked.
func (c *checker) isInput(path string) bool {
	old, err := os.Stat(path)
	if err != nil {
		return false
	}
	out, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return true
	}
	return slices.ContainsFunc(c.args, func(arg string) bool {
		in, err := os.Stat(arg)
		if err != nil {
			return false
		}
		for dir := out; in.IsDir(); dir = filepath.Dir(dir) {
			if fi, err := os.Stat(dir); err == nil && os.SameFile(fi, in) {
				return true
			}
			if dir == filepath.Dir(dir) {
				return false
			}
		}
		return os.SameFile(old, in)
	})
}

// writeFile puts a whole file into the folder of --out, never in the place of a message that is checked, or of another one's file.
func (c *checker) writeFile(src source, write func(io.Writer) error) error {
	path := filepath.Join(c.opts.out, src.base)
	if _, taken := c.written.LoadOrStore(src.base, true); taken {
		return fmt.Errorf("%s is there already, from another message of that name", path)
	}
	if old, err := os.Stat(path); err == nil && src.path != "-" {
		if in, err := os.Stat(src.path); err == nil && os.SameFile(old, in) {
			return fmt.Errorf("%s is the message itself", path)
		}
	}
	if c.isInput(path) {
		return fmt.Errorf("%s is a message to check", path)
	}
	f, err := os.CreateTemp(c.opts.out, ".check-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
