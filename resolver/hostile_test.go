// SPDX-License-Identifier: Apache-2.0

package resolver_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/resolver/dnsmetrics"
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

// downs counts how often a server goes out of use.
type downs struct {
	resolver.Observer
	n atomic.Int64
}

func (d *downs) Server(_ string, up bool, _ error) {
	if !up {
		d.n.Add(1)
	}
}

// TestDeadDomains: look-ups of names whose servers are dead do not put our own server out of use, while it answers others.
func TestDeadDomains(t *testing.T) {
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if !strings.HasSuffix(strings.ToLower(m.Question[0].Name), ".dead.example.") {
			_ = w.WriteMsg(answer(m, good))
		}
	})
	metrics, err := dnsmetrics.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := &downs{Observer: metrics}
	r := dnstest.Resolver(t, func(c *resolver.Config) { c.Timeout, c.LookupTimeout, c.Observer = time.Second, time.Second, seen }, s)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { _, _ = r.A(t.Context(), fmt.Sprintf("a%d.dead.example", i)) })
	}
	stop := make(chan struct{})
	go func() {
		wg.Wait()
		close(stop)
	}()
	for i := 0; ; i++ {
		_, _ = r.A(t.Context(), fmt.Sprintf("a%d.example.org", i))
		select {
		case <-stop:
			if n := seen.n.Load(); n > 0 {
				t.Errorf("it was out of use %d times", n)
			}
			return
		case <-time.After(5 * time.Millisecond):
		}
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

func TestFailover(t *testing.T) {
	for _, c := range []struct {
		name  string
		first dnstest.Handler // Nil for nobody.
	}{
		{"dead", nil},
		{"silent", dnstest.Silent},
		{"refuses", dnstest.Says(t, dns.RcodeRefused)},
		{"fails", dnstest.Says(t, dns.RcodeServerFailure)},
		{"rubbish", func(w dns.ResponseWriter, _ *dns.Msg) { _, _ = w.Write([]byte("rubbish")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := dnstest.Dead(t)
			if c.first != nil {
				first = dnstest.Serve(t, c.first)
			}
			second := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
			r := dnstest.Resolver(t, func(o *resolver.Config) { o.Timeout, o.LookupTimeout = time.Second, 20*time.Second }, first, second)
			a, err := r.A(t.Context(), "a.example.org")
			if err != nil || a.Values[0].String() != good {
				t.Errorf("got %v, %v", a.Values, err)
			}
		})
	}
}

// TestLossy: a server that hears every other question only is asked again.
func TestLossy(t *testing.T) {
	var n atomic.Int64
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) {
		if n.Add(1)%2 == 0 {
			_ = w.WriteMsg(answer(m, good))
		}
	})
	r := dnstest.Resolver(t, func(c *resolver.Config) { c.Timeout = time.Second }, s)
	if a, err := r.A(t.Context(), "a.example.org"); err != nil || a.Values[0].String() != good {
		t.Errorf("got %v, %v", a.Values, err)
	}
}

// TestHealth: a server that does not answer is left out for a while, then tried again by one look-up.
func TestHealth(t *testing.T) {
	now := dnstest.NewClock()
	first := dnstest.Serve(t, dnstest.Says(t, dns.RcodeRefused))
	second := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	r := dnstest.Resolver(t, func(o *resolver.Config) { o.Now = now.Now }, first, second)
	ask := func(name string) (byFirst bool) {
		t.Helper()
		before := first.Asked()
		if _, err := r.A(t.Context(), name+".example.org"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return first.Asked() > before
	}
	for _, name := range []string{"a", "b", "c"} {
		if !ask(name) {
			t.Errorf("%s: the first server was not asked", name)
		}
	}
	if ask("d") {
		t.Error("a server that failed three times is asked")
	}
	now.Pass(2 * time.Second)
	if !ask("e") {
		t.Error("the server is not tried again")
	}
	now.Pass(3 * time.Second)
	if ask("f") {
		t.Error("the second pause is not longer than the first")
	}
	now.Pass(time.Second)
	first.Become(func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	if !ask("g") || !ask("h") {
		t.Error("the server is well and not asked")
	}
}

// settles waits until a server has seen that many questions, as the last ones may still be on their way.
func settles(t *testing.T, want int64, servers ...*dnstest.Server) {
	t.Helper()
	n := int64(0)
	for end := time.Now().Add(20 * time.Second); n < want && time.Now().Before(end); time.Sleep(time.Millisecond) {
		n = 0
		for _, s := range servers {
			n += s.Asked()
		}
	}
	if n != want {
		t.Errorf("asked %d times, want %d", n, want)
	}
}

// TestAllDead: all servers out of use are asked once all the same, and no look-up takes longer than its time.
func TestAllDead(t *testing.T) {
	a, b := dnstest.Serve(t, dnstest.Silent), dnstest.Serve(t, dnstest.Silent)
	now := dnstest.NewClock()
	r := dnstest.Resolver(t, func(c *resolver.Config) {
		c.Timeout, c.LookupTimeout, c.Now = 20*time.Millisecond, 20*time.Second, now.Now
	}, a, b)
	want := int64(0)
	for i, n := range []int64{4, 4, 2, 2} {
		if _, err := r.A(t.Context(), string(rune('a'+i))+".example.org"); !errors.Is(err, resolver.ErrTemporary) {
			t.Fatalf("got %v", err)
		}
		want += n
		settles(t, want, a, b)
	}
}

// TestFailureIsKept: a message storm about a dead name does not become a storm of questions.
func TestFailureIsKept(t *testing.T) {
	s := dnstest.Serve(t, dnstest.Silent)
	now := dnstest.NewClock()
	r := dnstest.Resolver(t, func(c *resolver.Config) {
		c.Timeout, c.LookupTimeout, c.Now = 20*time.Millisecond, 20*time.Second, now.Now
	}, s)
	for range 20 {
		if _, err := r.A(t.Context(), "a.example.org"); !errors.Is(err, resolver.ErrTemporary) {
			t.Fatalf("got %v", err)
		}
	}
	settles(t, 2, s)
}

func TestCacheIsBounded(t *testing.T) {
	s := dnstest.Serve(t, func(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(answer(m, good)) })
	for _, c := range []struct {
		name   string
		change func(*resolver.Config)
	}{
		{"entries", func(o *resolver.Config) { o.CacheEntries = 3 }},
		{"octets", func(o *resolver.Config) { o.CacheOctets = 3*360 + 100 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := dnstest.Resolver(t, c.change, s)
			known := func(name string) bool {
				a, err := r.A(t.Context(), name+".example.org")
				if err != nil {
					t.Fatal(err)
				}
				return a.Cached
			}
			for _, name := range []string{"a", "b", "c", "a", "d"} {
				known(name)
			}
			if !known("a") || known("b") {
				t.Error("not the one that nobody asked for was dropped")
			}
		})
	}
}
