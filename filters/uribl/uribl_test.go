// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

const (
	page = "From: a@example.org\r\nContent-Type: text/html\r\n\r\n"
	text = "From: a@example.org\r\n\r\n"
)

// world answers for the lists d.test (domains), h.test (hosts), ip.test (addresses) and m.test (SHA-1 of mail addresses).
func world(t testing.TB) *dnstest.Server {
	t.Helper()
	return dnstest.Serve(t, dnstest.Zones(t,
		"bad.com.d.test. 60 IN A 127.0.0.2", "worse.com.d.test. 60 IN A 127.0.0.8", "bad.co.uk.d.test. 60 IN A 127.0.0.2", "user.github.io.d.test. 60 IN A 127.0.0.2",
		"xn--bd-mia.com.d.test. 60 IN A 127.0.0.2",
		"www.good.com.h.test. 60 IN A 127.0.1.2", "bad.com.h.test. 60 IN A 127.0.1.4",
		"66.100.51.198.ip.test. 60 IN A 127.0.0.2", "2.0.0.127.ip.test. 60 IN A 127.0.0.2", "good.com. 60 IN A 198.51.100.66",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip.test. 60 IN A 127.0.0.3", "six.com. 60 IN AAAA 2001:db8::1",
		// printf fraud@gmail.com | sha1sum
		"1f5a54e8400b694a2123ba5be5fa0760d98cae8b.m.test. 60 IN A 127.0.0.9",
	))
}

func newFilter(t testing.TB, change func(*uribl.Options), r *resolver.Resolver, zones map[string]uribl.Zone) filters.Filter {
	t.Helper()
	o := uribl.DefaultOptions()
	o.Zones, o.Timeout = zones, 20*time.Second
	if change != nil {
		change(o)
	}
	f, err := uribl.New(o, filters.Deps{Resolver: r, Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func told(found []filters.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s %s %v: %s", f.Code, f.Class, f.Score, f.Detail))
	}
	return all
}

func domains() map[string]uribl.Zone {
	return map[string]uribl.Zone{"d.test": {Codes: map[string]float64{"127.0.0.2": 3, "&8": 5}}}
}

func TestSuite(t *testing.T) {
	s := world(t)
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			return newFilter(t, nil, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{
				"d.test": {Score: 1}, "ip.test": {Ask: []string{"resolved"}, Score: 1, TestEntry: "127.0.0.2"}, "m.test": {Ask: []string{"emails"}, Score: 1},
			})
		},
		Messages: []string{page + `<a href="http://www.bad.com/">x</a> <a href="http://good.com">y</a>`, text + "http://worse.com and http://198.51.100.66/"},
	})
}

func TestDomains(t *testing.T) {
	const bad = "uribl.listed spam 3: d.test: bad.com (127.0.0.2; "
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"nothing", text + "good.com http://good.com", nil},
		{"link", page + `<a href="http://www.bad.com/x">x</a>`, []string{bad + "a link in part 1)"}},
		{"image", page + `<img src="//img.bad.com/x.gif">`, []string{bad + "a link in part 1)"}},
		{"form", page + `<form action="https://bad.com">`, []string{bad + "a link in part 1)"}},
		{"base", page + `<base href="https://bad.com/"><a href="x">x</a>`, []string{bad + "a link in part 1)"}},
		{"text", text + "see www.BAD.com.", []string{bad + "the text of part 1)"}},
		{"text in HTML", page + `<p>see www.bad.com</p>`, []string{bad + "the text of part 1)"}},
		{"redirector", page + `<a href="https://www.google.com/url?q=http%3A%2F%2Fbad.com%2Fx">x</a>`, []string{bad + "a link in part 1)"}},
		{"user name in front", page + `<a href="http://good.com@bad.com/">x</a>`, []string{bad + "a link in part 1)"}},
		{"percent", page + `<a href="http://b%61d.com/">x</a>`, []string{bad + "a link in part 1)"}},
		{"two", page + `<a href="http://bad.com/">x</a><a href="http://worse.com/">y</a>`, []string{
			"uribl.listed spam 5: d.test: worse.com (127.0.0.8; a link in part 1), bad.com (127.0.0.2; a link in part 1)",
		}},
		{"public suffix of two labels", text + "http://a.b.bad.co.uk/", []string{"uribl.listed spam 3: d.test: bad.co.uk (127.0.0.2; the text of part 1)"}},
		{"private suffix", text + "http://user.github.io/", []string{"uribl.listed spam 3: d.test: user.github.io (127.0.0.2; the text of part 1)"}},
		{"other letters", "Content-Type: text/plain; charset=utf-8\r\n\r\nhttp://bád.com/", []string{"uribl.listed spam 3: d.test: xn--bd-mia.com (127.0.0.2; the text of part 1)"}},
		{"warning of it", text + "hxxp://bad[.]com/", nil},
		{"From", "From: x <a@sub.bad.com>\r\n\r\n", []string{bad + "From)"}},
		{"second From", "From: x <a@good.com>\r\nFrom: y <a@bad.com>\r\n\r\n", []string{bad + "From)"}},
		{"display name", "From: \"a@bad.com\" <a@good.com>\r\n\r\n", []string{bad + "From)"}},
		{"encoded word", "From: =?utf-8?q?a=40bad=2Ecom?= <a@good.com>\r\n\r\n", []string{bad + "From)"}},
		{"Reply-To", "Reply-To: a@bad.com\r\n\r\n", []string{bad + "Reply-To)"}},
		{"mail address in text", text + "write to x@bad.com!", []string{bad + "the text of part 1)"}},
		{"mailto", page + `<a href="mailto:x%40good.com?cc=y@bad.com">`, []string{bad + "a link in part 1)"}},
		{"attached message", "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nhttp://bad.com/\r\n", []string{bad + "the text of part 1.1)"}},
		{"base64", "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naHR0cDovL2JhZC5jb20vCg==\r\n", []string{bad + "the text of part 1)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, nil, dnstest.Resolver(t, nil, world(t)), domains())
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, c.text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, told(found)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	const bad = "uribl.listed spam 3: d.test: bad.com (127.0.0.2; "
	for _, c := range []struct {
		name                       string
		mailFrom, helo, client, of string
		want                       []string
	}{
		{"MAIL FROM", "a@bad.com", "", "", "envelope", []string{bad + "MAIL FROM)"}},
		{"MAIL FROM, but only links are asked about", "a@bad.com", "", "", "links", nil},
		{"MAIL FROM in quotes", `"a@b"@bad.com`, "", "", "", []string{bad + "MAIL FROM)"}},
		{"HELO", "", "mail.bad.com", "", "", []string{bad + "HELO)"}},
		{"name of the client", "", "", "mail.bad.com", "", []string{bad + "name of the client)"}},
		{"unknown", "", "unknown", "unknown", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := domains()
			if c.of != "" {
				d := z["d.test"]
				d.Of = []string{c.of}
				z["d.test"] = d
			}
			f := newFilter(t, nil, dnstest.Resolver(t, nil, world(t)), z)
			env := filtertest.Envelope()
			env.MailFrom.Address, env.Client.HELO, env.Client.Name = c.mailFrom, c.helo, c.client
			found, err := f.Inspect(t.Context(), env, filtertest.Message(t, "Subject: x\r\n\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, told(found)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name string
		zone string
		z    uribl.Zone
		text string
		want []string
	}{
		{"host", "h.test", uribl.Zone{Ask: []string{"hosts"}, Score: 2}, "http://www.good.com/", []string{"uribl.listed spam 2: h.test: www.good.com (127.0.1.2; the text of part 1)"}},
		{"domain of a host", "h.test", uribl.Zone{Ask: []string{"hosts"}, Score: 2}, "http://x.bad.com/", []string{"uribl.listed spam 2: h.test: bad.com (127.0.1.4; the text of part 1)"}},
		{"address", "ip.test", uribl.Zone{Ask: []string{"addresses"}, Score: 2}, "http://198.51.100.66/ http://good.com/", []string{"uribl.listed spam 2: ip.test: 198.51.100.66 (127.0.0.2; the text of part 1)"}},
		{"address in disguise", "ip.test", uribl.Zone{Ask: []string{"addresses"}, Score: 2}, "http://0xc6336442/", []string{"uribl.listed spam 2: ip.test: 198.51.100.66 (127.0.0.2; the text of part 1)"}},
		{"address literal", "ip.test", uribl.Zone{Ask: []string{"addresses"}, Score: 2}, "x@[198.51.100.66]", []string{"uribl.listed spam 2: ip.test: 198.51.100.66 (127.0.0.2; the text of part 1)"}},
		{"loopback", "ip.test", uribl.Zone{Ask: []string{"addresses"}, Score: 2}, "http://127.0.0.2/", nil},
		{"resolved", "ip.test", uribl.Zone{Ask: []string{"resolved"}, Score: 2, TestEntry: "127.0.0.2"}, "http://good.com/", []string{"uribl.listed spam 2: ip.test: 198.51.100.66 (127.0.0.2; where good.com leads)"}},
		{"resolved, IPv6", "ip.test", uribl.Zone{Ask: []string{"resolved"}, Score: 2}, "http://six.com/", []string{"uribl.listed spam 2: ip.test: 2001:db8::1 (127.0.0.3; where six.com leads)"}},
		{"mail address", "m.test", uribl.Zone{Ask: []string{"emails"}, Score: 2}, "answer to F.r.a.u.d+1@GoogleMail.com.", []string{"uribl.email spam 2: m.test: fraud@gmail.com (127.0.0.9; the text of part 1)"}},
		{"conclusive", "d.test", uribl.Zone{Conclusive: true}, "http://bad.com", []string{"uribl.conclusive listed 0: d.test: bad.com (127.0.0.2; the text of part 1)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, nil, dnstest.Resolver(t, nil, world(t)), map[string]uribl.Zone{c.zone: c.z})
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text+c.text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, told(found)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// TestNotAsked: what no list is asked about.
func TestNotAsked(t *testing.T) {
	s := world(t)
	f := newFilter(t, func(o *uribl.Options) { o.Ignore = []string{"Ignored.example"} }, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{
		"d.test": {Score: 1, Ask: []string{"hosts", "addresses"}}, "m.test": {Ask: []string{"emails"}, Score: 1},
	})
	const body = text + "http://www.google.com http://x.ignored.example http://localhost http://router.lan http://co.uk http://192.168.1.1 " +
		"http://example.net/unsubscribe to@example.net http://intranet http://-a_b-/ http://a..b/"
	env := filtertest.Envelope()
	env.MailFrom.Address, env.Client.HELO, env.Client.Name = "", "", ""
	if found, err := f.Inspect(t.Context(), env, filtertest.Message(t, body)); err != nil || found != nil {
		t.Errorf("got %v, %v", found, err)
	}
	var other []string
	for _, q := range s.Questions() {
		switch q {
		case "example.org.d.test A", "invalid.d.test A", "1.0.0.127.d.test A", "invalid.m.test A": // From, and the tests.
		default:
			if !strings.HasSuffix(q, ".m.test A") {
				other = append(other, q)
			}
		}
	}
	if len(other) > 0 {
		t.Errorf("asked about %v", other)
	}
}

// TestBounds: a message with many links costs no more than the options say, and it is told.
func TestBounds(t *testing.T) {
	s := world(t)
	var b strings.Builder
	b.WriteString(page)
	for i := range 300 {
		fmt.Fprintf(&b, `<a href="http://a%d.com">x</a> <a href="http://203.0.113.%d">x</a> b%d@c%d.com`, i, i%256, i, i)
	}
	f := newFilter(t, func(o *uribl.Options) {
		o.MaxDomains, o.MaxHosts, o.MaxEmails, o.MaxLookups = 5, 4, 3, 20
	}, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{
		"d.test": {Score: 1}, "ip.test": {Score: 1, Ask: []string{"resolved"}}, "m.test": {Ask: []string{"emails"}, Score: 1},
	})
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Asked(); n > 20+3 { // Three tests of the lists are not the message's.
		t.Errorf("%d questions", n)
	}
	if len(found) == 0 || found[len(found)-1].Code != "uribl.unasked" {
		t.Errorf("got %v", told(found))
	}
}

// TestRBLDNSD: the filter, our resolver, unbound and rbldnsd.
func TestRBLDNSD(t *testing.T) {
	const soa = "$SOA 3000 ns.test root.test 0 600 300 86400 300\n"
	auth := dnstest.RBLDNSD(t, map[string]string{
		"d.test:dnset":   soa + ":127.0.0.2:bad\nbad.com\ntest\n",
		"all.test:dnset": soa + ":127.0.0.2:all\n.\ncom\n.com\ninvalid\n",
	})
	s := dnstest.Unbound(t, map[string]*dnstest.Server{"d.test": auth, "all.test": auth})
	f := newFilter(t, nil, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{
		"d.test": {Score: 3, TestEntry: "test"}, "all.test": {Conclusive: true},
	})
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text+"http://www.bad.com http://good.com"))
	if err != nil || len(found) != 2 {
		t.Fatalf("got %v, %v", told(found), err)
	}
	if found[0].Code != "uribl.no_answer" || !strings.HasPrefix(found[0].Detail, "all.test: ") {
		t.Errorf("got %+v", found[0])
	}
	if got, want := told(found[1:])[0], "uribl.listed spam 3: d.test: bad.com (127.0.0.2; the text of part 1)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNoResolver(t *testing.T) {
	o := uribl.DefaultOptions()
	o.Zones = domains()
	if _, err := uribl.New(o, filters.Deps{}); err == nil {
		t.Error("no error")
	}
}
