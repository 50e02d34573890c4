// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/sink"
)

func TestSizes(t *testing.T) {
	const limit = 300_000
	r := newRig(t, func(o *Options) { o.MessageSize = limit; o.Spooler.Memory = 100_000 })
	c := r.hello("smtp")
	for _, size := range []int{0, 2, 99_999, 100_000, 100_001, limit - 1, limit, limit + 1} {
		r.sink.Reset()
		body := strings.Repeat("y", max(size-2, 0)) + "\r\n"
		if size == 0 {
			body = ""
		}
		r.envelope(c)
		got := r.send(c, body+".\r\n")
		if size > limit {
			if got.Code != 552 || len(r.sink.Messages()) != 0 {
				t.Errorf("%d octets: got %v", size, got)
			}
			continue
		}
		if got.Code != 250 || string(r.sink.Messages()[0].Data) != body {
			t.Errorf("%d octets: got %v, or another body", size, got)
		}
	}
	r.want(c, fmt.Sprintf("MAIL FROM:<a@example.org> SIZE=%d", limit+1), 552)
	r.want(c, "MAIL FROM:<a@example.org> SIZE=99999999999999999999", 552)
	r.want(c, "MAIL FROM:<a@example.org> SIZE=x", 501)
	r.want(c, fmt.Sprintf("MAIL FROM:<a@example.org> SIZE=%d", limit), 250)
}

func TestHundredMegabytes(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 100 MiB; not with -short")
	}
	r := newRig(t, nil)
	c := r.hello("smtp")
	line := strings.Repeat("z", 998) + "\r\n"
	body := strings.Repeat(line, 100<<20/len(line))
	r.envelope(c)
	if got := r.send(c, body+".\r\n"); got.Code != 250 || string(r.sink.Messages()[0].Data) != body {
		t.Errorf("got %v, or another body", got)
	}
	if used := r.opts.Spooler.Used(); used != 0 {
		t.Errorf("%d octets of memory are still counted", used)
	}
}

func TestClientsThatAreNotAllowed(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Listeners[0].AllowClients = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	conn, err := net.Dial("tcp", r.server.Addr("smtp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "554 5.7.1 ") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits Limits
		banner int // Of the second connection.
		mail   int // On it.
	}{
		{"connections", Limits{Connections: 1}, 421, 0},
		{"connections per client", Limits{ConnectionsPerClient: 1}, 421, 0},
		{"messages", Limits{Messages: 1}, 220, 452},
		{"octets", Limits{Octets: 150}, 220, 452},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Limits = tt.limits })
			first := r.hello("smtp")
			r.want(first, "MAIL FROM:<a@example.org> SIZE=100", 250)
			conn, err := net.Dial("tcp", r.server.Addr("smtp").String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			buf := make([]byte, 512)
			n, _ := conn.Read(buf)
			if got := string(buf[:n]); !strings.HasPrefix(got, fmt.Sprint(tt.banner)) {
				t.Fatalf("banner: got %q", got)
			}
			if tt.mail == 0 {
				return
			}
			second := r.hello("smtp")
			r.want(second, "MAIL FROM:<a@example.org> SIZE=100", tt.mail)
			r.want(first, "RSET", 250)
			r.want(second, "MAIL FROM:<a@example.org> SIZE=100", 250)
		})
	}
}

// A message that grows beyond what its SIZE said is counted all the same.
func TestOctetsInFlightGrow(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Limits.Octets = 3 << 20 })
	c := r.hello("smtp")
	r.envelope(c)
	if got := r.send(c, strings.Repeat("x", 4<<20)+"\r\n.\r\n"); got.Code != 452 {
		t.Errorf("got %v", got)
	}
	r.envelope(c)
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 {
		t.Errorf("afterwards: got %v", got)
	}
	if n, octets := r.server.limiter.load(); n != 0 || octets != 0 {
		t.Errorf("%d messages and %d octets are still counted", n, octets)
	}
}

// A message of exactly the octets that our own EHLO reply names is taken, when it is the next hop that sets the limit.
func TestSizeThatIsOffered(t *testing.T) {
	r := newRig(t, nil)
	r.next(sink.Options{Extensions: []string{"PIPELINING", "SIZE 200000"}, MaxSize: 200_000}, SMTP)
	c := r.dial("smtp")
	ehlo := r.want(c, "EHLO x", 250)
	limit := 0
	for _, line := range ehlo.Lines {
		if v, ok := strings.CutPrefix(line, "SIZE "); ok {
			limit, _ = strconv.Atoi(v)
		}
	}
	if limit <= 0 || limit > 200_000 {
		t.Fatalf("offered %q", ehlo.Lines)
	}
	for size, want := range map[int]int{limit: 250, limit + 1: 552} {
		r.want(c, "RSET", 250)
		r.want(c, fmt.Sprintf("MAIL FROM:<a@example.org> SIZE=%d", limit), 250)
		r.want(c, "RCPT TO:<b@example.net>", 250)
		r.want(c, "DATA", 354)
		if got := r.send(c, strings.Repeat("y", size-2)+"\r\n.\r\n"); got.Code != want {
			t.Errorf("%d octets: got %v, want %d", size, got, want)
		}
	}
}
