// SPDX-License-Identifier: Apache-2.0

// Package breakertest is the suite of tests for filters that ask servers through package breaker: servers that lie, that are slow, and that answer now and
// then. What they do is no answer, and never points.
package breakertest

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/fake"
)

// Suite is a filter and the protocol of its servers.
type Suite struct {
	New       func(t testing.TB, o breaker.Options) filters.Filter  // It asks about messages of up to 32 MiB.
	Score     string                                                // Code of the finding of an answer, which has the points as they are.
	NoAnswer  string                                                // Code of the finding of none.
	Answering func(answer func(message string) string) fake.Handler // Reads a request, and says what answer has for the message in it.
	Sink      func(c net.Conn) error                                // Reads a request, and holds nothing of it.
	Answer    func(points string) string                            // A true answer, whole.
	Head      string                                                // The first line of an answer, with its end,
	Body      string                                                // what goes between that and
	Drip      string                                                // what may then go on for ever.
	Lies      map[string]fake.Handler                               // Servers none of which answers, beside those that any protocol has.
	Slow      map[string]func(c net.Conn, done <-chan struct{})     // The same of those that go on until done.
}

// hello is a message.
const hello = "Subject: hello\r\n\r\nhello\r\n"

// Run runs all of the suite.
func (s Suite) Run(t *testing.T) {
	t.Run("lies", s.lies)
	t.Run("slow", s.slow)
	t.Run("flapping", s.flapping)
	t.Run("memory", s.Memory)
}

// filter is one that asks the servers.
func (s Suite) filter(t testing.TB, change func(*breaker.Options), servers ...*fake.Server) filters.Filter {
	t.Helper()
	o := breaker.DefaultOptions()
	o.Timeout = 5 * time.Second
	for _, one := range servers {
		o.Servers = append(o.Servers, one.Addr())
	}
	if change != nil {
		change(&o)
	}
	return s.New(t, o)
}

// inspect has a filter look at a message.
func inspect(t testing.TB, f filters.Filter, text string) ([]filters.Finding, error) {
	t.Helper()
	return f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text))
}

// saying says the same to every request.
func (s Suite) saying(text string) fake.Handler {
	return s.Answering(func(string) string { return text })
}

// Memory tests that a large message is not held in memory on its way.
func (s Suite) Memory(t *testing.T) {
	const size = 16 << 20
	server := fake.ListenUnix(t, func(c net.Conn) {
		if s.Sink(c) == nil {
			_, _ = io.WriteString(c, s.Answer("1.0"))
		}
	})
	f := s.filter(t, func(o *breaker.Options) { o.Timeout = time.Minute }, server)
	msg := filtertest.Message(t, hello+strings.Repeat("0123456789abcdef", size/16))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
	runtime.ReadMemStats(&after)
	if err != nil || len(found) != 1 || found[0].Code != s.Score {
		t.Errorf("got %v, %v", found, err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 3<<20 {
		t.Errorf("%d octets allocated for a message of %d", got, size)
	}
}
