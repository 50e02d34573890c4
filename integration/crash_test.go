// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
)

// shortCrash is how often mailweir is killed, each way, unless MAILWEIR_CRASH says otherwise.
const shortCrash = 10

// Promise 1: kill -9 at random instants under load. Every message that Postfix accepted comes out or is in quarantine.
// Copies that came twice are reported: where mailweir dies between the next hop's 250 and its own, there is no way to know.
func TestCrash(t *testing.T) {
	kills := shortCrash
	if s := os.Getenv("MAILWEIR_CRASH"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("MAILWEIR_CRASH=%s is no number of times", s)
		}
		kills = n
	}
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		need(t)
		ctx, cancel := context.WithTimeout(t.Context(), limit+time.Duration(kills)*5*time.Second)
		defer cancel()
		r := start(ctx, t, rig.Options{Mode: way, Lifetime: time.Hour})
		l := startLoad(ctx, t, r, 6)
		l.reach(ctx, t, 10)
		for range kills {
			time.Sleep(rand.N(300 * time.Millisecond))
			if err := r.Weir.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := r.Weir.Start(ctx); err != nil {
				t.Fatal(err)
			}
		}
		l.stop()
		c := countAll(ctx, t, r, l)
		nothingLost(t, l, c)
		t.Logf("%s: killed %d times; %d messages sent, %d accepted, %d missing, %d copies came twice", way, kills, l.sent, len(l.accepted), len(c.missing), c.twice)
	})
}
