// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	plainMain   = "compatibility_level = 3.6\nmyhostname = mx.example.org\nmynetworks = 127.0.0.0/8, 192.0.2.0/24\n"
	plainMaster = "smtp inet n - y - - smtpd\npickup unix n - y 60 1 pickup\nsmtp unix - - y - - smtp\nlmtp unix - - y - - lmtp\n"

	// Another filter is there already, with the names that ours uses.
	otherMain = plainMain + `# A comment.
content_filter =
  scan:[127.0.0.1]:10024
receive_override_options = no_address_mappings
smtpd_forbid_bare_newline = yes
`
	otherMaster = `smtp inet n - y - 50 smtpd
  -o smtpd_proxy_filter=127.0.0.1:9
  -o { smtpd_banner = mx  and more }
127.0.0.1:10025 inet n - y - 7 smtpd
  -o content_filter=
scan unix - - n - 2 smtp
`
	postscreenMaster = "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n  -o smtpd_tls_security_level=may\nsmtp unix - - y - - smtp\n"
)

// conf makes a configuration that no Postfix runs with.
func conf(t *testing.T, main, master string) Conf {
	t.Helper()
	if _, err := exec.LookPath("postconf"); err != nil {
		t.Skip("Postfix is not installed: no postconf")
	}
	c := Conf{Dir: t.TempDir()}
	for name, text := range map[string]string{"main.cf": main, "master.cf": master} {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	age(t, c)
	return c
}

// age makes the files look older than they are: postconf(1) waits until what it reads was last changed two seconds ago.
func age(t *testing.T, c Conf) {
	t.Helper()
	past := time.Now().Add(-time.Minute)
	for _, name := range []string{"main.cf", "master.cf"} {
		if err := os.Chtimes(filepath.Join(c.Dir, name), past, past); err != nil {
			t.Fatal(err)
		}
	}
}

// edit runs postconf(1) on a configuration, as somebody else than mailweir.
func edit(t *testing.T, c Conf, args ...string) {
	t.Helper()
	if _, err := c.run(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
	age(t, c)
}

func remove(t *testing.T, c Conf, r *Removal) {
	t.Helper()
	if err := c.Remove(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	age(t, c)
}

// effective is all that the configuration says, in the words of postconf(1).
func effective(t *testing.T, c Conf) string {
	t.Helper()
	var all strings.Builder
	for _, what := range []string{"-n", "-M", "-P"} {
		out, err := c.run(t.Context(), what)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(out + "\n")
	}
	return all.String()
}

func load(t *testing.T, m Mode) *Fragment {
	t.Helper()
	f, err := Load(m, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func apply(ctx context.Context, t *testing.T, c Conf, m Mode) {
	t.Helper()
	changes, err := c.PlanApply(ctx, m, load(t, m), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) == 0 {
		t.Fatal("nothing to change")
	}
	if err := c.Apply(ctx, m, changes); err != nil {
		t.Fatal(err)
	}
	age(t, c)
}

func TestApplyAndRemove(t *testing.T) {
	bases := []struct{ name, main, master string }{
		{"plain", plainMain, plainMaster},
		{"another filter", otherMain, otherMaster},
		{"postscreen", plainMain, postscreenMaster},
	}
	for _, base := range bases {
		for _, m := range Modes() {
			t.Run(base.name+", "+string(m), func(t *testing.T) {
				t.Parallel()
				ctx := t.Context()
				c := conf(t, base.main, base.master)
				before := effective(t, c)
				apply(ctx, t, c, m)
				if cmp.Equal(before, effective(t, c)) {
					t.Error("apply changed nothing")
				}
				again, err := c.PlanApply(ctx, m, load(t, m), nil)
				if err != nil || len(again) > 0 {
					t.Errorf("second apply: got %v, %v, want no changes", again, err)
				}
				r, err := c.PlanRemove(ctx)
				if err != nil || len(r.Foreign) > 0 {
					t.Fatalf("plan remove: got foreign changes %v, error %v", r.Foreign, err)
				}
				remove(t, c, r)
				if diff := cmp.Diff(before, effective(t, c)); diff != "" {
					t.Errorf("after remove (-before +after):\n%s", diff)
				}
				left, err := os.ReadDir(c.Dir)
				if err != nil || len(left) != 2 {
					t.Errorf("folder: got %v, %v, want main.cf and master.cf", left, err)
				}
			})
		}
	}
}

func TestApplyKeepsTheOldest(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := conf(t, otherMain, otherMaster)
	before := effective(t, c)
	apply(ctx, t, c, AfterQueueLMTP)
	moved, err := Load(AfterQueueLMTP, "unix:/run/mailweir/lmtp", "127.0.0.1:20025")
	if err != nil {
		t.Fatal(err)
	}
	changes, err := c.PlanApply(ctx, AfterQueueLMTP, moved, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(ctx, AfterQueueLMTP, changes); err != nil {
		t.Fatal(err)
	}
	age(t, c)
	if got, err := c.Value(ctx, "content_filter"); err != nil || got != "mailweir:unix:/run/mailweir/lmtp" {
		t.Errorf("content_filter: got %q, %v", got, err)
	}
	r, err := c.PlanRemove(ctx)
	if err != nil {
		t.Fatal(err)
	}
	remove(t, c, r)
	if diff := cmp.Diff(before, effective(t, c)); diff != "" {
		t.Errorf("after remove (-before +after):\n%s", diff)
	}
}

func TestApplyRefusesAnotherMode(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := conf(t, plainMain, plainMaster)
	apply(ctx, t, c, AfterQueueSMTP)
	if _, err := c.PlanApply(ctx, BeforeQueue, load(t, BeforeQueue), nil); !errors.Is(err, ErrOtherMode) {
		t.Errorf("got %v, want %v", err, ErrOtherMode)
	}
}

func TestRemoveTellsWhatOthersChanged(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := conf(t, plainMain, plainMaster)
	before := effective(t, c)
	apply(ctx, t, c, AfterQueueLMTP)
	edit(t, c, "-e", "content_filter=other:[127.0.0.1]:9")
	r, err := c.PlanRemove(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Foreign) != 1 || r.Foreign[0].Key != "content_filter" {
		t.Errorf("foreign: got %v, want content_filter", r.Foreign)
	}
	remove(t, c, r)
	if diff := cmp.Diff(before, effective(t, c)); diff != "" {
		t.Errorf("after remove (-before +after):\n%s", diff)
	}
}

func TestRemoveWithoutApply(t *testing.T) {
	t.Parallel()
	c := conf(t, plainMain, plainMaster)
	r, err := c.PlanRemove(t.Context())
	if err != nil || len(r.Changes) > 0 {
		t.Errorf("got %v, %v, want nothing to do", r, err)
	}
	remove(t, c, r)
}

func TestApplyCutShort(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := conf(t, plainMain, plainMaster)
	before := effective(t, c)
	changes, err := c.PlanApply(ctx, AfterQueueLMTP, load(t, AfterQueueLMTP), nil)
	if err != nil {
		t.Fatal(err)
	}
	// postconf(1) refuses an entry without fields.
	bad := "bad"
	changes = append(changes[:2:2], changes[2], Change{Kind: Entry, Key: "bad/unix", New: &bad}, changes[3])
	if err := c.Apply(ctx, AfterQueueLMTP, changes); err == nil {
		t.Fatal("want an error")
	}
	age(t, c)
	r, err := c.PlanRemove(ctx)
	if err != nil || len(r.Changes) != 3 {
		t.Fatalf("got %v, %v, want the three changes that were made", r, err)
	}
	remove(t, c, r)
	if diff := cmp.Diff(before, effective(t, c)); diff != "" {
		t.Errorf("after remove (-before +after):\n%s", diff)
	}
}

func TestPlanNeedsAPublicListener(t *testing.T) {
	t.Parallel()
	c := conf(t, plainMain, "2525 inet n - y - - smtpd\nsmtp unix - - y - - smtp\n")
	if _, err := c.Plan(t.Context(), load(t, BeforeQueue), nil); err == nil || !strings.Contains(err.Error(), "--service") {
		t.Errorf("got %v, want advice to name the service", err)
	}
	if _, err := c.Plan(t.Context(), load(t, BeforeQueue), []string{"2525/inet"}); err != nil {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name, filter, reinject string
		mode                   Mode
		want                   string // In main.cf's content_filter, or else in the public listener's option.
		err                    string
	}{
		{"default", "", "", AfterQueueLMTP, "mailweir:[127.0.0.1]:10024", ""},
		{"unix socket", "unix:/run/x", "127.0.0.1:25", AfterQueueSMTP, "mailweir:unix:/run/x", ""},
		{"IPv6", "[::1]:10", "[::1]:11", AfterQueueLMTP, "mailweir:[::1]:10", ""},
		{"before the queue", "127.0.0.1:10", "127.0.0.1:11", BeforeQueue, "127.0.0.1:10", ""},
		{"no such mode", "", "", "sideways", "", `mode "sideways"`},
		{"no port", "localhost", "", AfterQueueLMTP, "", "address of the filter"},
		{"no re-injection port", "", "localhost", AfterQueueLMTP, "", "address for re-injection"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Load(tt.mode, tt.filter, tt.reinject)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := f.Main[0].Value
			if tt.mode == BeforeQueue {
				got = f.Public[0].Value
			}
			if got != tt.want {
				t.Errorf("filter: got %q, want %q", got, tt.want)
			}
			back := f.Services[len(f.Services)-1].Name
			if tt.reinject != "" && back != tt.reinject {
				t.Errorf("re-injection: got %q, want %q", back, tt.reinject)
			}
		})
	}
}

func TestParseMasterRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"smtp inet n - n -":                    "8 fields",
		"smtp inet n - n - - smtpd -v":         "-o name=value",
		"smtp inet n - n - - smtpd\n  -o":      "-o name=value",
		"smtp inet n - n - - smtpd\n  -o name": "no parameter",
	} {
		if _, err := parseMaster(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestCommand(t *testing.T) {
	value := "a 'b' $c"
	tests := []struct {
		change Change
		dir    string
		want   string
	}{
		{Change{Kind: Parameter, Key: "x", New: &value}, "", `postconf -e 'x=a '\''b'\'' $c'`},
		{Change{Kind: Parameter, Key: "x", Old: &value}, "/etc/p", `postconf -c /etc/p -X x`},
		{Change{Kind: Entry, Key: "a/unix", Old: &value}, "", `postconf -MX a/unix`},
		{Change{Kind: EntryOption, Key: "a/unix/x", Old: &value}, "", `postconf -PX a/unix/x`},
	}
	for _, tt := range tests {
		if got := tt.change.Command(tt.dir); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// TestApplyKeepsOverrides: options of receive_override_options that were there stay in force.
func TestApplyKeepsOverrides(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := conf(t, plainMain+"receive_override_options = no_milters\n", plainMaster)
	before := effective(t, c)
	apply(ctx, t, c, AfterQueueLMTP)
	if got, err := c.Value(ctx, "receive_override_options"); err != nil || got != "no_milters, no_address_mappings" {
		t.Errorf("got %q, %v", got, err)
	}
	if again, err := c.PlanApply(ctx, AfterQueueLMTP, load(t, AfterQueueLMTP), nil); err != nil || len(again) > 0 {
		t.Errorf("second apply: got %v, %v, want no changes", again, err)
	}
	r, err := c.PlanRemove(ctx)
	if err != nil {
		t.Fatal(err)
	}
	remove(t, c, r)
	if diff := cmp.Diff(before, effective(t, c)); diff != "" {
		t.Errorf("after remove (-before +after):\n%s", diff)
	}
}
