// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// zone says that mail of all these domains comes from 192.0.2.1.
func zone() *authntest.Zone {
	z := &authntest.Zone{TXT: map[string][]string{}}
	for _, d := range []string{"good.test", "sub.good.test", "evil.test", "lists.good.test", "xn--bcher-kva.test", "many.test"} {
		z.TXT[d] = []string{"v=spf1 ip4:192.0.2.1 -all"}
	}
	return z
}

func newTest(t testing.TB, o *Options) *filter {
	t.Helper()
	f, err := newFilter(o, filters.Deps{}, zone())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// letter is a message and where it comes from.
type letter struct {
	client mail.Client
	from   string // Reverse-path.
	head   string
	to     []string
}

// Clients: that of all good domains, and another one.
func ours() mail.Client   { return mail.Client{Addr: "192.0.2.1", Name: "mx.good.test"} }
func theirs() mail.Client { return mail.Client{Addr: "198.51.100.9", Name: "dsl-9.pool.evil.test"} }

func (l letter) envelope() *mail.Envelope {
	env := filtertest.Envelope()
	env.Client, env.MailFrom = l.client, mail.NewPath(l.from)
	if len(l.to) > 0 {
		env.RcptTo = nil
	}
	for _, to := range l.to {
		env.RcptTo = append(env.RcptTo, mail.NewPath(to))
	}
	return env
}

// says gives the findings about a message, in short.
func says(t testing.TB, f *filter, l letter) string {
	t.Helper()
	found, err := f.Inspect(t.Context(), l.envelope(), filtertest.Message(t, l.head+"\r\n\r\ntext\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, f := range found {
		s := fmt.Sprintf("%s %v", strings.TrimPrefix(f.Code, "lists."), f.Score)
		if f.For != nil {
			s += fmt.Sprint(f.For)
		}
		told = append(told, s)
	}
	return strings.Join(told, ", ")
}

func TestSuite(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			o := DefaultOptions()
			o.Allow = []Entry{{Senders: []string{"from@example.org"}}, {Domains: []string{"good.test"}}}
			o.Block = []Entry{{Hosts: []string{"192.0.2.0/24"}, To: []string{"example.net"}}}
			return newTest(t, o)
		},
		Messages: []string{"From: a@good.test\r\n\r\n", "From: a@good.test, b@good.test\r\nFrom: c@good.test\r\n\r\n"},
	})
}

// TestAllow: who is welcome, if something vouches for the name.
func TestAllow(t *testing.T) {
	const author = "From: Ann <ann@good.test>"
	sender := func(s ...string) Entry { return Entry{Senders: s} }
	for _, tt := range []struct {
		name  string
		entry Entry
		l     letter
		want  string
	}{
		{"author", sender("ann@good.test"), letter{ours(), "x@good.test", author, nil}, "allowed -8"},
		{"forged author", sender("ann@good.test"), letter{theirs(), "x@good.test", author, nil}, "unproven 0"},
		{"author with a reverse-path of another", sender("ann@good.test"), letter{ours(), "x@evil.test", author, nil}, "unproven 0"},
		{"reverse-path", sender("x@good.test"), letter{ours(), "x@good.test", "From: a@evil.test", nil}, "allowed -8"},
		{"forged reverse-path", sender("x@good.test"), letter{theirs(), "x@good.test", "From: a@evil.test", nil}, "unproven 0"},
		{"another sender", sender("ann@good.test"), letter{ours(), "x@good.test", "From: bob@good.test", nil}, ""},
		{"two authors", sender("ann@good.test"), letter{ours(), "x@good.test", author + ", m@evil.test", nil}, "unproven 0"},
		{"two From", sender("ann@good.test"), letter{ours(), "x@good.test", author + "\r\nFrom: m@evil.test", nil}, "unproven 0"},
		{"Sender and Reply-To are nobody", sender("ann@good.test"), letter{ours(), "x@good.test", "From: m@evil.test\r\nSender: ann@good.test\r\nReply-To: ann@good.test", nil}, ""},
		{"Received is nobody", Entry{Hosts: []string{"203.0.113.1"}}, letter{theirs(), "x@good.test", "Received: from a (a [203.0.113.1]) by mx\r\n" + author, nil}, ""},
		{"our own results are nobody", sender("ann@good.test"), letter{theirs(), "x@good.test", "Authentication-Results: mx; spf=pass; dmarc=pass\r\nX-Spam-Flag: NO\r\nDKIM-Signature: v=1; d=good.test; i=ann@good.test\r\n" + author, nil}, "unproven 0"},
		{"unverified", Entry{Senders: []string{"ann@good.test"}, Unverified: true}, letter{theirs(), "x@evil.test", author, nil}, "allowed -8"},
		{"name and host", Entry{Senders: []string{"ann@good.test"}, Hosts: []string{"198.51.100.0/24"}}, letter{theirs(), "x@evil.test", author, nil}, "allowed -8"},
		{"name and another host", Entry{Senders: []string{"ann@good.test"}, Hosts: []string{"203.0.113.0/24"}}, letter{theirs(), "x@evil.test", author, nil}, ""},
		{"host and another name", Entry{Senders: []string{"bob@good.test"}, Hosts: []string{"198.51.100.0/24"}}, letter{theirs(), "x@evil.test", author, nil}, ""},
		{"host alone", Entry{Hosts: []string{"198.51.100.9"}}, letter{theirs(), "x@evil.test", author, nil}, "allowed -8"},
		{"host by name", Entry{Hosts: []string{"*.pool.evil.test"}}, letter{theirs(), "x@evil.test", author, nil}, "allowed -8"},
		{"HELO is nobody", Entry{Hosts: []string{"helo.test"}}, letter{mail.Client{Addr: "198.51.100.9", HELO: "helo.test"}, "x@evil.test", author, nil}, ""},
		{"own points", Entry{Domains: []string{"good.test"}, Score: -2.5}, letter{ours(), "x@good.test", author, nil}, "allowed -2.5"},
		{"null reverse-path", sender("<>"), letter{ours(), "", "From: m@evil.test", nil}, "unproven 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			o.Allow = []Entry{tt.entry}
			if got := says(t, newTest(t, o), tt.l); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestBlock: who is not, under whatever spelling.
func TestBlock(t *testing.T) {
	by := func(from string) letter { return letter{theirs(), from, "From: x@x.test", nil} }
	author := func(from string) letter { return letter{theirs(), "x@x.test", "From: " + from, nil} }
	for _, tt := range []struct {
		name  string
		entry Entry
		l     letter
		want  bool
	}{
		{"reverse-path", Entry{Senders: []string{"m@evil.test"}}, by("m@evil.test"), true},
		{"author", Entry{Senders: []string{"m@evil.test"}}, author("m@evil.test"), true},
		{"case", Entry{Senders: []string{"M@Evil.test"}}, author("m@EVIL.TEST."), true},
		{"quoted", Entry{Senders: []string{"m@evil.test"}}, author(`"m"@evil.test`), true},
		{"quoted pair", Entry{Senders: []string{"m@evil.test"}}, by(`"\m"@evil.test`), true},
		{"comments", Entry{Senders: []string{"m@evil.test"}}, author(`(x) "m@x.test" <m(y)@evil.test> (z)`), true},
		{"second author", Entry{Senders: []string{"m@evil.test"}}, author("a@x.test, m@evil.test"), true},
		{"second From", Entry{Senders: []string{"m@evil.test"}}, author("a@x.test\r\nFROM : m@evil.test"), true},
		{"folded", Entry{Senders: []string{"m@evil.test"}}, author("x\r\n <m@\r\n evil.test>"), true},
		{"IDN", Entry{Domains: []string{"bücher.test"}}, author("m@xn--bcher-kva.test"), true},
		{"IDN the other way", Entry{Domains: []string{"xn--bcher-kva.test"}}, author("m@Bücher.test"), true},
		{"source route", Entry{Senders: []string{"m@evil.test"}}, letter{theirs(), mail.ParsePath("<@a.test:m@evil.test>").Address, "", nil}, true},
		{"display name is nobody", Entry{Senders: []string{"m@evil.test"}}, author(`"m@evil.test" <a@x.test>`), false},
		{"all of a domain", Entry{Senders: []string{"@evil.test"}}, by("x@evil.test"), true},
		{"the same", Entry{Senders: []string{"evil.test"}}, by("x@evil.test"), true},
		{"not below it", Entry{Senders: []string{"*@evil.test"}}, by("x@a.evil.test"), false},
		{"below it", Entry{Senders: []string{".evil.test"}}, by("x@a.b.evil.test"), true},
		{"only below it", Entry{Senders: []string{".evil.test"}}, by("x@evil.test"), false},
		{"a domain", Entry{Domains: []string{"evil.test"}}, by("x@evil.test"), true},
		{"a long address", Entry{Domains: []string{"evil.test"}}, by(strings.Repeat("x", 600) + "@evil.test"), true},
		{"a long author", Entry{Domains: []string{"evil.test"}}, author(`"` + strings.Repeat("x", 600) + `"@a.evil.test`), true},
		{"a domain below it", Entry{Domains: []string{"evil.test"}}, by("x@a.evil.test"), true},
		{"a domain that ends so", Entry{Domains: []string{"evil.test"}}, by("x@notevil.test"), false},
		{"asterisk in the local-part", Entry{Senders: []string{"promo*@evil.test"}}, by("promo-17@evil.test"), true},
		{"asterisk in the domain", Entry{Senders: []string{"x@*.evil.test"}}, by("x@a.evil.test"), true},
		{"asterisk in both", Entry{Senders: []string{"@mail*.evil.test"}}, by("x@mail7.evil.test"), true},
		{"everything", Entry{Senders: []string{"*"}}, by(""), true},
		{"null", Entry{Senders: []string{"<>"}}, by(""), true},
		{"not null", Entry{Senders: []string{"<>"}}, by("a@x.test"), false},
		{"asterisks are not null", Entry{Senders: []string{"*a*@*"}}, by(""), false},
		{"address", Entry{Hosts: []string{"198.51.100.9"}}, by(""), true},
		{"address in IPv6 form", Entry{Hosts: []string{"::ffff:198.51.100.9"}}, by(""), true},
		{"network", Entry{Hosts: []string{"198.51.96.0/21"}}, by(""), true},
		{"network in IPv6 form", Entry{Hosts: []string{"::ffff:198.51.100.0/120"}}, by(""), true},
		{"another network", Entry{Hosts: []string{"198.51.104.0/21"}}, by(""), false},
		{"host", Entry{Hosts: []string{"DSL-9.pool.evil.test"}}, by(""), true},
		{"hosts below", Entry{Hosts: []string{".evil.test"}}, by(""), true},
		{"asterisk in a host", Entry{Hosts: []string{"dsl-*.evil.test"}}, by(""), true},
		{"another host", Entry{Hosts: []string{"pool.evil.test"}}, by(""), false},
		{"unknown client", Entry{Hosts: []string{"0.0.0.0/1", "128.0.0.0/1"}}, letter{mail.Client{Name: "unknown"}, "", "", nil}, false},
		{"top-level domain", Entry{Domains: []string{"test"}}, by("x@evil.test"), true},
		{"below a top-level domain", Entry{Senders: []string{".test"}}, by("x@evil.test"), true},
		{"hosts of a top-level domain", Entry{Hosts: []string{"*.test"}}, by(""), true},
		{"one label", Entry{Senders: []string{"root@localhost"}}, by("root@LOCALHOST"), true},
		{"IPv6", Entry{Hosts: []string{"2001:db8::/32"}}, letter{mail.Client{Addr: "2001:db8::1"}, "", "", nil}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			o.Block = []Entry{tt.entry}
			want := ""
			if tt.want {
				want = "blocked 10"
			}
			if got := says(t, newTest(t, o), tt.l); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestNearest: of several entries the nearest wins.
func TestNearest(t *testing.T) {
	good := letter{ours(), "ann@good.test", "From: ann@good.test", []string{"1@a.test", "2@a.test", "3@b.test", "1@A.test"}}
	for _, tt := range []struct {
		name         string
		allow, block []Entry
		l            letter
		want         string
	}{
		{"to one", nil, []Entry{{Domains: []string{"good.test"}, To: []string{"1@a.test"}}}, good, "blocked 10[0 3]"},
		{"to a domain", nil, []Entry{{Domains: []string{"good.test"}, To: []string{"a.test"}}}, good, "blocked 10[0 1 3]"},
		{"to some", nil, []Entry{{Domains: []string{"good.test"}, To: []string{"2*@a.test", ".test"}}}, good, "blocked 10[0 1 2 3]"},
		{"an address before its domain", []Entry{{Senders: []string{"ann@good.test"}}}, []Entry{{Domains: []string{"good.test"}}}, good, "allowed -8[0 1 2 3]"},
		{"the other way", []Entry{{Domains: []string{"good.test"}}}, []Entry{{Senders: []string{"ann@good.test"}}}, good, "blocked 10[0 1 2 3]"},
		{"even", []Entry{{Domains: []string{"good.test"}}}, []Entry{{Hosts: []string{"192.0.2.0/24"}}}, good, "blocked 10[0 1 2 3]"},
		{"one's own before all's", []Entry{{Domains: []string{"good.test"}, To: []string{"1@a.test"}}}, []Entry{{Senders: []string{"ann@good.test"}, To: []string{"a.test"}}}, good, "allowed -8[0 3], blocked 10[1]"},
		{"not what is not proven", []Entry{{Senders: []string{"ann@good.test"}}}, []Entry{{Domains: []string{"good.test"}}}, letter{theirs(), "ann@good.test", "", nil}, "unproven 0, blocked 10"},
		{"not by the address that is not proven", []Entry{{Senders: []string{"m@evil.test", "@good.test"}}}, []Entry{{Senders: []string{"@good.test"}}}, letter{ours(), "ann@good.test", "From: m@evil.test", nil}, "blocked 10"},
		{"all's before nothing", []Entry{{Domains: []string{"good.test"}}, {Domains: []string{"good.test"}, Score: -1, To: []string{"3@b.test"}}}, nil, good, "allowed -8[0 1 3], allowed -1[2]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			o.Allow, o.Block = tt.allow, tt.block
			got := says(t, newTest(t, o), tt.l)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestFiles: files are read anew when they change, and a broken one changes nothing.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	senders, to := filepath.Join(dir, "senders"), filepath.Join(dir, "to")
	write := func(file, text string, n int64) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Unix(n, 0), time.Unix(n, 0)); err != nil {
			t.Fatal(err)
		}
	}
	write(senders, "# comment\r\n\r\n  m@evil.test  # why", 1)
	write(to, "1@a.test\n", 1)
	now := time.Unix(0, 0)
	reg := prometheus.NewRegistry()
	o := DefaultOptions()
	o.Block = []Entry{{Senders: []string{"file:" + senders, "n@evil.test"}, To: []string{"file:" + to}}, {Domains: []string{"other.test"}, To: []string{"file:" + to}}}
	f, err := newFilter(o, filters.Deps{Registerer: reg, Now: func() time.Time { return now }}, zone())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		do     func()
		blocks string
	}{
		{"as it was", func() {}, "m n"},
		{"another one", func() { write(senders, "o@evil.test", 2) }, "n o"},
		{"broken", func() { write(senders, "p@evil.test\nno one", 3) }, "n o"},
		{"for nobody", func() { write(to, "# nobody\n", 4); write(senders, "o@evil.test", 4) }, ""},
		{"mended", func() { write(to, "a.test\n", 5) }, "n o"},
	} {
		tt.do()
		now = now.Add(checkEvery)
		var got []string
		for _, who := range []string{"m", "n", "o"} {
			if says(t, f, letter{theirs(), who + "@evil.test", "", []string{"1@a.test"}}) != "" {
				got = append(got, who)
			}
		}
		if s := strings.Join(got, " "); s != tt.blocks {
			t.Errorf("%s: blocks %q, want %q", tt.name, s, tt.blocks)
		}
	}
	if n := testutil.ToFloat64(f.metrics.failures); n != 1 {
		t.Errorf("%v failures", n)
	}
	if n := testutil.ToFloat64(f.metrics.recipients.WithLabelValues(resultBlocked)); n != 8 {
		t.Errorf("%v blocked", n)
	}
}

// TestPolicy is what becomes of it, by default and with a rule.
func TestPolicy(t *testing.T) {
	o := DefaultOptions()
	o.Block = []Entry{{Domains: []string{"evil.test"}, To: []string{"1@a.test"}}}
	l := letter{theirs(), "m@evil.test", "", []string{"1@a.test", "2@a.test"}}
	found, err := newTest(t, o).Inspect(t.Context(), l.envelope(), filtertest.Message(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	for want, do := range map[string]map[string][]policy.Action{
		"quarantine deliver": nil,
		"reject deliver":     {"lists.blocked": {{Name: "reject"}}},
	} {
		set, err := policy.New([]policy.Policy{{Name: policy.DefaultName, Do: do}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range set.DecideAll(l.envelope(), found) {
			got = append(got, d.Fate.String())
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("got %q, want %q", s, want)
		}
	}
}

// TestDetail: an operator sees which entry it was.
func TestDetail(t *testing.T) {
	o := DefaultOptions()
	o.Allow = []Entry{{Senders: []string{"m@evil.test"}}}
	o.Block = []Entry{{Domains: []string{"x.test"}}, {Domains: []string{"evil.test"}, Hosts: []string{"198.51.100.0/24"}}}
	found, err := newTest(t, o).Inspect(t.Context(), letter{theirs(), "m@evil.test", "", []string{"1@a.test"}}.envelope(), filtertest.Message(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Detail)
	}
	want := []string{
		"allow[0]: reverse-path m@evil.test; nothing vouches for it",
		"block[1]: reverse-path m@evil.test, client 198.51.100.9",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestOptions(t *testing.T) {
	many := make([]Entry, maxScores+1)
	for i := range many {
		many[i] = Entry{Domains: []string{"a.test"}, Score: float64(i)}
	}
	for want, o := range map[string]*Options{
		`block[0]: names nobody`: {Block: []Entry{{To: []string{"a@a.test"}}}},
		// A template that was filled with nobody does not mean everybody.
		`allow[0].to: is empty`:                                       {Allow: []Entry{{Hosts: []string{"192.0.2.1"}, To: []string{}}}},
		`allow[0].senders: is empty`:                                  {Allow: []Entry{{Hosts: []string{"192.0.2.1"}, Senders: []string{}}}},
		`block[0]: unverified`:                                        {Block: []Entry{{Domains: []string{"a.test"}, Unverified: true}}},
		`block[0]: score: -1`:                                         {Block: []Entry{{Domains: []string{"a.test"}, Score: -1}}},
		`allow[0]: score: 1`:                                          {Allow: []Entry{{Domains: []string{"a.test"}, Score: 1}}},
		`allow_score: 1`:                                              {AllowScore: 1},
		`block_score: -1`:                                             {BlockScore: -1},
		`allow[0].senders: "file:x"`:                                  {Allow: []Entry{{Senders: []string{"file:x"}}}},
		`block[1].domains: "a b": has a blank`:                        {Block: []Entry{{Domains: []string{"a.test"}}, {Domains: []string{"a b"}}}},
		`allow[0].domains: "x y.z": has a blank`:                      {Allow: []Entry{{Domains: []string{"x y.z"}}}},
		`allow[0].domains: "x..z": has no domain name`:                {Allow: []Entry{{Domains: []string{"x..z"}}}},
		`allow[0].senders: "": is empty`:                              {Allow: []Entry{{Senders: []string{""}}}},
		`allow[0].senders: "<a@b.test>": write`:                       {Allow: []Entry{{Senders: []string{"<a@b.test>"}}}},
		`allow[0].senders: "a@": has no`:                              {Allow: []Entry{{Senders: []string{"a@"}}}},
		`allow[0].hosts: "0.0.0.0/0": is everybody`:                   {Allow: []Entry{{Hosts: []string{"0.0.0.0/0"}}}},
		`allow[0].hosts: "192.0.2.1/33": has no domain`:               {Allow: []Entry{{Hosts: []string{"192.0.2.1/33"}}}},
		`allow[0].to: "..": has no domain`:                            {Allow: []Entry{{Hosts: []string{"192.0.2.1"}, To: []string{".."}}}},
		`allow[0].senders: "` + strings.Repeat("a", 80) + `": is too`: {Allow: []Entry{{Senders: []string{strings.Repeat("a", 600)}}}},
		`different scores`:                                            {Block: many},
		`more than 10000 entries`:                                     {Block: make([]Entry, maxEntries+1)},
		`no such file`:                                                {Block: []Entry{{Domains: []string{"file:/nonexistent/x"}}}},
		`no name server`:                                              {Allow: []Entry{{Domains: []string{"a.test"}}}},
	} {
		if _, err := New(o, filters.Deps{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, e := range []Entry{{Domains: []string{"a.test"}, Unverified: true}, {Domains: []string{"a.test"}, Hosts: []string{"192.0.2.1"}}} {
		if _, err := New(&Options{Allow: []Entry{e}}, filters.Deps{}); err != nil {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

// FuzzList: a list is read or refused, and what it says can be asked.
func FuzzList(f *testing.F) {
	f.Add("a@b.test # x\n*@*.c.test\n.d.test\n<>\n*\n", "a@b.test", "x.d.test")
	f.Add("192.0.2.0/24\n::1\n*.e.test\nf*.test", "\"a b\"@[192.0.2.1]", "e.e.test")
	f.Fuzz(func(t *testing.T, text, sender, host string) {
		o := &Options{Block: []Entry{{Senders: []string{"x"}, Domains: []string{"x"}, Hosts: []string{"x"}, To: []string{"x"}}}}
		for _, what := range []string{listSenders, listDomains, listHosts, listTo} {
			x, err := newIndex(&Options{Block: inline(o.Block[:0])}, nil)
			if err != nil {
				t.Fatal(err)
			}
			x.entries = []*entry{{names: what != listHosts, hosts: what == listHosts}}
			n := 0
			add := x.adder(0, what)
			if parseList(strings.NewReader(text), func(s string) error { n++; return add(s) }) != nil {
				continue
			}
			hits := x.match(&senders{names: []name{{address: newAddress(sender)}}, host: host, addr: ours().IP()})
			if n == 0 && len(hits) > 0 || len(hits) > 1 {
				t.Errorf("%d hits of %d lines", len(hits), n)
			}
			_, _ = x.entries[0].to.has(newAddress(sender))
		}
	})
}

// BenchmarkInspect is a look-up in a list of 100,000 addresses.
func BenchmarkInspect(b *testing.B) {
	file := filepath.Join(b.TempDir(), "list")
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, "user%d@domain%d.test\n", i, i%1000)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	o := DefaultOptions()
	o.Block = []Entry{{Senders: []string{"file:" + file, "promo*@evil.test"}}, {Hosts: []string{"203.0.113.0/24"}}}
	f := newTest(b, o)
	l := letter{theirs(), "m@evil.test", "From: m@evil.test\r\n", nil}
	env, msg := l.envelope(), filtertest.Message(b, l.head)
	b.ReportAllocs()
	for b.Loop() {
		if found, err := f.Inspect(b.Context(), env, msg); err != nil || len(found) > 0 {
			b.Fatal(found, err)
		}
	}
}
