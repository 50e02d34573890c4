// SPDX-License-Identifier: Apache-2.0

package spf

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
)

var client = netip.MustParseAddr("192.0.2.1")

func zone() *authntest.Zone {
	z := &authntest.Zone{TXT: map[string][]string{
		"good.test": {"other", "v=spf1 ip4:192.0.2.0/24 -all"}, "bad.test": {"v=spf1 -all"}, "none.test": {"v=spf10 -all", "x"}, "two.test": {"v=spf1 -all", "V=SPF1 ?all"},
		"loop.test": {"v=spf1 include:loop.test -all"}, "redirect.test": {"v=spf1 redirect=redirect.test"}, "dead-include.test": {"v=spf1 include:dead.test -all"},
		"void.test": {"v=spf1 a:a.none.test a:b.none.test a:c.none.test +all"}, "eightbit.test": {"v=spf1 a:\xff.test +all"},
		"late.test": {"v=spf1 +all bogus"}, "macro.test": {"v=spf1 exists:%{l}.%{h}.x.test -all"}, "long.test": {"v=spf1 exists:%{l}.%{l}.%{l}.%{l}.good.test -all"},
		"literal.test": {"v=spf1 a:%{i} exists:%{i} -all"}, "wide.test": {"v=spf1 mx:w0.test mx:w1.test mx:w2.test mx:w3.test mx:w4.test mx:w5.test mx:w6.test -all"},
		"mx.test": {"v=spf1 mx -all"}, "nullmx.test": {"v=spf1 mx -all"}, "many.test": {"v=spf1 mx -all"}, "at.test": {"v=spf1 exists:%{l}.l.test -all"},
	}, MX: map[string][]*net.MX{"mx.test": {{Host: "host.test."}}, "nullmx.test": {{Host: "."}}}, IP: map[string][]string{"host.test": {"192.0.2.1"}, "a=b.l.test": {"127.0.0.2"}}, Errs: map[string]error{"dead.test": authntest.Temporary("dead.test")}}
	var includes strings.Builder
	for i := range 20 {
		name := fmt.Sprintf("i%d.test", i)
		z.TXT[name] = []string{"v=spf1 ?all"}
		fmt.Fprintf(&includes, " include:%s", name)
		z.MX["many.test"] = append(z.MX["many.test"], &net.MX{Host: name})
	}
	for i := range 7 {
		for j := range 9 {
			z.MX[fmt.Sprintf("w%d.test", i)] = append(z.MX[fmt.Sprintf("w%d.test", i)], &net.MX{Host: fmt.Sprintf("h%d.w%d.test", j, i)})
			z.IP[fmt.Sprintf("h%d.w%d.test", j, i)] = []string{"198.51.100.1"}
		}
	}
	z.TXT["deep.test"] = []string{"v=spf1" + includes.String() + " +all"}
	return z
}

func TestMailFrom(t *testing.T) {
	for _, tc := range []struct {
		name, from, helo string
		want             authn.Result
		domain, reason   string
	}{
		{"pass", "a@good.test", "x", authn.Pass, "good.test", ""},
		{"case and dot", "a@GOOD.test.", "x", authn.Pass, "good.test", ""},
		{"fail", "a@bad.test", "x", authn.Fail, "bad.test", ""},
		{"no record", "a@none.test", "x", authn.None, "none.test", ""},
		{"no domain", "a", "good.test", authn.None, "", "no domain name"},
		{"literal", "a@[192.0.2.1]", "good.test", authn.None, "", "no domain name"},
		{"null", "", "good.test", authn.Pass, "good.test", ""},
		{"null, odd HELO", "", "good", authn.None, "", "no domain name"},
		{"at in the local-part", `"a@bad.test"@good.test`, "x", authn.Pass, "good.test", ""},
		{"at in a macro", `a@b@at.test`, "x", authn.Pass, "at.test", ""},
		{"two records", "a@two.test", "x", authn.PermError, "two.test", "several records"},
		{"loop", "a@loop.test", "x", authn.PermError, "loop.test", "too many DNS look-ups"},
		{"redirect to itself", "a@redirect.test", "x", authn.PermError, "redirect.test", "too many DNS look-ups"},
		{"many includes", "a@deep.test", "x", authn.PermError, "deep.test", "too many DNS look-ups"},
		{"void look-ups", "a@void.test", "x", authn.PermError, "void.test", "too many void DNS look-ups"},
		{"many hosts", "a@wide.test", "x", authn.PermError, "wide.test", "too many DNS look-ups"},
		{"an address is no name", "a@literal.test", "x", authn.Fail, "literal.test", ""},
		{"many MX", "a@many.test", "x", authn.PermError, "many.test", "too many MX records"},
		{"MX", "a@mx.test", "x", authn.Pass, "mx.test", ""},
		{"null MX", "a@nullmx.test", "x", authn.Fail, "nullmx.test", ""},
		{"8 bit", "a@eightbit.test", "x", authn.PermError, "eightbit.test", "record is malformed"},
		{"error behind a match", "a@late.test", "x", authn.PermError, "late.test", "record is malformed"},
		{"no answer", "a@dead.test", "x", authn.TempError, "dead.test", "DNS gave no answer"},
		{"no answer to an include", "a@dead-include.test", "x", authn.TempError, "dead-include.test", "DNS gave no answer"},
		{"control characters in macros", "a\x00\r\n@macro.test", "x\x00y", authn.Fail, "macro.test", ""},
		{"long macros", strings.Repeat("a.", 60) + "a@long.test", "x", authn.Fail, "long.test", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			z := zone()
			got := (&Checker{Resolver: z}).MailFrom(t.Context(), client, tc.helo, tc.from)
			if got.Result != tc.want || got.Domain != tc.domain || got.Reason != tc.reason || got.Identity != MailFrom {
				t.Errorf("got %+v", got)
			}
			for _, name := range z.Asked() {
				if len(name) > authn.MaxDomain || strings.ContainsAny(name, "\x00\r\n") {
					t.Errorf("asked for %q", name)
				}
			}
		})
	}
	c := &Checker{Resolver: zone()}
	if got := c.MailFrom(t.Context(), netip.Addr{}, "x", "a@good.test"); got.Result != authn.None {
		t.Errorf("no address: got %+v", got)
	}
	if got := c.HELO(t.Context(), client, "good.test"); got.Result != authn.Pass || got.Identity != HELO || got.Sender != "postmaster@good.test" {
		t.Errorf("HELO: got %+v", got)
	}
	if got := c.MailFrom(t.Context(), netip.MustParseAddr("::ffff:192.0.2.1"), "x", "a@good.test"); got.Result != authn.Pass {
		t.Errorf("mapped: got %+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := c.MailFrom(ctx, client, "x", "a@good.test"); got.Result != authn.TempError {
		t.Errorf("no time: got %+v", got)
	}
}

// families answers about IPv4; what is asked about IPv6 gets no answer.
type families struct{ *authntest.Zone }

func (f families) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if network != "ip4" {
		return nil, authntest.Temporary(host)
	}
	list, err := f.Zone.LookupIPAddr(ctx, host)
	var addrs []netip.Addr
	for _, a := range list {
		if addr, ok := netip.AddrFromSlice(a.IP); ok && addr.Unmap().Is4() {
			addrs = append(addrs, addr)
		}
	}
	return addrs, err
}

func (f families) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	return nil, authntest.Temporary(host)
}

// TestFamilies: a server that fails on AAAA does no harm to IPv4 clients, and none to others where an IPv4 address is all that is asked for (RFC 7208 section 5.7).
func TestFamilies(t *testing.T) {
	c := &Checker{Resolver: families{zone()}}
	for from, want := range map[string]authn.Result{"a@mx.test": authn.Pass, "a@b@at.test": authn.Pass, "a@void.test": authn.PermError, "a@macro.test": authn.Fail} {
		if got := c.MailFrom(t.Context(), client, "x", from); got.Result != want {
			t.Errorf("%s: got %+v", from, got)
		}
	}
	for from, want := range map[string]authn.Result{"a@mx.test": authn.TempError, "a@b@at.test": authn.Pass, "a@void.test": authn.TempError, "a@macro.test": authn.Fail} {
		if got := c.MailFrom(t.Context(), netip.MustParseAddr("2001:db8::1"), "x", from); got.Result != want {
			t.Errorf("IPv6, %s: got %+v", from, got)
		}
	}
}

// FuzzRecord: whatever a record is, a check ends, within the limits, in a result that is one.
func FuzzRecord(f *testing.F) {
	for _, s := range []string{"v=spf1 +all", "v=spf1 a:%{l1r+-/}.%%%_%-.x.test/24//64 mx ptr ip4:1.2.3.4/8 ip6:::1 exp=%{i}.x.test redirect=good.test", "v=spf1 include:fuzz.test", "V=SPF1 exists:%{", "v=spf1 a:/24"} {
		f.Add(s, "a@fuzz.test", "helo.test")
	}
	f.Fuzz(func(t *testing.T, record, from, helo string) {
		z := zone()
		z.TXT["fuzz.test"] = []string{record}
		got := (&Checker{Resolver: z}).MailFrom(t.Context(), client, helo, from)
		switch got.Result {
		case authn.None, authn.Pass, authn.Fail, authn.SoftFail, authn.Neutral, authn.TempError, authn.PermError:
		default:
			t.Errorf("%q: %+v", record, got)
		}
		if len(z.Asked()) > maxQueries {
			t.Errorf("%q: %d questions", record, len(z.Asked()))
		}
		if got.Domain == "fuzz.test" && isSPF(record) && !wellFormed(record) && got.Result != authn.PermError {
			t.Errorf("%q: %+v", record, got)
		}
	})
}
