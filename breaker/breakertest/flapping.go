// SPDX-License-Identifier: Apache-2.0

package breakertest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/internal/fake"
)

// flap answers now and then, with points that the message itself names, and else does one of the bad things.
func (s Suite) flap(done <-chan struct{}) fake.Handler {
	answer := func(cut int) fake.Handler {
		return s.Answering(func(message string) string {
			_, points, _ := strings.Cut(message, "Subject: ")
			points, _, _ = strings.Cut(points, "\r\n")
			full := s.Answer(points)
			return full[:len(full)-min(cut, len(full))]
		})
	}
	return func(c net.Conn) {
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
			fake.Endless(c, s.Head, 1<<30)
		default:
			answer(0)(c)
		}
	}
}

// flapping: under load, servers that answer now and then. Each message has its own points or no answer, never those of another; nothing is left behind.
func (s Suite) flapping(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	done := make(chan struct{})
	one, two := fake.Listen(t, s.flap(done)), fake.ListenUnix(t, s.flap(done))
	defer two.Close()
	defer one.Close()
	defer close(done)
	f := s.filter(t, func(o *breaker.Options) {
		o.Timeout, o.Choose, o.InFlight, o.OffFor, o.OffAtMost = 400*time.Millisecond, "spread", 3, time.Millisecond, 20*time.Millisecond
	}, one, two)
	var answered, missed atomic.Int32
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 25 {
				points := float64(g) + float64(i%20)/4 // Exact in two decimals.
				found, err := inspect(t, f, fmt.Sprintf("Subject: %.2f\r\n\r\n%d\r\n", points, i))
				switch {
				case err != nil || len(found) != 1:
					t.Errorf("got %v, %v", found, err)
				case found[0].Code == s.NoAnswer && found[0].Score == 0:
					missed.Add(1)
				case found[0].Code == s.Score && found[0].Score == points:
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
