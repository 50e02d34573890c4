// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func has(found []filters.Finding, code string) bool {
	return slices.ContainsFunc(found, func(f filters.Finding) bool { return f.Code == code })
}

// TestHidden: the one bad link is asked about, whatever stands in front of it that a reader cannot follow.
func TestHidden(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"images", page + many(300, `<img src="http://a%d.com/x.gif">`) + `<a href="http://bad.com">x</a>`},
		{"more images than are kept", page + many(6000, `<img src="http://a%d.com/x.gif">`) + `<a href="http://bad.com">x</a>`},
		{"many images of few sites", page + many(11_000, `<img src="http://a.com/%d">`) + `<a href="http://bad.com">x</a>`},
		{"addresses of Reply-To", "Reply-To: " + many(100, "a@b%d.com, ") + "\r\n" + text + "http://bad.com"},
		{"fields", many(200, "Reply-To: a@b%d.com, a@c%[1]d.com, a@d%[1]d.com\r\n") + text + "http://bad.com"},
		{"images, by a base", page + `<base href="http://bad.com/">` + many(300, `<img src="http://a%d.com/x.gif">`) + `<a href="x">x</a>`},
		{"links, for an image", page + many(300, `<a href="http://a%d.com/x">x</a>`) + `<img src="http://bad.com">`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, nil, dnstest.Resolver(t, nil, world(t)), domains())
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, c.text))
			if err != nil || !has(found, "uribl.listed") {
				t.Errorf("got %v, %v", told(found), err)
			}
		})
	}
}

// TestUnreadIsTold: what is not read is not passed over in silence.
func TestUnreadIsTold(t *testing.T) {
	filler := strings.Repeat("Some words of text.\r\n", 600<<10/21)
	half := strings.Repeat("S\x00\r\x00\n\x00", 600<<10/6)
	for _, c := range []struct {
		name, text string
		told       bool
	}{
		{"short text", text + "http://good.com", false},
		{"long text", text + filler + "http://bad.com", true},
		{"long text of two octets a character", "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + half, true},
		{"long text in HTML", page + filler + "http://bad.com", true},
		{"many texts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n"+filler[:400<<10]+"\r\n", 6) + "--b\r\n\r\nhttp://bad.com\r\n--b--\r\n", true},
		{"long field", "Reply-To: " + many(1000, "name of number %d,\r\n ") + "a@bad.com\r\n\r\n", true},
		{"names of one site", page + many(9, `<a href="http://h%d.site.com/">x</a>`), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, nil, dnstest.Resolver(t, nil, world(t)), map[string]uribl.Zone{"d.test": {Ask: []string{"hosts"}, Score: 1}})
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, c.text))
			if err != nil || has(found, "uribl.unasked") != c.told {
				t.Errorf("got %v, %v", told(found), err)
			}
		})
	}
}

// TestRequireWithoutTime: that the time for the message's look-ups is over, as the servers of its sender were slow before, is an answer of no list.
func TestRequireWithoutTime(t *testing.T) {
	f := newFilter(t, func(o *uribl.Options) { o.Require = 1 }, dnstest.Resolver(t, nil, world(t)), domains())
	for _, d := range []time.Duration{0, time.Hour} {
		over := d == 0
		found, err := f.Inspect(resolver.NewBudget(1000, d).Pays(t.Context()), filtertest.Envelope(), filtertest.Message(t, text+"http://other.com"))
		if err != nil || has(found, "failure.uribl") != over || has(found, "uribl.unasked") {
			t.Errorf("over %t: got %v, %v", over, told(found), err)
		}
	}
}

// TestRequireOfManyLinks: who names so much that a list is not asked about all of it is not put off for ever, and that is told; a list that is asked and
// does not answer has failed all the same.
func TestRequireOfManyLinks(t *testing.T) {
	refuse := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetRcode(m, dns.RcodeRefused)) })
	for _, c := range []struct {
		name           string
		server         *dnstest.Server
		lookups        int
		unasked, fails bool
	}{
		{"all are asked about", world(t), 200, false, false},
		{"few are asked about", world(t), 5, true, false},
		{"one is asked about", world(t), 1, true, false},
		{"no answer", refuse, 200, false, true},
		{"few are asked about, no answer", refuse, 5, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, func(o *uribl.Options) { o.Require, o.MaxLookups = 1, c.lookups }, dnstest.Resolver(t, nil, c.server), domains())
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, page+many(18, `<a href="http://a%d.com">x</a>`)))
			if err != nil || has(found, "failure.uribl") != c.fails || has(found, "uribl.unasked") != c.unasked {
				t.Errorf("got %v, %v", told(found), err)
			}
		})
	}
}

// TestMailNames: what is asked about mail addresses, and what is not.
func TestMailNames(t *testing.T) {
	const fraud = "1f5a54e8400b694a2123ba5be5fa0760d98cae8b.m.test A"
	for _, c := range []struct {
		name, text string
		asked      bool
	}{
		{"set off", "write to *fraud@gmail.com*", true},
		{"underlined", "write to _fraud@gmail.com_", true},
		{"quoted with bars", "|fraud@gmail.com|", true},
		{"zero width", "fr\u200baud@gma\u200bil.com", true},
		{"the domain is ignored as it is great", "Fraud@GMAIL.com", true},
		{"another", "fraud2@gmail.com", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := world(t)
			f := newFilter(t, nil, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{"m.test": {Ask: []string{"emails"}, Score: 2}})
			msg := filtertest.Message(t, "Content-Type: text/plain; charset=utf-8\r\n\r\n"+c.text)
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
			if err != nil || slices.Contains(s.Questions(), fraud) != c.asked || has(found, "uribl.email") != c.asked {
				t.Errorf("got %v, %v, asked %v", told(found), err, s.Questions())
			}
		})
	}
}

// TestNoNeedToAsk: mail addresses at names that are not public or that the option names, and the addresses of hosts that are in no link.
func TestNoNeedToAsk(t *testing.T) {
	s := world(t)
	f := newFilter(t, func(o *uribl.Options) { o.Ignore = []string{"ours.com"} }, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{
		"m.test": {Ask: []string{"emails"}, Score: 1}, "ip.test": {Ask: []string{"resolved"}, Score: 1},
	})
	env := filtertest.Envelope()
	env.MailFrom.Address, env.Client.HELO, env.Client.Name = "a@h1.com", "h2.com", "h3.com"
	msg := filtertest.Message(t, "Content-Type: text/html\r\n\r\na@intranet b@host.lan c@sub.ours.com <a href=http://site.com>x</a>")
	if _, err := f.Inspect(t.Context(), env, msg); err != nil {
		t.Fatal(err)
	}
	mails := 0
	for _, q := range s.Questions() {
		switch {
		case strings.HasSuffix(q, ".m.test A"):
			mails++
		case strings.HasSuffix(q, ".ip.test A"), strings.HasPrefix(q, "site.com "):
		default:
			t.Errorf("asked about %s", q)
		}
	}
	if mails != 2 { // The list's test, and MAIL FROM.
		t.Errorf("%d questions about mail addresses: %v", mails, s.Questions())
	}
}

// TestPrivateSuffix: a host below which others may register names is asked about, a suffix of ICANN's is not.
func TestPrivateSuffix(t *testing.T) {
	s := world(t)
	f := newFilter(t, nil, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{"d.test": {Score: 1}})
	if _, err := f.Inspect(t.Context(), nil, filtertest.Message(t, page+`<a href="http://github.io/">x</a><a href="http://co.uk/">x</a>`)); err != nil {
		t.Fatal(err)
	}
	if q := s.Questions(); !slices.Contains(q, "github.io.d.test A") || slices.Contains(q, "co.uk.d.test A") {
		t.Errorf("asked %v", q)
	}
}

// TestLeftIsNotCounted: a list that was not waited for has not failed to answer.
func TestLeftIsNotCounted(t *testing.T) {
	table := dnstest.Zones(t, "bad.com.d.test. 60 IN A 127.0.0.2")
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if !strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".slow.test.") {
			table(w, m)
		}
	})
	reg := prometheus.NewRegistry()
	o := uribl.DefaultOptions()
	o.Zones = map[string]uribl.Zone{"d.test": {Conclusive: true}, "x.slow.test": {Score: 1}}
	f, err := uribl.New(o, filters.Deps{Resolver: dnstest.Resolver(t, nil, s), Unpacker: filtertest.Unpacker(t), Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Inspect(t.Context(), nil, filtertest.Message(t, "Subject: x\r\n\r\nhttp://bad.com")); err != nil {
		t.Fatal(err)
	}
	const want = `
# HELP mailweir_uribl_answers_total Questions about names, addresses and hashes, by list and what it said; off is one that was not asked because the list is switched off.
# TYPE mailweir_uribl_answers_total counter
mailweir_uribl_answers_total{list="d.test",result="listed"} 1
mailweir_uribl_answers_total{list="d.test",result="no_answer"} 0
mailweir_uribl_answers_total{list="d.test",result="not_listed"} 0
mailweir_uribl_answers_total{list="d.test",result="off"} 0
mailweir_uribl_answers_total{list="x.slow.test",result="listed"} 0
mailweir_uribl_answers_total{list="x.slow.test",result="no_answer"} 0
mailweir_uribl_answers_total{list="x.slow.test",result="not_listed"} 0
mailweir_uribl_answers_total{list="x.slow.test",result="off"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_uribl_answers_total"); err != nil {
		t.Error(err)
	}
}

// TestFlood: a message with very many names, addresses and links ends, and costs what the options say.
func TestFlood(t *testing.T) {
	const n = 100_000
	for _, c := range []struct{ name, text string }{
		{"links", page + many(n, `<a href="http://a%d.com">`)},
		{"addresses in links", text + many(n, "http://%d/ ")},
		{"mail addresses", text + many(n, "a@b%d.com ")},
		{"mail addresses in other letters", "Content-Type: text/plain; charset=utf-8\r\n\r\n" + many(n/10, "a@"+strings.Repeat("é", 100)+"%d.com ")},
		{"one site, many names", text + many(n, "http://a%d.b.com/ ")},
		{"texts written backwards", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
			strings.Repeat("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\u202e"+strings.Repeat("some words ", 36<<10)+"\r\n", 3) + "--b--\r\n"},
		{"Reply-To", "Reply-To: " + many(n/100, "a@b%d.com, ") + "\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dnstest.Serve(t, dnstest.Says(t, dns.RcodeNameError))
			f := newFilter(t, nil, dnstest.Resolver(t, func(o *resolver.Config) { o.Timeout, o.LookupTimeout = 10e9, 20e9 }, s), map[string]uribl.Zone{
				"h.test": {Score: 1, Ask: []string{"hosts", "resolved"}}, "m.test": {Score: 1, Ask: []string{"emails"}},
			})
			found, err := f.Inspect(t.Context(), nil, filtertest.Message(t, c.text))
			if err != nil || !has(found, "uribl.unasked") {
				t.Errorf("got %v, %v", told(found), err)
			}
			if got := s.Asked(); got > 200+3 {
				t.Errorf("%d questions", got)
			}
		})
	}
}
