// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn/dmarc/report/store"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

// counting is a filter that counts into a file, for domains that ask for it.
func counting(t testing.TB) (*filter, string) {
	t.Helper()
	o := DefaultOptions()
	o.TrustedSealers = []string{"list.test"}
	o.Reports.Database, o.Reports.Email = filepath.Join(t.TempDir(), "dmarc.db"), "dmarc@example.org"
	z := zone(t)
	for name, list := range z.TXT {
		if domain, ok := strings.CutPrefix(name, "_dmarc."); ok {
			z.TXT[name] = []string{list[0] + "; rua=mailto:r@" + domain}
		}
	}
	f, err := newFilter(o, filters.Deps{Now: now}, z)
	if err != nil {
		t.Fatal(err)
	}
	return f, o.Reports.Database
}

// settled are what became of a message, by the words.
func settled(words ...string) filters.Outcome {
	var o filters.Outcome
	for _, w := range words {
		o.Recipients = append(o.Recipients, filters.Settled{Fate: strings.TrimPrefix(w, "spam "), Spam: strings.HasPrefix(w, "spam ")})
	}
	return o
}

func TestReports(t *testing.T) {
	forwarded := sealed(t, "list.test", "list.test; dmarc=pass header.from=reject.test", letter("a@reject.test"))
	for _, tc := range []struct {
		name, text, from string
		outcome          filters.Outcome
		want             []string // Domain, disposition, reason, and how often.
	}{
		{"pass", letter("a@reject.test"), "a@reject.test", settled("deliver"), []string{"reject.test none  2"}},
		{"pass, a virus", letter("a@reject.test"), "a@reject.test", settled("quarantine"), []string{"reject.test none  2"}},
		{"rejected", letter("a@reject.test"), "a@bare.test", settled("reject"), []string{"reject.test reject  2"}},
		{"discarded for one", letter("a@reject.test"), "a@bare.test", settled("deliver", "discard", "quarantine"), []string{"reject.test reject  2"}},
		{"delivered", letter("a@reject.test"), "a@bare.test", settled("deliver"), []string{"reject.test none local_policy 2"}},
		{"to the folder for spam", letter("a@quarantine.test"), "a@bare.test", settled("spam deliver"), []string{"quarantine.test quarantine  2"}},
		{"a virus, and no policy", letter("a@none.test"), "a@bare.test", settled("reject"), []string{"none.test none  2"}},
		{"trusted", forwarded, "a@bare.test", settled("deliver"), []string{"reject.test none trusted_forwarder 2"}},
		{"two authors", letter("a@reject.test, b@none.test"), "a@bare.test", settled("reject"), []string{"none.test none  2", "reject.test reject  2"}},
		{"comes again", letter("a@reject.test"), "a@reject.test", settled("deliver", "defer"), nil},
		{"nobody", letter("a@reject.test"), "a@reject.test", settled(), nil},
		{"no policy", letter("a@bare.test"), "a@reject.test", settled("deliver"), nil},
		{"no answer", letter("a@dead.test"), "a@reject.test", settled("deliver"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, file := counting(t)
			for range 2 {
				env, msg := envelope(tc.from, ours), filtertest.Message(t, tc.text)
				if _, err := f.Inspect(t.Context(), env, msg); err != nil {
					t.Fatal(err)
				}
				f.Follow(t.Context(), env, msg, tc.outcome)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, counted(t, file)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// counted is what the file has.
func counted(t *testing.T, file string) []string {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	s, err := store.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Rows(t.Context(), "", now().AddDate(0, 0, -1), now().AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range rows {
		list = append(list, fmt.Sprintf("%s %s %s %d", r.Published.Domain, r.Disposition, r.Override, r.Count))
	}
	slices.Sort(list)
	return list
}

// TestReportsWithout: who does not count leaves nothing behind; what was not looked at is not counted.
func TestReportsWithout(t *testing.T) {
	plain := newTest(t, DefaultOptions())
	env, msg := envelope("a@reject.test", ours), filtertest.Message(t, letter("a@reject.test"))
	if _, err := plain.Inspect(t.Context(), env, msg); err != nil {
		t.Fatal(err)
	}
	plain.Follow(t.Context(), env, msg, settled("deliver"))
	if err := plain.Close(); err != nil {
		t.Error(err)
	}
	f, file := counting(t)
	f.Follow(t.Context(), nil, nil, settled("deliver"))
	f.Follow(t.Context(), env, filtertest.Message(t, letter("a@reject.test")), settled("deliver"))
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if got := counted(t, file); got != nil {
		t.Errorf("got %v", got)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was made for nothing")
	}
	local := envelope("a@reject.test", ours)
	local.Client = mail.Client{Source: "LOCAL"}
	if _, err := f.Inspect(t.Context(), local, msg); err != nil {
		t.Fatal(err)
	}
}

func TestReportOptions(t *testing.T) {
	for _, tc := range []struct{ database, email, organisation, want string }{
		{"", "", "", ""},
		{"/var/lib/mailweir/work/dmarc.db", "a@example.org", "Example", ""},
		{"dmarc.db", "a@example.org", "", `reports.database: "dmarc.db": want the absolute path of a file`},
		{"/x", "", "", `reports.email: "": want a mail address`},
		{"/x", "a b@example.org", "", `reports.email: "a b@example.org": want a mail address`},
		{"/x", "a@example.org", "x\ny", "reports.organisation: want a line of at most 254 octets"},
	} {
		o := DefaultOptions()
		o.Reports.Database, o.Reports.Email, o.Reports.Organisation = tc.database, tc.email, tc.organisation
		got := ""
		if err := o.Validate(); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%+v: got %q", tc, got)
		}
	}
	o := DefaultOptions()
	o.Reports.Database, o.Reports.Email = "/no/such/folder/dmarc.db", "a@example.org"
	if _, err := newFilter(o, filters.Deps{Now: now}, zone(t)); err == nil || !strings.Contains(err.Error(), "reports.database: ") {
		t.Errorf("got %v", err)
	}
}
