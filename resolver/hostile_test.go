// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

const good, evil = "192.0.2.1", "192.0.2.66"

// isUDP tells that a question came in a datagram.
func isUDP(w dns.ResponseWriter) bool {
	_, ok := w.RemoteAddr().(*net.UDPAddr)
	return ok
}

func answer(m *dns.Msg, addr string) *dns.Msg {
	r := new(dns.Msg).SetReply(m)
	r.RecursionAvailable = true
	r.Answer = []dns.RR{&dns.A{
		Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.ParseIP(addr),
	}}
	return r
}

// TestGuesses: datagrams of somebody who does not see the question are no answers, and make us ask by TCP.
func TestGuesses(t *testing.T) {
	for _, c := range []struct {
		name  string
		times int
		spoil func(r *dns.Msg)
	}{
		{"another ID", 1, func(r *dns.Msg) { r.Id++ }},
		{"many other IDs", 40, func(r *dns.Msg) { r.Id++ }},
		{"another name", 1, func(r *dns.Msg) { r.Question[0].Name = "other.example.org." }},
		{"another type", 1, func(r *dns.Msg) { r.Question[0].Qtype = dns.TypeAAAA }},
		{"another class", 1, func(r *dns.Msg) { r.Question[0].Qclass = dns.ClassCHAOS }},
		{"no question", 1, func(r *dns.Msg) { r.Question = nil }},
		{"two questions", 1, func(r *dns.Msg) { r.Question = append(r.Question, r.Question[0]) }},
		{"a question, no answer", 1, func(r *dns.Msg) { r.Response = false }},
		{"another operation", 1, func(r *dns.Msg) { r.Opcode = dns.OpcodeNotify }},
		{"the case of the name", 1, func(r *dns.Msg) { r.Question[0].Name = strings.ToLower(r.Question[0].Name) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
				if isUDP(w) {
					for range c.times {
						forged := answer(m, evil)
						c.spoil(forged)
						_ = w.WriteMsg(forged)
					}
				}
				_ = w.WriteMsg(answer(m, good))
			})
			// The name is long enough that its random case is not all lower by chance.
			a, err := dnstest.Resolver(t, nil, s).A(t.Context(), strings.Repeat("abcdefgh", 7)+".example.org")
			if err != nil || a.Values[0].String() != good {
				t.Fatalf("got %v, %v", a.Values, err)
			}
			if s.AskedTCP() != 1 {
				t.Errorf("asked %d times by TCP, want 1", s.AskedTCP())
			}
		})
	}
}

// TestServerWithoutCase: a server that gives names back in lower case is believed by TCP.
func TestServerWithoutCase(t *testing.T) {
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		r := answer(m, good)
		r.Question[0].Name = strings.ToLower(r.Question[0].Name)
		_ = w.WriteMsg(r)
	})
	r := dnstest.Resolver(t, nil, s)
	for _, name := range []string{"a", "b"} {
		a, err := r.A(t.Context(), name+strings.Repeat("abcdefgh", 7)+".example.org")
		if err != nil || a.Values[0].String() != good {
			t.Errorf("got %v, %v", a.Values, err)
		}
	}
	if s.Asked() != 3 || s.AskedTCP() != 1 {
		t.Errorf("asked %d times, %d of them by TCP: it is not remembered", s.Asked(), s.AskedTCP())
	}
}

// TestRandom: ID, port and case differ from question to question.
func TestRandom(t *testing.T) {
	ids, ports, names := map[uint16]bool{}, map[string]bool{}, map[string]bool{}
	seen := make(chan *dns.Msg, 1)
	from := make(chan string, 1)
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		seen <- m
		from <- w.RemoteAddr().String()
		dnstest.Reply(w, m, dns.RcodeNameError, nil, nil)
	})
	r := dnstest.Resolver(t, nil, s)
	for range 10 {
		_, _ = r.A(t.Context(), "abcdefghijklmnopqrstuvwxyz.example.org")
		m := <-seen
		ids[m.Id], names[m.Question[0].Name], ports[<-from] = true, true, true
	}
	if len(ids) < 8 || len(names) < 8 || len(ports) < 3 {
		t.Errorf("of 10 questions there are %d IDs, %d names, %d ports", len(ids), len(names), len(ports))
	}
}

func TestTruncated(t *testing.T) {
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		r := answer(m, good)
		if isUDP(w) {
			r.Truncated, r.Answer = true, nil
		}
		_ = w.WriteMsg(r)
	})
	a, err := dnstest.Resolver(t, nil, s).A(t.Context(), "a.example.org")
	if err != nil || a.Values[0].String() != good || s.AskedTCP() != 1 {
		t.Errorf("got %v, %v; asked %d times by TCP", a.Values, err, s.AskedTCP())
	}
}

// TestBadTCP: a server whose connections are of no use gives no answer, in time.
func TestBadTCP(t *testing.T) {
	for _, c := range []struct {
		name string
		tcp  func(w dns.ResponseWriter, m *dns.Msg)
	}{
		{"silent", dnstest.Silent},
		{"closes", func(w dns.ResponseWriter, _ *dns.Msg) { _ = w.Close() }},
		{"another ID", func(w dns.ResponseWriter, m *dns.Msg) {
			r := answer(m, evil)
			r.Id++
			_ = w.WriteMsg(r)
		}},
		{"another question", func(w dns.ResponseWriter, m *dns.Msg) {
			r := answer(m, evil)
			r.Question[0].Name = "b.example.org."
			_ = w.WriteMsg(r)
		}},
		{"rubbish", func(w dns.ResponseWriter, _ *dns.Msg) { _, _ = w.Write([]byte("rubbish")) }},
		{"nothing", func(w dns.ResponseWriter, _ *dns.Msg) { _, _ = w.Write(nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
				if !isUDP(w) {
					c.tcp(w, m)
					return
				}
				r := answer(m, evil)
				r.Truncated = true
				_ = w.WriteMsg(r)
			})
			if a, err := dnstest.Resolver(t, dnstest.Impatient, s).A(t.Context(), "a.example.org"); !errors.Is(err, resolver.ErrTemporary) {
				t.Errorf("got %v, %v", a, err)
			}
		})
	}
}

func TestLongTXT(t *testing.T) {
	long := strings.Repeat("x", 250)
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		r := new(dns.Msg).SetReply(m)
		for range 40 {
			r.Answer = append(r.Answer, &dns.TXT{
				Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{long, long},
			})
		}
		if isUDP(w) {
			r.Truncate(1232)
		}
		_ = w.WriteMsg(r)
	})
	a, err := dnstest.Resolver(t, nil, s).TXT(t.Context(), "a.example.org")
	if err != nil || len(a.Values) != 40 || a.Values[39] != long+long {
		t.Errorf("got %d texts, %v", len(a.Values), err)
	}
}

func TestEDNS(t *testing.T) {
	for _, c := range []struct {
		name  string
		rcode int
	}{
		{"FORMERR", dns.RcodeFormatError},
		{"NOTIMP", dns.RcodeNotImplemented},
		{"BADVERS", dns.RcodeBadVers},
		{"header alone", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
				opt := m.IsEdns0()
				switch {
				case opt == nil:
					_ = w.WriteMsg(answer(m, good))
				case opt.UDPSize() != 1232:
					t.Errorf("a size of %d is offered", opt.UDPSize())
				case c.rcode < 0:
					_, _ = w.Write([]byte{byte(m.Id >> 8), byte(m.Id), 0x80, dns.RcodeFormatError, 0, 0, 0, 0, 0, 0, 0, 0})
				default:
					r := new(dns.Msg).SetRcode(m, c.rcode)
					if c.rcode > 15 {
						r.SetEdns0(512, false)
					}
					_ = w.WriteMsg(r)
				}
			})
			r := dnstest.Resolver(t, nil, s)
			for i, name := range []string{"a.example.org", "b.example.org"} {
				a, err := r.A(t.Context(), name)
				if err != nil || a.Values[0].String() != good {
					t.Fatalf("got %v, %v", a.Values, err)
				}
				// The first time it takes two questions, later one.
				if want := int64(2 + i); s.Asked() != want {
					t.Errorf("asked %d times, want %d", s.Asked(), want)
				}
			}
		})
	}
}
