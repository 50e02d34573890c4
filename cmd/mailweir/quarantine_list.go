// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/quarantine"
)

// listFlags are the flags of "mailweir quarantine list".
type listFlags struct {
	since, until, from, rcpt string
	filter                   quarantine.Filter
	json                     bool
}

func (k keeper) listCommand() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the messages that are kept, newest first",
		Long: "List the messages that are kept, newest first. Subjects and bodies are not shown.\n" +
			"A time is a date (2006-01-02, UTC), a time by RFC 3339, or an age: 90m, 36h, 7d.",
		Args: cobra.NoArgs,
		RunE: k.run(func(cmd *cobra.Command, s *quarantine.Store, _ []string) error {
			if err := f.complete(time.Now()); err != nil {
				return err
			}
			return f.list(cmd, s)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.since, "since", "", "kept at this time or later")
	flags.StringVar(&f.until, "until", "", "kept before this time")
	flags.StringVar(&f.from, "from", "", "pattern of the reverse-path; <> is the null one")
	flags.StringVar(&f.rcpt, "rcpt", "", "pattern of a recipient, such as *@example.org")
	flags.StringVar(&f.filter.Message, "message", "", "ID of the message")
	flags.StringVar(&f.filter.Class, "class", "", "class of a finding")
	flags.StringVar(&f.filter.Shelf, "shelf", "", "shelf")
	flags.IntVar(&f.filter.Limit, "limit", 0, "messages to list at most; 0 is all")
	flags.BoolVar(&f.json, "json", false, "print one JSON object a line")
	return cmd
}

// complete fills in the filter what the flags say in words.
func (f *listFlags) complete(now time.Time) (err error) {
	if f.filter.Since, err = parseTime(f.since, now); err != nil {
		return fmt.Errorf("--since %q: %w", f.since, err)
	}
	if f.filter.Until, err = parseTime(f.until, now); err != nil {
		return fmt.Errorf("--until %q: %w", f.until, err)
	}
	f.filter.From, f.filter.Rcpt = policy.Pattern(f.from), policy.Pattern(f.rcpt)
	for flag, p := range map[string]policy.Pattern{"--from": f.filter.From, "--rcpt": f.filter.Rcpt} {
		if p == "" {
			continue
		}
		if err := p.Check(); err != nil {
			return fmt.Errorf("%s %q: %w", flag, string(p), err)
		}
	}
	return nil
}

// parseTime reads a date, a time, or an age; "" is the zero time.
func parseTime(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if age, err := time.ParseDuration(s); err == nil && age >= 0 {
		return now.Add(-age), nil
	}
	return time.Time{}, errors.New("want a date, a time by RFC 3339, or an age such as 36h or 7d")
}

func (f *listFlags) list(cmd *cobra.Command, s *quarantine.Store) error {
	failed := false
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	for e, err := range s.List(f.filter) {
		switch {
		case err != nil:
			failed = true
			printf(cmd.ErrOrStderr(), "%v\n", err)
		case f.json:
			if err := printJSON(cmd.OutOrStdout(), e); err != nil {
				return err
			}
		default:
			printLine(out, e)
		}
		if err := cmd.Context().Err(); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if failed {
		return errFault
	}
	return nil
}

func printLine(w io.Writer, e *quarantine.Entry) {
	rcpts := ""
	if n := len(e.Recipients); n > 0 {
		rcpts = address(e.Recipients[0].Path)
		if n > 1 {
			rcpts += fmt.Sprintf(" and %d more", n-1)
		}
	}
	printf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", e.ID, e.State, strings.Join(e.Shelves, ","), e.Size,
		address(e.Envelope.MailFrom), rcpts, strings.Join(entryCodes(e), ","))
}

// maxCodes bounds the codes in one line.
const maxCodes = 5

// entryCodes are the codes of the findings, each once.
func entryCodes(e *quarantine.Entry) []string {
	var codes []string
	seen := make(map[string]bool)
	for _, f := range e.Findings {
		if seen[f.Code] {
			continue
		}
		seen[f.Code] = true
		if len(codes) == maxCodes {
			return append(codes, "...")
		}
		codes = append(codes, shown(f.Code))
	}
	return codes
}

func printJSON(w io.Writer, e *quarantine.Entry) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(e)
}

// clientLine tells of the client what is known. Of mail that did not come by SMTP Postfix tells nothing.
func clientLine(c quarantine.Client, listener string) string {
	known := func(format, value string) string {
		if value == "" {
			return ""
		}
		return fmt.Sprintf(format, shown(value))
	}
	s := known("%s ", c.Name) + known("[%s] ", c.Addr) + known("helo %s", c.HELO)
	return strings.TrimLeft(strings.TrimSpace(s)+known(", queue ID %s", c.Ident)+known(", by %s", listener), ", ")
}

// printEntry tells all that is known about a message.
func printEntry(w io.Writer, e *quarantine.Entry) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	line := func(name, format string, args ...any) { printf(out, name+"\t"+format+"\n", args...) }
	line("ID", "%s", e.ID)
	if e.Version > 1 {
		line("version", "%d: written by a later mailweir, and not all of it is understood", e.Version)
	}
	c := e.Envelope.Client
	line("message", "%s, %d octets, SHA-256 %s", shown(e.Envelope.ID), e.Size, shown(e.SHA256))
	line("kept", "%s, on %s", e.Time.Format(time.RFC3339), strings.Join(e.Shelves, ", "))
	line("client", "%s", clientLine(c, e.Envelope.Listener))
	line("from", "%s", shown(string(e.Envelope.MailFrom)))
	for _, r := range e.Recipients {
		line("to", "%s: %s by policy %s", shown(string(r.Path)), r.Fate, shown(r.Policy))
		for _, b := range r.Because {
			line("", "because %s (%s): %s, says %s", shown(b.Code), b.Class, shown(b.Action), place(b.Where))
		}
	}
	line("score", "%v", e.Score)
	for _, f := range e.Findings {
		line("found", "%s (%s) by %s %s", shown(f.Code), f.Class, shown(f.Filter), strings.TrimSpace(shown(f.Part)+" "+shown(f.Detail)))
	}
	if e.Omitted > 0 {
		line("found", "and %d more", e.Omitted)
	}
	for _, r := range e.Releases {
		var to []string
		for _, p := range r.Recipients {
			to = append(to, address(p))
		}
		line("released", "%s to %s: %s", r.Time.Format(time.RFC3339), strings.Join(to, ", "), shown(r.Reply))
	}
	for _, o := range e.Openings {
		line("opened", "%s by %s", o.Time.Format(time.RFC3339), shown(o.Who))
	}
	return out.Flush()
}

func address(p quarantine.Path) string { return shown(mail.ParsePath(string(p)).String()) }

// shown makes text of strangers fit for a terminal: quoted, if it holds anything that does not print.
func shown(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) || r == '\uFFFD' }) {
		return strconv.Quote(s)
	}
	return s
}
