// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// FuzzReply: whatever a server sends, the verdict is values with a time to keep them, or one of the kinds of errors, and it is about the
// question that was asked.
func FuzzReply(f *testing.F) {
	seed := func(records ...string) {
		m := new(dns.Msg).SetQuestion("a.example.org.", dns.TypeA)
		m.Response = true
		for _, s := range records {
			rr, err := dns.NewRR(s)
			if err != nil {
				f.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[headerSize:], uint8(0))
	}
	seed("a.example.org. 60 IN A 192.0.2.1")
	seed("a.example.org. 60 IN CNAME b.example.org.", "b.example.org. 60 IN TXT x")
	seed(`a.example.org. 60 IN TXT "\000\"\\"`, "a.example.org. 60 IN MX 10 b.", "a.example.org. 60 IN AAAA ::1", "a.example.org. 60 IN PTR .")
	f.Add([]byte("\xc0\x0c\x00\x01\x00\x01"), uint8(3))
	types := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeMX, dns.TypePTR}
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		q := question{"a.example.org", types[int(kind)%len(types)]}
		query, err := newQuery(q, true, true)
		if err != nil {
			t.Fatal(err)
		}
		raw := slices.Concat(query.wire[:headerSize], query.question, body)
		raw[2], raw[7] = raw[2]|0x80, 2
		if query.match(raw) != fits {
			t.Fatal("the question is not found again")
		}
		msg, err := parse(raw)
		if err != nil {
			return
		}
		v := judge(msg, q)
		kinds := []error{nil, ErrNoName, ErrNoData, ErrTemporary, ErrLimit}
		switch {
		case !slices.Contains(kinds, v.kind):
			t.Errorf("kind %v", v.kind)
		case (v.kind == nil) != (v.values != nil):
			t.Errorf("values %v with the error %v", v.values, v.kind)
		case v.ttl < 0 || v.kind == nil && v.ttl >= maxChainTTL:
			t.Errorf("ttl %v", v.ttl)
		case v.size < 0 || v.size > 1<<17:
			t.Errorf("%d octets out of %d", v.size, len(raw))
		}
		if mxs, ok := v.values.([]MX); ok {
			for _, m := range mxs {
				if _, ok := canonicalName(m.Host); !ok && m.Host != "." {
					t.Errorf("host %q", m.Host)
				}
			}
		}
	})
}

// FuzzMatch: only what repeats the ID and the question of a query is an answer to it.
func FuzzMatch(f *testing.F) {
	q, err := newQuery(question{"a.example.org", dns.TypeA}, false, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(q.wire)
	f.Add(q.wire[:headerSize])
	f.Fuzz(func(t *testing.T, msg []byte) {
		m := q.match(msg)
		if m == stranger {
			return
		}
		if string(msg[:2]) != string(q.wire[:2]) || msg[2]&0x80 == 0 {
			t.Fatalf("%x fits %x", msg, q.wire)
		}
		if m == fits && !strings.Contains(string(msg), string(q.question)) {
			t.Fatalf("%x fits %x", msg, q.question)
		}
	})
}

// FuzzName: a name that is taken can be packed and comes back from the library as it was.
func FuzzName(f *testing.F) {
	for _, s := range []string{"example.org", "A.b.", "a..b", "_dmarc.x", `a\.b`, "a@b", "\xff", strings.Repeat("a", 64), "*", "a;b(c)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, ok := canonicalName(s)
		if !ok {
			return
		}
		q, err := newQuery(question{name, dns.TypeTXT}, true, true)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		var m dns.Msg
		if err := m.Unpack(q.wire); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if got := strings.ToLower(unescape(m.Question[0].Name)); got != name+"." {
			t.Fatalf("got %q, want %q", got, name)
		}
	})
}

// FuzzUnescape: it never makes text longer, and texts without a backslash stay.
func FuzzUnescape(f *testing.F) {
	f.Add(`a\"b\\c\009\255\2`)
	f.Add(`\`)
	f.Fuzz(func(t *testing.T, s string) {
		got := unescape(s)
		if len(got) > len(s) || !strings.Contains(s, `\`) && got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	})
}

func TestReverseLabels(t *testing.T) {
	for _, c := range []struct{ addr, want string }{
		{"192.0.2.1", "1.2.0.192"},
		{"::ffff:192.0.2.1", "1.2.0.192"},
		{"2001:db8::f", "f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"},
	} {
		if got := ReverseLabels(netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.addr, got, c.want)
		}
	}
	if got := ReverseLabels(netip.Addr{}); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestPause: a server that stays dead is tried ever more seldom.
func TestPause(t *testing.T) {
	u := &upstream{}
	now := time.Unix(1_700_000_000, 0)
	var pauses []time.Duration
	for range 8 {
		for range maxFailures {
			u.failed(now, now)
		}
		pauses = append(pauses, u.until.Sub(now))
		now = u.until
		if !u.usable(now) || u.usable(now) {
			t.Fatal("want exactly one to try")
		}
	}
	want := []time.Duration{2, 4, 8, 16, 32, 60, 60, 60}
	for i := range want {
		if pauses[i] != want[i]*time.Second {
			t.Errorf("pause %d is %v, want %v", i, pauses[i], want[i]*time.Second)
		}
	}
	began := now
	if !u.answered(now.Add(time.Second)) || !u.usable(now) || !u.usable(now) {
		t.Error("an answer does not bring it back")
	}
	for range 2 * maxFailures {
		if u.failed(now.Add(2*time.Second), began) {
			t.Fatal("it is out of use though it answered others in the meantime")
		}
	}
}

func TestServersOfResolvConf(t *testing.T) {
	if _, err := SystemServers("testdata/none"); err == nil {
		t.Error("no error about a file that is not there")
	}
	got, err := SystemServers("testdata/resolv.conf")
	var want []netip.AddrPort
	for _, s := range []string{"192.0.2.53:53", "127.0.0.1:53", "[2001:db8::53]:53", "[::1]:53"} {
		want = append(want, netip.MustParseAddrPort(s))
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestValidate(t *testing.T) {
	ok := Config{Servers: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:53")}}
	if err := ok.Validate(); err != nil {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct {
		want   string
		change func(*Config)
	}{
		{"servers: have 0, want 1 to 8", func(c *Config) { c.Servers = nil }},
		{"servers: 127.0.0.1:0 is not the address of a name server", func(c *Config) { c.Servers = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")} }},
		{"timeout: have -1ns", func(c *Config) { c.Timeout = -1 }},
		{"lookup_timeout: have 1s, want 1.5s to 1m0s", func(c *Config) { c.LookupTimeout = time.Second }},
		{"failure_ttl: have 1h0m0s, want 1s to 5m0s", func(c *Config) { c.FailureTTL = time.Hour }},
		{"want at least 1", func(c *Config) { c.CacheEntries = -1 }},
	} {
		bad := ok
		c.change(&bad)
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if _, err := New(bad); err == nil {
			t.Errorf("%s: New takes it", c.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	err := &Error{Kind: ErrTemporary, Name: "a\n", Type: "A", Server: "192.0.2.53:53", Cause: errors.New("why")}
	if got, want := err.Error(), `look up A of "a\n" at 192.0.2.53:53: temporary failure: why`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !err.Temporary() || (&Error{Kind: ErrNoName}).Temporary() {
		t.Error("Temporary")
	}
}
