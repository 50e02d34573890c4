// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// comeAgain is a chain in which a listed client scores in between, and has to come again a second later.
const comeAgain = `%schain:
  - [dnsbl: {zones: {bl.example.org: {codes: {127.0.0.2: 3, 127.0.0.9: 12}}}}]
  - [greylist: {file: %s, delay: 1s}]
policies: [{name: default, spam: {grey_at: 2, tag_at: 5, high_at: 10}}]
`

// inBetween has the client bad at 3 points, and another one at 12.
func inBetween(t *testing.T) *dnstest.Server {
	t.Helper()
	return dnstest.Serve(t, dnstest.Zones(t, "2.0.0.127.bl.example.org. 60 IN A 127.0.0.2",
		"1.2.0.192.bl.example.org. 60 IN A 127.0.0.2", "7.2.0.192.bl.example.org. 60 IN A 127.0.0.9"))
}

// What scores in between is put off, and delivered on its second try, once. What looks good, and what is known, is delivered at once.
func TestGreylisted(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, way, fmt.Sprintf(comeAgain, names(inBetween(t).Addr), filepath.Join(folder(t), "greylist")))
		found(t, deliver(ctx, t, r, letter{client: stranger, from: "<good@example.org>"}), "-dnsbl.listed")

		l := letter{client: bad}
		wait(ctx, t, r, way, l)
		logged(t, r, 0, "msg=message", "fate=defer", "greylist.wait", `reply="451 4.7.1`, "client="+bad)
		// A new config does not make him wait anew.
		if out, err := r.Weir.Run(ctx, "reload"); err != nil {
			t.Fatalf("reload: %v: %s", err, out)
		}
		found(t, again(ctx, t, r, way, l), "dnsbl.listed", "-greylist.wait")
		found(t, deliver(ctx, t, r, l), "-greylist.wait")
		tries := metrics(ctx, t, r)
		if n := tries[`mailweir_greylist_recipients_total{state="back"}`]; n != 1 {
			t.Errorf("%v recipients' messages came back, want 1", n)
		}

		// He is known after a restart, too.
		if err := r.Weir.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := r.Weir.Start(ctx); err != nil {
			t.Fatal(err)
		}
		found(t, deliver(ctx, t, r, l), "-greylist.wait")

		// What is bad enough to be kept need not come twice.
		r.Sink.Reset()
		postOK(t, r, letter{client: "192.0.2.7", from: "<other@example.org>"})
		drained(ctx, t, r)
		kept(t, r, 1)
		someWait(ctx, t, r, way)
	})
}

// someWait sends a message to one who knows its sender and one who does not: each gets it, once.
func someWait(ctx context.Context, t *testing.T, r *rig.Rig, way postconf.Mode) {
	t.Helper()
	r.Sink.Reset()
	m := smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>", "<cleo@example.net>"}, Body: []byte(plain)}
	eventually(ctx, t, func() error {
		o := sendAs(t, r, bad, m)
		if !o.OK() {
			return fmt.Errorf("got %s", o.Final())
		}
		return nil
	})
	drained(ctx, t, r)
	if diff := cmp.Diff(map[string]int{"ben@example.net": 1, "cleo@example.net": 1}, outcomes(r)); diff != "" {
		t.Errorf("%s: messages for each (-want +got):\n%s", way, diff)
	}
}

// Where what was seen cannot be saved, mail flows as before by what is in memory; the log and a metric say so, and it is saved again by itself.
func TestSeenCannotBeSaved(t *testing.T) {
	ctx := need(t)
	dir := folder(t)
	r := start(ctx, t, postconf.AfterQueueLMTP, fmt.Sprintf(comeAgain, names(inBetween(t).Addr), filepath.Join(dir, "greylist")))
	first := letter{client: bad, from: "<first@example.org>"}
	wait(ctx, t, r, postconf.AfterQueueLMTP, first)
	forbid := func(mode os.FileMode, owner int) {
		t.Helper()
		for _, f := range []string{dir, filepath.Join(dir, "greylist")} {
			if err := errors.Join(os.Chmod(f, mode), os.Chown(f, owner, owner)); err != nil {
				t.Fatal(err)
			}
		}
	}
	forbid(0o700, 0)
	second := letter{client: bad, from: "<second@example.org>"}
	drained(ctx, t, r)
	wait(ctx, t, r, postconf.AfterQueueLMTP, second)
	found(t, again(ctx, t, r, postconf.AfterQueueLMTP, second), "-greylist.wait")
	if n := metric(ctx, t, r, "mailweir_greylist_save_failures_total"); n != 1 {
		t.Errorf("saving has begun to fail %v times, want once", n)
	}
	logged(t, r, 0, "level=error", "what was seen is not saved", "filter=greylist")
	forbid(0o700, nobody)
	found(t, deliver(ctx, t, r, second), "-greylist.wait")
	eventually(ctx, t, func() error {
		deliver(ctx, t, r, second)
		if !strings.Contains(r.Weir.Log(), "what was seen is saved again") {
			return errors.New("the log does not tell that it is saved again")
		}
		return nil
	})
	// All of it is there after a crash.
	if err := errors.Join(r.Weir.Kill(), r.Weir.Start(ctx)); err != nil {
		t.Fatal(err)
	}
	for _, l := range []letter{first, second} {
		found(t, deliver(ctx, t, r, l), "-greylist.wait")
	}
}
