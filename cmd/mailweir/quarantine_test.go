// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/quarantine"
)

var keptAt = time.Date(2026, 11, 22, 9, 30, 15, 0, time.UTC)

// keptMail is a store with three messages: A1, A2, and a second copy of A2. A2 tries to write to the terminal.
func keptMail(t *testing.T) keeper {
	t.Helper()
	dir := t.TempDir()
	at := keptAt
	open := func(*cobra.Command) (*quarantine.Store, error) {
		return quarantine.Open(dir, quarantine.Options{Keep: 90 * time.Minute, Now: func() time.Time { return at }})
	}
	s, err := open(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i, id := range []string{"A1", "A2", "A2"} {
		at = keptAt.Add(time.Duration(i) * time.Hour)
		env := &mail.Envelope{
			ID: id, Listener: "lmtp", MailFrom: mail.NewPath("\x1b[31m@example.net"),
			Client:   mail.Client{Name: "mx.example.net", Addr: "192.0.2.1", HELO: "mx", Ident: "4F8"},
			RcptTo:   []mail.Path{mail.NewPath("a@example.org"), mail.NewPath("b@example.org")},
			Received: at,
		}
		findings := []filters.Finding{{Filter: "virus", Code: "virus.infected", Class: filters.Virus, Part: "1.2", Detail: "Eicar\nroot"}}
		d := policy.Disposition{Fate: policy.Quarantine, Store: []string{"virus"}, Policy: "default", Because: []policy.Reason{
			{Code: "virus.infected", Class: "virus", Action: "quarantine"},
		}}
		e := quarantine.NewEntry(env, findings, env.RcptTo, []policy.Disposition{d, d})
		if _, err := s.Put(t.Context(), e, strings.NewReader("message "+id), 10); err != nil {
			t.Fatal(err)
		}
	}
	return keeper{open: open, sender: func(*cobra.Command) (quarantine.Sender, error) { return refuseSecond, nil }}
}

// refuseSecond is a next hop that takes a message for the first recipient only.
func refuseSecond(_ context.Context, _ *quarantine.Entry, _ *io.SectionReader, rcpts []mail.Path) ([]mail.Path, string, error) {
	if len(rcpts) > 1 {
		return rcpts[:1], "250 Ok", fmt.Errorf("%s: 550 no such user", rcpts[1])
	}
	return rcpts, "250 Ok", nil
}

// runKeeper runs "mailweir quarantine".
func runKeeper(t *testing.T, k keeper, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	cmd := quarantineCommand(k)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestQuarantine(t *testing.T) {
	const a1, a2, a2b = "20261122-093015.000-A1", "20261122-103015.000-A2", "20261122-113015.000-A2"
	const rest = `  kept  virus  10  "<\x1b[31m@example.net>"  <a@example.org> and 1 more  virus.infected` + "\n"
	all := a2b + rest + a2 + rest + a1 + rest
	for _, tt := range []struct {
		args string
		want string
		err  error
	}{
		{"list", all, nil},
		{"list --limit 1", a2b + rest, nil},
		{"list --message A1", a1 + rest, nil},
		{"list --since 2026-11-22T10:00:00Z --until 2026-11-22T11:00:00Z", a2 + rest, nil},
		{"list --until 2026-11-22", "", nil},
		{"list --rcpt b@example.org --class virus --shelf virus --from *@example.net", all, nil},
		{"list --rcpt c@example.org", "", nil},
		{"show A2", "A2: several copies are kept: " + a2b + " " + a2 + "\n", errFault},
		{"show A3 A1 --message", "A3: no such message is kept\nmessage A1", errFault},
		{"show ../A1", "../A1: no such message is kept\n", errFault},
		{"release A1 --to <c@example.org>", a1 + ": released to <c@example.org>\n", nil},
		{"release A1", a1 + ": released to <a@example.org>\nA1: release " + a1 + ": <b@example.org>: 550 no such user\n", errFault},
		{"delete A1 " + a2 + " A1", a1 + ": deleted\n" + a2 + ": deleted\nA1: no such message is kept\n", errFault},
	} {
		t.Run(tt.args, func(t *testing.T) {
			got, err := runKeeper(t, keptMail(t), strings.Fields(tt.args)...)
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQuarantineExpire(t *testing.T) {
	k := keptMail(t)
	for _, want := range []string{"expired 1, freed ", "expired 0, freed 0 octets\n"} {
		if got, err := runKeeper(t, k, "expire"); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("expire: %q, %v, want %q", got, err, want)
		}
	}
	if got, err := runKeeper(t, k, "show", "A1"); !errors.Is(err, errFault) {
		t.Errorf("A1 is still there: %q, %v", got, err)
	}
}

// TestQuarantineShow: nothing that a stranger wrote reaches the terminal as it is.
func TestQuarantineShow(t *testing.T) {
	k := keptMail(t)
	for _, args := range []string{"show A1 --message", "release A1 --to c@example.org"} {
		if _, err := runKeeper(t, k, strings.Fields(args)...); err != nil {
			t.Fatal(err)
		}
	}
	got, err := runKeeper(t, k, "show", "A1")
	if err != nil {
		t.Fatal(err)
	}
	want := `ID        20261122-093015.000-A1
message   A1, 10 octets, SHA-256 d93d1bc3d2f09a4da08035445814686e6d51078b83798f9df1c392da8c8c2130
kept      2026-11-22T09:30:15Z, on virus
client    mx.example.net [192.0.2.1] helo mx, queue ID 4F8, by lmtp
from      "<\x1b[31m@example.net>"
to        <a@example.org>: quarantine by policy default
          because virus.infected (virus): quarantine, says built-in
to        <b@example.org>: quarantine by policy default
          because virus.infected (virus): quarantine, says built-in
score     0
found     virus.infected (virus) by virus 1.2 "Eicar\nroot"
released  2026-11-22T11:30:15Z to <c@example.org>: 250 Ok
opened    2026-11-22T11:30:15Z by ` + whoami() + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// TestQuarantineJSON: one entry a line, in lists and alone.
func TestQuarantineJSON(t *testing.T) {
	k := keptMail(t)
	listed, err := runKeeper(t, k, "list", "--json", "--message", "A1")
	if err != nil {
		t.Fatal(err)
	}
	alone, err := runKeeper(t, k, "show", "--json", "A1")
	if err != nil {
		t.Fatal(err)
	}
	var e quarantine.Entry
	if err := json.Unmarshal([]byte(alone), &e); err != nil || e.Envelope.ID != "A1" || listed != alone || strings.Count(alone, "\n") != 1 {
		t.Errorf("%v, list gives\n%sshow gives\n%s", err, listed, alone)
	}
}

func TestQuarantineBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"list --since yesterday":   `--since "yesterday": want a date, a time by RFC 3339, or an age such as 36h or 7d`,
		"list --until -1h":         `--until "-1h": want a date, a time by RFC 3339, or an age such as 36h or 7d`,
		"list --rcpt @":            `--rcpt "@": names no domain`,
		"list --from <a@b.org>":    `--from "<a@b.org>": write the address without angle brackets`,
		"show":                     "requires at least 1 arg(s), only received 0",
		"show A1 --json --message": "if any flags in the group [json message] are set none of the others can be; [json message] were all set",
	} {
		if _, err := runKeeper(t, keptMail(t), strings.Fields(args)...); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", args, err, want)
		}
	}
}

func TestParseTime(t *testing.T) {
	now := keptAt
	for s, want := range map[string]time.Time{
		"": {}, "2026-11-01": time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), "2026-11-22T10:30:15+01:00": now,
		"90m": now.Add(-90 * time.Minute), "7d": now.AddDate(0, 0, -7),
	} {
		if got, err := parseTime(s, now); err != nil || !got.Equal(want) {
			t.Errorf("parseTime(%q) = %s, %v, want %s", s, got, err, want)
		}
	}
}

// TestQuarantineFails: what keeps the command from working at all is its error.
func TestQuarantineFails(t *testing.T) {
	broken := errors.New("broken")
	k := keptMail(t)
	k.sender = func(*cobra.Command) (quarantine.Sender, error) { return nil, broken }
	if _, err := runKeeper(t, k, "release", "A1"); !errors.Is(err, broken) {
		t.Errorf("release: error %v, want %v", err, broken)
	}
	k.open = func(*cobra.Command) (*quarantine.Store, error) { return nil, broken }
	for _, args := range []string{"list", "show A1", "delete A1", "expire"} {
		if _, err := runKeeper(t, k, strings.Fields(args)...); !errors.Is(err, broken) {
			t.Errorf("%s: error %v, want %v", args, err, broken)
		}
	}
}
