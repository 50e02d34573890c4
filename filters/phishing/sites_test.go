// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

func TestSites(t *testing.T) {
	s := newSites()
	list := "# comment\nexample.org\n*.example.net # and all below\n\nbücher.example\n*proxy*.example.com\n203.0.113.7\nEVIL.com.\n"
	if err := s.parse(strings.NewReader(list)); err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"example.org": true, "www.example.org": false, "example.net": true, "a.b.example.net": true, "badexample.net": false,
		"xn--bcher-kva.example": true, "ezproxy1.example.com": true, "www.example.com": false, "203.0.113.7": true, "evil.com": true, "": false,
	} {
		if got := s.has(host); got != want {
			t.Errorf("%s: got %v", host, got)
		}
	}
	for text, want := range map[string]string{
		"a.b\na b\n":                        `line 2: "a b" is no host name`,
		"*.*\n":                             `line 1: "*" is no host name`,
		strings.Repeat("a", 2000):           "line 1: longer than 1024 octets",
		strings.Repeat("a*b\n", maxGlobs+1): "line 1001: more than 1000 names with a star inside",
	} {
		if err := newSites().parse(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
}

func TestShippedSites(t *testing.T) {
	for _, name := range []string{"trackers", "hosting"} {
		s, err := shippedSites(name)
		if err != nil || len(s.exact)+len(s.below) < 50 {
			t.Errorf("%s: %d sites, %v", name, len(s.exact)+len(s.below), err)
		}
	}
	if _, err := shippedSites("none"); err == nil {
		t.Error("a list that is not there is no error")
	}
}

// Lists are read again once they change; one that is broken leaves the old one in use.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	safe, bad := filepath.Join(dir, "safe"), filepath.Join(dir, "bad")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
	}
	write(safe, "")
	write(bad, "*.evil.com\n")
	o := DefaultOptions()
	o.SafeSites, o.BadSites = []string{safe}, []string{bad}
	now := time.Now()
	made, err := New(o, filters.Deps{Unpacker: filtertest.Unpacker(t), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	f := made.(*filter)
	message := page(link("https://www.evil.com/", "https://other.com"))
	for i, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "bad_site 1: www.evil.com is on a list of bad sites|mismatch 1: shows other.com, leads to www.evil.com"},
		{func() { write(bad, "") }, "mismatch 1: shows other.com, leads to www.evil.com"},
		{func() { write(safe, "www.evil.com\n") }, ""},
		{func() { write(safe, "a b\n") }, ""},
		{func() { os.Remove(safe) }, ""},
		{func() { write(safe, "x.com\n") }, "mismatch 1: shows other.com, leads to www.evil.com"},
	} {
		step.do()
		now = now.Add(time.Minute)
		if got := strings.Join(told(inspect(t, f, message)), "|"); got != step.want {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
}

func FuzzMailboxes(f *testing.F) {
	for _, s := range []string{"", `"a" <b@c>, d@e (f)`, "x: a@b;", "<", "((", `"\`, "a <b> <c>", "=?utf-8?q?=41?= <a@b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all := mailboxes(s)
		if len(all) > maxAddresses {
			t.Fatalf("%d addresses", len(all))
		}
		for _, m := range all {
			if m.name == "" && m.addr == "" || m.domain != "" && m.host == "" {
				t.Fatalf("%q: got %+v", s, m)
			}
			personKey(m.name)
			addressIn(m.name)
		}
	})
}

func TestMailboxes(t *testing.T) {
	for in, want := range map[string]string{
		`Anna <a@b.org>, "C, D" <c@d.org>`:      "Anna|a@b.org|b.org,C, D|c@d.org|d.org",
		"a@b.org (Anna)":                        "Anna|a@b.org|b.org",
		"list: a@b.org, c@d.org;":               "|a@b.org|b.org,|c@d.org|d.org",
		`=?utf-8?q?M=C3=BCller?= <m@sub.b.org>`: "Müller|m@sub.b.org|b.org",
		`"a\"b" <c@d.org>`:                      `a"b|c@d.org|d.org`,
		"<a@b.org":                              "|a@b.org|b.org",
		"nobody":                                "nobody||",
		"Mail, team <a@b.org>":                  "Mail, team|a@b.org|b.org",
		"Mail ,_<a@b.org>, c@d.org":             "Mail, _|a@b.org|b.org,|c@d.org|d.org",
		`"x@y.org", <a@b.org>`:                  "x@y.org|a@b.org|b.org",
		"<a@b.org>, Mail":                       "Mail|a@b.org|b.org",
		" , ":                                   "",
	} {
		var got []string
		for _, m := range mailboxes(in) {
			got = append(got, m.name+"|"+m.addr+"|"+m.domain)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: got %q, want %s", in, got, want)
		}
	}
}
