// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/fake"
)

// flap answers now and then, with points that the message itself names, and else does one of the bad things.
func flap(done <-chan struct{}) fake.Handler {
	return func(c net.Conn) {
		answer := func(cut int) fake.Handler {
			return answering(func(h heard) string {
				_, points, _ := strings.Cut(h.body, "Subject: ")
				points, _, _ = strings.Cut(points, "\r\n")
				full := symbolsReply(points, "RULE")
				return full[:len(full)-min(cut, len(full))]
			})
		}
		switch rand.IntN(8) {
		case 0:
			fake.Reset(c)
		case 1:
			answer(1 + rand.IntN(80))(c)
		case 2:
			_, _ = io.Copy(io.Discard, c)
			select {
			case <-done:
			case <-time.After(time.Duration(rand.IntN(300)) * time.Millisecond):
			}
		case 3:
			fake.Endless(c, "SPAMD/1.1 0 EX_OK\r\n", 1<<30)
		default:
			answer(0)(c)
		}
	}
}

// TestFlapping: under load, servers that answer now and then. Each message has its own points or no answer, never those of another; nothing
// is left behind.
func TestFlapping(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	done := make(chan struct{})
	one, two := fake.Listen(t, flap(done)), fake.ListenUnix(t, flap(done))
	defer two.Close()
	defer one.Close()
	defer close(done)
	f := newFilter(t, []string{one.Addr(), two.Addr()}, filters.Deps{}, func(o *Options) {
		o.Timeout, o.Choose, o.InFlight, o.OffFor, o.OffAtMost = 400*time.Millisecond, "spread", 3, time.Millisecond, 20*time.Millisecond
	})
	var answered, missed atomic.Int32
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 25 {
				points := float64(g) + float64(i%20)/4 // Exact in two decimals.
				found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, fmt.Sprintf("Subject: %.2f\r\n\r\n%d\r\n", points, i)))
				switch {
				case err != nil || len(found) != 1:
					t.Errorf("got %v, %v", found, err)
				case found[0].Code == codeNoAnswer && found[0].Score == 0:
					missed.Add(1)
				case found[0].Code == codeScore && found[0].Score == points:
					answered.Add(1)
				default:
					t.Errorf("got %v, want the points %v", found, points)
				}
			}
		})
	}
	wg.Wait()
	if answered.Load() == 0 || missed.Load() == 0 {
		t.Errorf("%d answered, %d not, want some of both", answered.Load(), missed.Load())
	}
}

// TestMemory: a large message is not held in memory on its way.
func TestMemory(t *testing.T) {
	const size = 16 << 20
	server := fake.ListenUnix(t, func(c net.Conn) {
		if n, _ := io.Copy(io.Discard, c); n > size {
			_, _ = io.WriteString(c, symbolsReply("1.0"))
		}
	})
	for _, compress := range []bool{false, true} {
		f := newFilter(t, []string{server.Addr()}, filters.Deps{}, func(o *Options) { o.Timeout, o.MaxSize, o.Compress = time.Minute, 128<<20, compress })
		msg := filtertest.Message(t, hello+strings.Repeat("0123456789abcdef", size/16))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
		runtime.ReadMemStats(&after)
		if err != nil || len(found) != 1 || !compress && found[0].Code != codeScore {
			t.Errorf("got %v, %v", found, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 3<<20 {
			t.Errorf("compress %v: %d octets allocated for a message of %d", compress, got, size)
		}
	}
}
