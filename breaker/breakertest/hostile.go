// SPDX-License-Identifier: Apache-2.0

package breakertest

import (
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/internal/fake"
)

// endless never ends what it says.
func endless(head, text string) fake.Handler {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, head)
		fake.Endless(c, text, 1<<40)
	}
}

// lies: whatever a server does, it is no answer, never points; and nothing goes on afterwards.
func (s Suite) lies(t *testing.T) {
	good := s.Answer("-5")
	all := map[string]fake.Handler{
		"rude":         fake.Rude,
		"nothing":      fake.Say(""),
		"endless line": endless("", strings.TrimRight(s.Head, "\r\n")),
		"endless head": endless(s.Head, "x: y\r\n"),
		"endless body": endless(s.Head+s.Body, s.Drip),
		"answer and reset": func(c net.Conn) {
			_, _ = io.WriteString(c, good[:len(good)/2])
			fake.Reset(c)
		},
	}
	for i := range len(good) {
		all[fmt.Sprint("half ", i)] = s.saying(good[:i])
	}
	maps.Copy(all, s.Lies)
	for name, lie := range all {
		t.Run(name, func(t *testing.T) {
			server := fake.Listen(t, lie)
			f := s.filter(t, nil, server)
			before := goleak.IgnoreCurrent()
			got, err := inspect(t, f, hello)
			if err != nil || len(got) != 1 || got[0].Code != s.NoAnswer || got[0].Score != 0 {
				t.Errorf("got %v, %v, want %s", got, err, s.NoAnswer)
			}
			server.Close()
			goleak.VerifyNone(t, before)
		})
	}
}

// slow: servers that take, or drip, until the time is over. The time is the only thing that ends them.
func (s Suite) slow(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	all := map[string]func(net.Conn, <-chan struct{}){
		"silent": func(c net.Conn, done <-chan struct{}) {
			fake.Silent(c)
			<-done
		},
		"does not read": func(c net.Conn, done <-chan struct{}) {
			_, _ = c.Read(make([]byte, 1))
			<-done
		},
		"half": func(c net.Conn, done <-chan struct{}) {
			_, _ = io.WriteString(c, s.Head)
			<-done
		},
		"drip": func(c net.Conn, _ <-chan struct{}) {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			_, _ = io.WriteString(c, s.Head+s.Body)
			for range tick.C {
				if _, err := io.WriteString(c, s.Drip); err != nil {
					return
				}
			}
		},
	}
	maps.Copy(all, s.Slow)
	for name, slow := range all {
		t.Run(name, func(t *testing.T) { s.waits(t, slow) })
	}
}

func (s Suite) waits(t *testing.T, slow func(net.Conn, <-chan struct{})) {
	done := make(chan struct{})
	server := fake.Listen(t, func(c net.Conn) { slow(c, done) })
	t.Cleanup(func() { close(done) }) // Before the server ends.
	good := fake.Listen(t, s.saying(s.Answer("3")))
	f := s.filter(t, func(o *breaker.Options) { o.Timeout = 200 * time.Millisecond }, server)
	got, err := inspect(t, f, hello+strings.Repeat("0123456789abcdef", 1<<20))
	if err != nil || len(got) != 1 || got[0].Code != s.NoAnswer || !strings.Contains(got[0].Detail, "deadline exceeded") {
		t.Errorf("alone: got %v, %v, want %s", got, err, s.NoAnswer)
	}
	// A message that fits into the buffers of the kernel is given to the next server after half of the time.
	f = s.filter(t, func(o *breaker.Options) { o.Timeout = 2 * time.Second }, server, good)
	if got, err := inspect(t, f, hello); err != nil || len(got) != 1 || got[0].Score != 3 {
		t.Errorf("with another: got %v, %v, want its answer", got, err)
	}
}
