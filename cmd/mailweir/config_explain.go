// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// explainFlags are the flags of "mailweir config explain": an envelope, and what the filters could find.
type explainFlags struct {
	from, client, listener string
	to, findings           []string
}

func configExplainCommand() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain --to ADDRESS [--from ADDRESS] [--client IP] [--listener NAME] [--finding CODE:CLASS[:SCORE[:PART]]]...",
		Short: "Tell which policy a recipient has, and which line says so",
		Long: "Tell for each recipient which policy is taken, why those before it are not, and where each of its rules is written.\n" +
			"With --finding, tell also what would become of a message that the filters find this about.",
		Example: "  mailweir config explain --from a@example.net --to b@example.org --client 192.0.2.1 \\\n" +
			"    --finding virus.infected:virus --finding dnsbl.listed:listed:6",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return f.run(cmd.OutOrStdout(), c)
		},
	}
	cmd.Flags().StringVar(&f.from, "from", "", "reverse-path; none is the null reverse-path")
	cmd.Flags().StringArrayVar(&f.to, "to", nil, "forward-path, may be given more than once")
	cmd.Flags().StringVar(&f.client, "client", "", "IP address of the remote client; none is a client that is not known")
	cmd.Flags().StringVar(&f.listener, "listener", "", "name of the listener; none is the first of the config")
	cmd.Flags().StringArrayVar(&f.findings, "finding", nil, "what a filter found, as CODE:CLASS[:SCORE[:PART]]; may be given more than once")
	return cmd
}

func (f *explainFlags) run(w io.Writer, c *config.Config) error {
	env, err := f.envelope(c)
	if err != nil {
		return err
	}
	var findings []filters.Finding
	for _, s := range f.findings {
		finding, err := parseFinding(s)
		if err != nil {
			return fmt.Errorf("--finding %q: %w", s, err)
		}
		findings = append(findings, finding)
	}
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fates := map[policy.Fate]bool{}
	for _, rcpt := range env.RcptTo {
		explainPolicy(out, env, rcpt, c.Policies.Explain(env, rcpt))
		if len(findings) > 0 {
			d := c.Policies.Decide(env, rcpt, findings)
			fates[d.Fate] = true
			explainDisposition(out, d)
		}
	}
	explainOneReply(out, c, env.Listener, fates)
	return out.Flush()
}

// explainOneReply tells what the gateway makes of fates that differ where one reply stands for all recipients.
func explainOneReply(w io.Writer, c *config.Config, listener string, fates map[policy.Fate]bool) {
	i := slices.IndexFunc(c.Listen, func(l config.Listener) bool { return l.Name == listener })
	if c.Listen[i].Protocol != config.SMTP || len(fates) < 2 {
		return
	}
	printf(w, "one reply stands for all of these recipients:\n")
	if fates[policy.Reject] {
		printf(w, "  for those who would be refused here, the message is kept on shelf refused if they have no other\n")
	}
	if fates[policy.Defer] {
		printf(w, "  as long as it is deferred for one, all are answered that it is, and before the queue nobody gets it\n")
	}
}

func (f *explainFlags) envelope(c *config.Config) (*mail.Envelope, error) {
	if len(f.to) == 0 {
		return nil, errors.New("want at least one recipient, --to ADDRESS")
	}
	listener, err := envelopeFlags(c, f.client, f.listener)
	if err != nil {
		return nil, err
	}
	env := &mail.Envelope{
		ID: "explain", Listener: listener, Client: mail.Client{Addr: f.client},
		MailFrom: mail.NewPath(trimPath(f.from)),
	}
	for _, to := range f.to {
		env.RcptTo = append(env.RcptTo, mail.NewPath(trimPath(to)))
	}
	env.Outbound = c.Outbound(env)
	return env, nil
}

// envelopeFlags checks the address of a client, and the name of a listener: none is the first of the config.
func envelopeFlags(c *config.Config, client, listener string) (string, error) {
	if client != "" {
		if _, err := netip.ParseAddr(client); err != nil {
			return "", fmt.Errorf("--client %q: want an IP address", client)
		}
	}
	if listener == "" {
		return c.Listen[0].Name, nil
	}
	if !slices.ContainsFunc(c.Listen, func(l config.Listener) bool { return l.Name == listener }) {
		return "", fmt.Errorf("--listener %q: the config has none of this name", listener)
	}
	return listener, nil
}

// parseFinding reads CODE:CLASS[:SCORE[:PART]].
func parseFinding(s string) (filters.Finding, error) {
	words := strings.Split(s, ":")
	if len(words) < 2 || len(words) > 4 || words[0] == "" {
		return filters.Finding{}, errors.New("want CODE:CLASS[:SCORE[:PART]]")
	}
	f := filters.Finding{Filter: "explain", Code: words[0], Class: filters.Class(words[1])}
	if !slices.Contains(filters.Classes(), f.Class) {
		return f, fmt.Errorf("unknown class %q, want one of %v", words[1], filters.Classes())
	}
	if len(words) > 2 && words[2] != "" {
		var err error
		if f.Score, err = strconv.ParseFloat(words[2], 64); err != nil {
			return f, fmt.Errorf("score %q: want a number", words[2])
		}
	}
	if len(words) > 3 {
		f.Part = mail.PartID(words[3])
	}
	return f, nil
}

func explainPolicy(w io.Writer, env *mail.Envelope, rcpt mail.Path, e policy.Explanation) {
	printf(w, "%s: policy %s (%s)\n", rcpt, e.Policy, place(e.Where))
	printf(w, "  from %s, %s, by listener %s\n", env.MailFrom, e.Direction, env.Listener)
	for _, p := range e.Passed {
		printf(w, "  not %s: its condition %q does not hold (%s)\n", p.Policy, p.Condition, place(p.Where))
	}
	printf(w, "  grey\tfrom %v points\t%s\n", e.GreyAt.Points, place(e.GreyAt.Where))
	printf(w, "  spam\tfrom %v points\t%s\n", e.TagAt.Points, place(e.TagAt.Where))
	printf(w, "  high_spam\tfrom %v points\t%s\n", e.HighAt.Points, place(e.HighAt.Where))
	printf(w, "  file_rules\t%s\t\n  signed\t%s\t\n  language\t%s\t\n", e.FileRules, e.Signed, e.Language)
	for _, r := range e.Rules {
		words := make([]string, len(r.Actions))
		for i, a := range r.Actions {
			words[i] = a.String()
		}
		printf(w, "  do %s\t%s\t%s\n", r.Class, strings.Join(words, ", "), place(r.Where))
	}
}

func explainDisposition(w io.Writer, d policy.Disposition) {
	printf(w, "  becomes: %s, %v points\n", d.Fate, d.Score)
	for _, r := range d.Because {
		printf(w, "    because %s (%s)\t%s\t%s\n", r.Code, r.Class, r.Action, place(r.Where))
	}
	for _, e := range d.Edits {
		printf(w, "    edit: %s\n", e)
	}
	for _, shelf := range d.Store {
		printf(w, "    kept on shelf: %s\n", shelf)
	}
	for _, p := range d.Forward {
		printf(w, "    copy to: %s\n", p)
	}
	for _, p := range d.Redirect {
		printf(w, "    redirected to: %s\n", p)
	}
}

// place is file:line, or that there is none.
func place(where string) string {
	if where == "" {
		return policy.BuiltInName
	}
	return where
}
