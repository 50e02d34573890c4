// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// journalFiles is how many mail objects the journal knows.
func (r *rig) journalFiles() int {
	r.t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.dir, "work", "journal"))
	if err != nil {
		r.t.Fatal(err)
	}
	return len(entries)
}

// What is kept or copied beside a delivery is not kept or copied again while the delivery is tried again.
func TestRetryKeepsAndForwardsOnce(t *testing.T) {
	for _, listener := range []string{"lmtp", "smtp"} {
		t.Run(listener, func(t *testing.T) {
			r := newRig(t, policies)
			m := mailObject{listener: listener, queueID: "4F1", to: []string{"<store@x>", "<forward@x>"}, body: eicar()}
			for range 3 {
				r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
					// The copy to others passes; the recipients' own are put off.
					if step == sink.Dot && len(r.sink.Messages()) > 0 {
						return sink.Act{Reply: "452 4.3.1 full"}
					}
					return sink.Act{}
				})
				for _, got := range r.send(m) {
					if !strings.HasPrefix(got, "452 ") && !strings.HasPrefix(got, "451 ") {
						t.Errorf("got %q", got)
					}
				}
			}
			r.sink.Misbehave(nil)
			for _, got := range r.send(m) {
				if !strings.HasPrefix(got, "250 ") {
					t.Errorf("got %q", got)
				}
			}
			if n := strings.Count(strings.Join(r.arrived(), " "), "copy@example.org"); n != 1 {
				t.Errorf("%d copies were sent: %v", n, r.arrived())
			}
			if got := r.kept(); len(got) != 1 {
				t.Errorf("kept %v", got)
			}
			if n := r.journalFiles(); n != 0 {
				t.Errorf("the journal still holds %d files", n)
			}
		})
	}
}

// Postfix splits an envelope of many recipients into transactions with one queue ID. What is noted of one is not lost by another.
func TestRetryOfSplitEnvelopes(t *testing.T) {
	r := newRig(t, policies)
	first := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver1@x>", "<defer1@x>"}, body: eicar()}
	second, third := first, first
	second.to = []string{"<deliver2@x>", "<defer2@x>"}
	third.to = []string{"<deliver3@x>", "<deliver4@x>"}
	for _, m := range []mailObject{first, second, third, first, second} {
		r.send(m)
	}
	// The next attempt may have one recipient left, because the next hop refuses the others now.
	last := first
	last.to = []string{"<deliver1@x>"}
	if got := r.send(last); !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("got %q", got)
	}
	if diff := cmp.Diff([]string{"<deliver1@x>", "<deliver2@x>", "<deliver3@x> <deliver4@x>"}, r.arrived()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
}

// One reply stands for all: if one cannot be kept, nobody is delivered to, or everybody would be again by the retry.
func TestQuarantineFailsForOneOfMany(t *testing.T) {
	for _, listener := range []string{"before", "smtp"} {
		r := newRig(t, policies)
		if err := os.RemoveAll(filepath.Join(r.dir, "quarantine")); err != nil {
			t.Fatal(err)
		}
		got := r.send(mailObject{listener: listener, queueID: "4F1", to: []string{"<deliver@x>", "<u@x>"}, body: eicar()})
		if !strings.HasPrefix(got[0], "452 ") || len(r.arrived()) != 0 {
			t.Errorf("%s: got %q, arrived %v", listener, got, r.arrived())
		}
	}
}

// Before the queue nothing tells a retry from a new message: once the answer is 4xx, nothing more is sent.
func TestNothingMoreIsSentBeforeTheQueue(t *testing.T) {
	m := mailObject{listener: "before", to: []string{"<deliver@x>", "<tag@x>"}, body: eicar()}
	r := newRig(t, policies)
	r.atDot(1, "452 4.3.1 full")
	if got := r.send(m); !strings.HasPrefix(got[0], "452 ") || len(r.arrived()) != 0 {
		t.Errorf("first copy put off: got %q, arrived %v", got, r.arrived())
	}
	var rcpts atomic.Int32
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.RCPT && rcpts.Add(1) == 4 { // Two live ones, that of the first copy, that of the second.
			return sink.Act{Reply: "450 4.2.0 later"}
		}
		return sink.Act{}
	})
	if got := r.send(m); !strings.HasPrefix(got[0], "45") || len(r.arrived()) != 0 {
		t.Errorf("second copy put off: got %q, arrived %v", got, r.arrived())
	}
}

// A message that comes again for all is not kept by each of its attempts, but by the one that is taken.
func TestKeptOnceBeforeTheQueue(t *testing.T) {
	for name, tt := range map[string]struct{ to, arrived, kept []string }{
		"a copy that is kept": {[]string{"<store@x>"}, []string{"<store@x>"}, []string{"virus: <store@x>"}},
		"one of two":          {[]string{"<deliver@x>", "<u@x>"}, []string{"<deliver@x>"}, []string{"virus: <u@x>"}},
	} {
		r := newRig(t, policies)
		m := mailObject{listener: "before", to: tt.to, body: eicar()}
		r.sink.Misbehave(func(step sink.Step, _ string) sink.Act { return sink.Act{Hangup: step == sink.DATA} })
		for range 3 {
			r.expectReplies(name, m, "451 4.4.2")
			r.expectSent(name+", put off", nil, nil)
		}
		r.sink.Misbehave(nil)
		r.expectReplies(name, m, "250 ")
		r.expectSent(name+", taken", tt.arrived, tt.kept)
	}
}

// One of two who share a copy is put off, while the other waits for the dot.
func TestNothingIsSentForHalfAGroupBeforeTheQueue(t *testing.T) {
	r := newRig(t, policies)
	var rcpts atomic.Int32
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.RCPT && rcpts.Add(1) == 6 { // Three live ones, that of the first copy, two of the second.
			return sink.Act{Reply: "450 4.2.0 later"}
		}
		return sink.Act{}
	})
	got := r.send(mailObject{listener: "before", to: []string{"<deliver@x>", "<tag1@x>", "<tag2@x>"}, body: eicar()})
	if !strings.HasPrefix(got[0], "45") || len(r.arrived()) != 0 {
		t.Errorf("got %q, arrived %v", got, r.arrived())
	}
}

// The next hop does not wait for ever while we look at a message.
func TestNextHopEndsTheLiveTransaction(t *testing.T) {
	r := newRig(t, policies)
	var data atomic.Int32
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.DATA && data.Add(1) == 1 {
			return sink.Act{Reply: "421 4.4.2 timeout"}
		}
		return sink.Act{}
	})
	got := r.send(mailObject{listener: "lmtp", to: []string{"<a@x>"}, body: clean})
	if !strings.HasPrefix(got[0], "250 ") || len(r.arrived()) != 1 {
		t.Errorf("got %q, arrived %v", got, r.arrived())
	}
}

// A client that has hung up sends again: nothing is handed on for it.
func TestClientHangsUpBeforeTheDot(t *testing.T) {
	r := newRig(t, policies)
	sent := make(chan struct{})
	gone := make(chan struct{})
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.DATA {
			close(sent)
			return sink.Act{Until: gone}
		}
		return sink.Act{}
	})
	c, _, err := smtptest.Dial("unix:" + filepath.Join(r.dir, "smtp"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pipeline("EHLO x", "MAIL FROM:<a@example.org>", "RCPT TO:<b@x>", "DATA"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(smtptest.Stuff([]byte(clean))); err != nil {
		t.Fatal(err)
	}
	<-sent
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	close(gone)
	r.shutdown()
	if got := r.arrived(); len(got) != 0 {
		t.Errorf("arrived %v", got)
	}
}
