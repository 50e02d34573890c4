// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// TestNoAnswer: dead, blocked and lying lists are told, and are no listings.
func TestNoAnswer(t *testing.T) {
	table := dnstest.Zones(t, "bad.com.d.test. 60 IN A 127.0.0.2", "bad.com.blocked.test. 60 IN A 127.255.255.254", "good.com. 60 IN A 198.51.100.66")
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		switch name := strings.ToLower(m.Question[0].Name); {
		case strings.HasSuffix(name, ".dead.test.") || name == "lost.com.":
			dnstest.Reply(w, m, dns.RcodeServerFailure, nil, nil)
		case strings.HasSuffix(name, ".all.test."):
			dnstest.Reply(w, m, 0, dnstest.Records(t, name+" 60 IN A 127.0.0.2"), nil)
		default:
			table(w, m)
		}
	})
	zones := map[string]uribl.Zone{"ip.test": {Ask: []string{"resolved"}, Score: 1}}
	for _, z := range []string{"d", "dead", "all", "blocked"} {
		zones[z+".test"] = uribl.Zone{Score: 3, Conclusive: z == "all"}
	}
	f := newFilter(t, func(o *uribl.Options) { o.Require = 5 }, dnstest.Resolver(t, nil, s), zones)
	env := filtertest.Envelope()
	env.MailFrom.Address, env.Client.HELO, env.Client.Name = "", "", ""
	found, err := f.Inspect(t.Context(), env, filtertest.Message(t, "Subject: x\r\n\r\nhttp://bad.com http://lost.com\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range found {
		got = append(got, x.Code+" "+x.Detail[:strings.IndexAny(x.Detail+":", ":,")])
	}
	want := []string{
		"uribl.no_answer all.test", "uribl.no_answer blocked.test", "uribl.listed d.test", "uribl.no_answer dead.test",
		"uribl.no_answer the addresses of 1 hosts are not known", "failure.uribl 2 of 5 lists answered",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestTimeIsOver: what was not answered in time is an error beside what was.
func TestTimeIsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := dnstest.Serve(t, func(dns.ResponseWriter, *dns.Msg) { cancel() })
	f := newFilter(t, nil, dnstest.Resolver(t, nil, s), domains())
	found, err := f.Inspect(ctx, filtertest.Envelope(), filtertest.Message(t, text+"http://bad.com"))
	if !errors.Is(err, context.Canceled) || len(found) != 1 || found[0].Code != "uribl.no_answer" {
		t.Errorf("got %v, %v", told(found), err)
	}
}

// TestConclusiveWaitsForNobody: one list settles it though another never answers.
func TestConclusiveWaitsForNobody(t *testing.T) {
	table := dnstest.Zones(t, "bad.com.d.test. 60 IN A 127.0.0.2")
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if !strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".slow.test.") {
			table(w, m)
		}
	})
	f := newFilter(t, func(o *uribl.Options) { o.Timeout, o.Require = time.Hour, 2 },
		dnstest.Resolver(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout = time.Minute, time.Minute }, s),
		map[string]uribl.Zone{"d.test": {Conclusive: true, Score: 9}, "x.slow.test": {Score: 1}})
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text+"http://bad.com"))
	if d := cmp.Diff([]string{"uribl.conclusive listed 9: d.test: bad.com (127.0.0.2; the text of part 1)"}, told(found)); d != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, d)
	}
}

// onTimeout is a resolver's observer that calls when a look-up has no answer.
type onTimeout struct {
	resolver.Observer
	call func()
}

func (o onTimeout) Lookup(from resolver.Source, result resolver.Result) {
	o.Observer.Lookup(from, result)
	if result == resolver.Temporary {
		o.call()
	}
}

// TestPatientList: a list that may take longer than the others still has time when theirs is over.
func TestPatientList(t *testing.T) {
	table := dnstest.Zones(t, "bad.com.d.test. 60 IN A 127.0.0.2")
	over, end := context.WithCancel(t.Context())
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if !strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".silent.test.") {
			<-over.Done()
			table(w, m)
		}
	})
	observer, err := dnsmetrics.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := dnstest.Resolver(t, func(c *resolver.Config) { c.Observer = onTimeout{observer, end} }, s)
	f := newFilter(t, func(o *uribl.Options) { o.Timeout = 10 * time.Millisecond }, r, map[string]uribl.Zone{
		"d.test": {Score: 3, Timeout: 20 * time.Second}, "x.silent.test": {Score: 3},
	})
	found, err := f.Inspect(t.Context(), nil, filtertest.Message(t, "Subject: x\r\n\r\nhttp://bad.com"))
	if err != nil || len(found) != 2 || found[0].Code != "uribl.listed" || found[1].Code != "uribl.no_answer" {
		t.Errorf("got %v, %v", told(found), err)
	}
}
