// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// TestWhateverFails: a client that comes again as Postfix does has each copy go where it belongs, once, whatever the next hop puts off and whenever that hangs up.
func TestWhateverFails(t *testing.T) {
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			r := newRigTo(t, policies, sink.Options{LMTP: rnd.IntN(2) == 0})
			listener := []string{"smtp", "lmtp"}[rnd.IntN(2)]
			to := []string{"<deliver1@x>", "<deliver2@x>", "<tag1@x>", "<tag2@x>", "<store1@x>", "<store2@x>", "<forward@x>", "<redirect@x>", "<u@x>", "<only@x>", "<discard@x>"}
			rnd.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
			to = to[:1+rnd.IntN(6)]
			left := to
			for try := uint64(0); len(left) > 0; try++ {
				if r.sink.Misbehave(nil); try < 5 {
					r.sink.Misbehave(moody(seed, try))
				}
				if left = r.attempt(listener, left); try == 9 {
					t.Fatalf("%s: still there: %v", listener, left)
				}
			}
			if d := cmp.Diff(expected(to), r.fared()); d != "" {
				t.Errorf("%s (-want +got):\n%s", listener, d)
			}
			if n := r.journalFiles(); n != 0 {
				t.Errorf("%s: the journal holds %d files", listener, n)
			}
		})
	}
}

// moody is a next hop that puts off half of all recipients and messages, and hangs up now and then, before it has taken anything.
func moody(seed, try uint64) sink.Script {
	var steps atomic.Uint64
	return func(step sink.Step, _ string) sink.Act {
		n := rand.New(rand.NewPCG(seed, try<<32|steps.Add(1))).IntN(10)
		switch {
		case n == 0 && (step == sink.MAIL || step == sink.RCPT || step == sink.DATA):
			return sink.Act{Hangup: true}
		case n < 5 && (step == sink.RCPT || step == sink.Dot):
			return sink.Act{Reply: "450 4.2.0 later"}
		}
		return sink.Act{}
	}
}

// attempt sends a mail object to those that are left, and tells who is to be tried again.
func (r *rig) attempt(listener string, to []string) (again []string) {
	r.t.Helper()
	c, _, err := smtptest.Dial("unix:" + filepath.Join(r.dir, listener))
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	m := smtptest.Mail{LMTP: listener == "lmtp", From: "<a@example.org>", To: to, Body: []byte(eicar())}
	if _, err := c.Hello(m); err != nil {
		r.t.Fatal(err)
	}
	if _, err := c.Cmd("XFORWARD ADDR=192.0.2.7 IDENT=4F1"); err != nil {
		r.t.Fatal(err)
	}
	o, err := c.Send(m)
	if err != nil {
		r.t.Fatal(err)
	}
	for i, rcpt := range to {
		if len(o.Dot) == 0 || !o.Rcpt[i].OK() {
			again = append(again, rcpt)
			continue
		}
		if !o.Dot[0].OK() {
			again = append(again, rcpt)
		}
		if m.LMTP {
			o.Dot = append(o.Dot[1:], smtptest.Reply{}) // Never empty: then there would have been no reply.
		}
	}
	return again
}

// expected is who is to have got something, and for whom it is to be kept.
func expected(to []string) []string {
	var list []string
	for _, rcpt := range to {
		switch strings.Trim(rcpt, "<>@x12") {
		case "deliver", "tag":
			list = append(list, rcpt)
		case "store":
			list = append(list, rcpt, "kept "+rcpt)
		case "forward":
			list = append(list, rcpt, "<copy@example.org>")
		case "only":
			list = append(list, "<copy@example.org>")
		case "redirect":
			list = append(list, "<other@example.org>")
		case "u":
			list = append(list, "kept "+rcpt)
		}
	}
	slices.Sort(list)
	return list
}

// fared is who has got something, and for whom it is kept.
func (r *rig) fared() []string {
	var list []string
	for _, m := range r.sink.Messages() {
		for _, rcpt := range m.RcptTo {
			path, _, _ := strings.Cut(rcpt, " ") // Without parameters.
			list = append(list, path)
		}
	}
	for _, k := range r.kept() {
		for _, rcpt := range strings.Fields(k)[1:] {
			list = append(list, "kept "+rcpt)
		}
	}
	slices.Sort(list)
	return list
}
