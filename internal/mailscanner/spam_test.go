// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	filterkinds "github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// nameServer is one with the DNS lists of testdata/spam and testdata/counted.
func nameServer(t *testing.T) *resolver.Resolver {
	t.Helper()
	var records []string
	for _, z := range []string{"zen.example.org", "bl.example.net", "codes.example.com", "one.example.org", "two.example.org", "three.example.org"} {
		records = append(records, "2.0.0.127."+z+". 60 IN A 127.0.0.2")
	}
	return dnstest.Resolver(t, nil, dnstest.Serve(t, dnstest.Zones(t, append(records,
		"9.2.0.192.zen.example.org. 60 IN A 127.0.0.4",
		"9.113.0.203.zen.example.org. 60 IN A 127.0.0.4",
		"8.2.0.192.codes.example.com. 60 IN A 127.0.0.5", "7.2.0.192.codes.example.com. 60 IN A 127.0.0.3",
		"listed.example.com.dbl.example.org. 60 IN A 127.0.0.5", "other.example.com.dbl.example.org. 60 IN A 127.0.1.2",
		"9.2.0.192.one.example.org. 60 IN A 127.0.0.4", "9.2.0.192.three.example.org. 60 IN A 127.0.0.4",
		"8.2.0.192.two.example.org. 60 IN A 127.0.0.2", "8.2.0.192.one.example.org. 60 IN A 127.0.0.2",
		"7.2.0.192.one.example.org. 60 IN A 127.0.0.2", "7.2.0.192.three.example.org. 60 IN A 127.0.0.3",
		`partner.example.net. 60 IN TXT "v=spf1 ip4:192.0.2.9 -all"`,
	)...)))
}

// site is an imported config with those of its filters that are about lists.
type site struct {
	config  *config.Config
	filters []filters.Filter
}

func newSite(t *testing.T, name string) *site {
	t.Helper()
	res, err := Import(filepath.Join("testdata", name), Options{Env: environment})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{config: load(t, res.Config)}
	deps := filters.Deps{Resolver: nameServer(t), Registerer: prometheus.NewRegistry(), Unpacker: filtertest.Unpacker(t), Now: time.Now}
	for _, stage := range s.config.Chain {
		for _, f := range stage {
			i := slices.IndexFunc(filterkinds.Kinds(), func(k filters.Kind) bool { return k.Name == f.Name })
			if k := filterkinds.Kinds()[i]; slices.Contains([]string{"lists", "dnsbl", "uribl"}, k.Name) {
				made, err := k.New(f.Options, deps)
				if err != nil {
					t.Fatal(err)
				}
				s.filters = append(s.filters, made)
			}
		}
	}
	return s
}

// decide says what becomes of a message that SpamAssassin gives that many points.
func (s *site) decide(t *testing.T, from, to, client, text string, points float64) (fate string, tagged bool) {
	t.Helper()
	env := filtertest.Envelope()
	env.MailFrom, env.RcptTo = mail.NewPath(from), []mail.Path{mail.NewPath(to)}
	env.Client = mail.Client{Name: "unknown", Addr: client, HELO: "client.example.org"}
	found := []filters.Finding{{Code: "spamd.score", Class: filters.Spam, Score: points}}
	msg := filtertest.Message(t, text)
	for _, f := range s.filters {
		more, err := f.Inspect(t.Context(), env, msg)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, more...)
	}
	d := s.config.Policies.Decide(env, env.RcptTo[0], found)
	return d.Fate.String(), isTagged(d)
}

func isTagged(d policy.Disposition) bool {
	return slices.ContainsFunc(d.Edits, func(e mail.Edit) bool {
		field, ok := e.(mail.AddField)
		return ok && field.Name == "X-Spam-Flag"
	})
}

// TestSpamIsTreatedAsBefore: what becomes of mail is what MailScanner would have done, but where the config says so. Spam is tagged from 6 points or if a list
// has it, and kept from 25 points or if the block list has its sender.
func TestSpamIsTreatedAsBefore(t *testing.T) {
	s := newSite(t, "spam")
	const clean, listed = "192.0.2.1", "192.0.2.9"
	for _, tc := range []struct {
		name, from, to, client string
		points                 float64
		fate                   string
		tagged                 bool
	}{
		{"ham", "a@example.com", "b@example.org", clean, 5.9, "deliver", false},
		{"spam", "a@example.com", "b@example.org", clean, 6, "deliver", true},
		{"high spam", "a@example.com", "b@example.org", clean, 25, "quarantine", false},
		{"listed", "a@example.com", "b@example.org", listed, 0, "deliver", true},
		{"listed and nearly high", "a@example.com", "b@example.org", listed, 24.9, "deliver", true},
		{"listed and ham by its content", "a@example.com", "b@example.org", listed, -5, "deliver", true},
		{"a code that is no listing", "a@example.com", "b@example.org", "192.0.2.8", 0, "deliver", false},
		{"a code that is one", "a@example.com", "b@example.org", "192.0.2.7", 0, "deliver", true},
		{"domain listed", "a@listed.example.com", "b@example.org", clean, 0, "deliver", true},
		{"domain with a code that MailScanner did not know", "a@other.example.com", "b@example.org", clean, 0, "deliver", false},
		{"private client", "a@example.com", "b@example.org", "192.168.3.4", 30, "deliver", false},
		{"welcome client with a name", "a@shop.example.com", "b@example.org", "198.51.100.7", 30, "deliver", false},
		{"the name without the client", "a@shop.example.com", "b@example.org", clean, 30, "quarantine", false},
		{"welcome recipient", "a@example.com", "postmaster@example.org", listed, 30, "deliver", false},
		{"no spam checks", "a@pest.example.net", "abuse@example.org", listed, 30, "deliver", false},
		{"no SpamAssassin", "a@example.com", "fast@example.org", clean, 30, "deliver", false},
		{"no SpamAssassin, listed", "a@example.com", "fast@example.org", listed, 30, "deliver", true},
		{"welcome with proof", "a@partner.example.net", "b@example.org", listed, 25, "deliver", false},
		{"welcome without proof", "a@partner.example.net", "b@example.org", "192.0.2.10", 25, "quarantine", false}, // Said by a warning.
		{"welcome without proof, domain and client listed", "a@partner.example.net", "b@example.org", "203.0.113.9", 0, "deliver", false},
		{"exception of the welcome", "news@partner.example.net", "b@example.org", "203.0.113.1", 0, "quarantine", false},
		{"blocked", "a@pest.example.net", "b@example.org", clean, 0, "quarantine", false},
		{"blocked client", "a@example.com", "b@example.org", "203.0.113.1", 0, "quarantine", false},
		{"exception of the blocked", "ok@pest.example.net", "b@example.org", clean, 0, "deliver", false},
		{"trap", "a@example.com", "trap@example.org", clean, 0, "quarantine", false},
		{"null reverse-path", "", "b@example.org", listed, 0, "deliver", false},
	} {
		fate, tagged := s.decide(t, tc.from, tc.to, tc.client, "Subject: x\r\n\r\ntext\r\n", tc.points)
		if fate != tc.fate || tagged != tc.tagged {
			t.Errorf("%s: got %s, tagged %t; want %s, %t", tc.name, fate, tagged, tc.fate, tc.tagged)
		}
	}
}

// TestListsAreCounted: two lists of three make high spam of a message, one does not.
func TestListsAreCounted(t *testing.T) {
	s := newSite(t, "counted")
	for client, want := range map[string]string{"192.0.2.1": "deliver", "192.0.2.7": "deliver", "192.0.2.8": "discard", "192.0.2.9": "discard"} {
		if got, _ := s.decide(t, "a@example.com", "b@example.org", client, "Subject: x\r\n\r\ntext\r\n", 100); got != want {
			t.Errorf("%s: got %s, want %s", client, got, want)
		}
	}
}

// TestListedActions: what becomes of mail on a list is what becomes of spam, in words that do not depend on the class.
func TestListedActions(t *testing.T) {
	shelf := func(name string) policy.Action { return policy.Action{Name: name, Arg: "spam"} }
	for _, tc := range []struct {
		name     string
		in, want actions
	}{
		{"deliver", do("deliver"), do("deliver")},
		{"shelves", do("quarantine", "store"), actions{shelf("quarantine")}},
		{"the other way round", actions{shelf("store"), {Name: "quarantine"}}, actions{shelf("quarantine")}},
		{"tag", do("tag", "deliver"), actions{
			{Name: "tag", Arg: "[SPAM]"}, {Name: "deliver"},
		}},
	} {
		if got := listed(tc.in, "spam"); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestSpamdOptions: what MailScanner's settings say is what the filter spamd has.
func TestSpamdOptions(t *testing.T) {
	for _, tc := range []struct {
		name, conf string
		check      func(o *spamd.Options) bool
	}{
		{"shipped", "Max Spam Check Size = 200k\nMax SpamAssassin Size = 200k\n", func(o *spamd.Options) bool { return o.MaxSize == 200_000 && o.Large == "skip" }},
		{"small for SpamAssassin", "Max Spam Check Size = 10m\n", func(o *spamd.Options) bool { return o.MaxSize == 200_000 && o.Large == "truncate" }},
		{"sizes that are none", "Max Spam Check Size = 0\nMax SpamAssassin Size = x\n", func(o *spamd.Options) bool { return o.MaxSize == 1<<10 && o.Large == "skip" }},
		{"much time", "SpamAssassin Timeout = 600\n", func(o *spamd.Options) bool { return o.Timeout == maxSpamdTime }},
		{"little time", "SpamAssassin Timeout = 3\n", func(o *spamd.Options) bool { return o.Timeout == 3*time.Second }},
		{"never off", "Max SpamAssassin Timeouts = 0\n", func(o *spamd.Options) bool { return o.Failures == spamd.DefaultOptions().Failures }},
		{"a high threshold", "High SpamAssassin Score = 40\n", func(o *spamd.Options) bool { return o.MaxPoints == 40 }},
		{"rules that deliver", "High Scoring Spam Actions = deliver\nSpamAssassin Rule Actions = X=>delete\n", func(o *spamd.Options) bool { return len(o.Rules) == 0 }},
		{"rules", "High Scoring Spam Actions = delete\nSpamAssassin Rule Actions = X=>delete, Y=>store,not-deliver\n", func(o *spamd.Options) bool {
			return len(o.Rules) == 1 && o.Rules["X"] == 10
		}},
		{"off", "Use SpamAssassin = no\n", func(o *spamd.Options) bool { return o == nil }},
		{"no spam checks", "Spam Checks = no\n", func(o *spamd.Options) bool { return o == nil }},
		{"viruses alone", "Scan Messages = virus\n", func(o *spamd.Options) bool { return o == nil }},
	} {
		dir := t.TempDir()
		write(t, dir, mainFile, tc.conf)
		im, specs := imported(t, dir)
		o, err := im.planSpamd(specs)
		if err != nil || !tc.check(o) {
			t.Errorf("%s: got %+v, %v", tc.name, o, err)
		}
	}
}

// TestNoDefinitions: lists whose zones are not known are told.
func TestNoDefinitions(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, mainFile, "Spam List = one two\n")
	res, err := Import(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	load(t, res.Config)
	for _, want := range []string{"the zones of lists are not known", "one is left out", "two is left out"} {
		if !slices.ContainsFunc(res.Warnings, func(w string) bool { return contains(w, want) }) {
			t.Errorf("no warning says %q: %q", want, res.Warnings)
		}
	}
}

// TestManyWelcome: a long list of all kinds of rules makes few policies.
func TestManyWelcome(t *testing.T) {
	dir := t.TempDir()
	text := ""
	for i := range 300 {
		text += fmt.Sprintf("FromOrTo: u%d@example.net yes\nFrom: 192.0.2.%d yes\n", i, i%250)
	}
	write(t, dir, "white.rules", text)
	write(t, dir, mainFile, "Is Definitely Not Spam = /etc/MailScanner/white.rules\nSpam List = a\n")
	write(t, dir, "spam.lists.conf", "a a.example.org\n")
	res, err := Import(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, res.Config)
	if res.Policies != 4 { // Recipients, clients, senders, default.
		t.Errorf("%d policies", res.Policies)
	}
	env := filtertest.Envelope()
	env.MailFrom, env.RcptTo = mail.NewPath("a@example.com"), []mail.Path{mail.NewPath("u299@example.net")}
	found := []filters.Finding{{Code: "spamd.score", Class: filters.Spam, Score: 30}}
	if d := c.Policies.Decide(env, env.RcptTo[0], found); d.Fate != policy.Deliver || isTagged(d) {
		t.Errorf("welcome recipient: %v %v", d.Fate, d.Edits)
	}
}
