// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// unnoted is how the reply begins where the journal is out of order.
const unnoted = "451 4.3.0 Error: what is done could not be noted"

// journal is the folder of the journal of retries.
func (r *rig) journal() string { return filepath.Join(r.dir, "work", "journal") }

// lose takes the journal away, as a disk does that fails.
func (r *rig) lose() {
	if err := os.RemoveAll(r.journal()); err != nil {
		r.t.Error(err)
	}
}

// mend brings an empty journal back.
func (r *rig) mend() {
	r.t.Helper()
	if err := os.Mkdir(r.journal(), 0o700); err != nil {
		r.t.Fatal(err)
	}
}

// expectSent compares who got messages, and for whom they are kept.
func (r *rig) expectSent(when string, arrived, kept []string) {
	r.t.Helper()
	if d := cmp.Diff(arrived, r.arrived(), cmpopts.EquateEmpty()); d != "" {
		r.t.Errorf("%s: arrived (-want +got):\n%s", when, d)
	}
	if d := cmp.Diff(kept, r.kept(), cmpopts.EquateEmpty()); d != "" {
		r.t.Errorf("%s: kept (-want +got):\n%s", when, d)
	}
}

// expectReplies compares the beginning of all replies.
func (r *rig) expectReplies(when string, m mailObject, want string) {
	r.t.Helper()
	for i, got := range r.send(m) {
		if !strings.HasPrefix(got, want) {
			r.t.Errorf("%s: recipient %d: got %q, want %q", when, i, got, want)
		}
	}
}

// If the journal cannot be written, nothing is begun that may have to be noted; what is done for all or for none is.
func TestNothingIsDoneThatCannotBeNoted(t *testing.T) {
	for _, tt := range []struct {
		name, listener string
		to             []string
		first          string // The reply without the journal.
		arrived, kept  []string
	}{
		{"two copies", "smtp", []string{"<deliver@x>", "<tag@x>"}, unnoted, []string{"<deliver@x>", "<tag@x>"}, nil},
		{"a copy that is kept", "smtp", []string{"<store@x>"}, unnoted, []string{"<store@x>"}, []string{"virus: <store@x>"}},
		{"a copy to others", "smtp", []string{"<forward@x>"}, unnoted, []string{"<copy@example.org> NOTIFY=NEVER", "<forward@x>"}, nil},
		{"a copy to others, by LMTP", "lmtp", []string{"<forward@x>"}, unnoted, []string{"<copy@example.org> NOTIFY=NEVER", "<forward@x>"}, nil},
		{"not for all in the live transaction", "smtp", []string{"<deliver1@x>", "<discard@x>", "<deliver2@x>"}, unnoted, []string{"<deliver1@x> <deliver2@x>"}, nil},
		{"one copy", "smtp", []string{"<deliver1@x>", "<deliver2@x>"}, "250 ", []string{"<deliver1@x> <deliver2@x>"}, nil},
		{"each for himself", "lmtp", []string{"<deliver@x>", "<tag@x>"}, "250 ", []string{"<deliver@x>", "<tag@x>"}, nil},
		{"kept for all", "smtp", []string{"<u@x>", "<v@x>"}, "250 ", nil, []string{"virus: <u@x> <v@x>"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, policies)
			r.lose()
			m := mailObject{listener: tt.listener, queueID: "4F1", to: tt.to, body: eicar()}
			r.expectReplies("without the journal", m, tt.first)
			if strings.HasPrefix(tt.first, "250 ") {
				r.expectSent("without the journal", tt.arrived, tt.kept)
			} else {
				r.expectSent("without the journal", nil, nil)
				r.mend()
				r.expectReplies("with the journal", m, "250 ")
				r.expectSent("with the journal", tt.arrived, tt.kept)
			}
		})
	}
}

// What was done when the journal fails is not done again: it is remembered, and nothing more is begun until it is written.
func TestJournalFailsInTheMiddle(t *testing.T) {
	r := newRig(t, policies)
	m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver@x>", "<tag@x>"}, body: eicar()}
	var dots atomic.Int32
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot && dots.Add(1) == 2 {
			r.lose()
			return sink.Act{Reply: "452 4.3.1 full"}
		}
		return sink.Act{}
	})
	r.expectReplies("while the journal gets lost", m, "452 ")
	r.sink.Misbehave(nil)
	other := m
	other.queueID = "4F2"
	r.expectReplies("another one without the journal", other, unnoted)
	r.expectSent("without the journal", []string{"<deliver@x>"}, nil)
	r.expectReplies("what is left of it", m, "250 ")
	r.expectSent("what is left of it", []string{"<deliver@x>", "<tag@x>"}, nil)
	r.mend()
	r.expectReplies("another one with the journal", other, "250 ")
	if n := r.journalFiles(); n != 0 {
		t.Errorf("the journal holds %d files", n)
	}
}

// owing is a gateway with a journal that could not be written for a while, and has a file still to write.
func owing(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, policies)
	r.atDot(2, "452 4.3.1 full")
	first := r.g.current.Load().journal
	r.lose()
	first.tried = r.clock() // As if it had been there a moment ago.
	m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver@x>", "<tag@x>"}, body: eicar()}
	r.expectReplies("while the journal gets lost", m, "452 ")
	r.mend()
	return r
}

// What is remembered in memory is written when the program ends.
func TestJournalIsWrittenInTheEnd(t *testing.T) {
	r := owing(t)
	r.shutdown()
	if n := r.journalFiles(); n != 1 {
		t.Errorf("the journal holds %d files", n)
	}
}

// So is it when the config is replaced by one with another folder.
func TestJournalIsWrittenWhenItIsLeft(t *testing.T) {
	r := owing(t)
	cfg := r.config(policies)
	cfg.WorkDir = r.t.TempDir()
	if err := r.g.Reload(cfg); err != nil {
		t.Fatal(err)
	}
	r.shutdown()
	if n := r.journalFiles(); n != 1 {
		t.Errorf("the journal holds %d files", n)
	}
}

// A journal that cannot be read does not say that nothing was done.
func TestJournalCannotRead(t *testing.T) {
	for _, listener := range []string{"smtp", "lmtp"} {
		r := newRig(t, policies)
		m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver@x>", "<defer@x>"}, body: eicar()}
		r.expectReplies("first", m, "451 ")
		entries, err := os.ReadDir(r.journal())
		if err != nil || len(entries) != 1 {
			t.Fatalf("journal: %v, %v", entries, err)
		}
		file := filepath.Join(r.journal(), entries[0].Name())
		if err := os.Rename(file, file+".aside"); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(file, 0o700); err != nil { // It can be opened, and not be read.
			t.Fatal(err)
		}
		m.listener = listener
		r.expectReplies("second", m, unnoted)
		r.expectSent(listener, []string{"<deliver@x>"}, nil)
	}
}

// A client that hangs up while the next hop takes its time has no reply, and sends all again. Who was served is not served twice.
func TestClientHangsUpAtTheDot(t *testing.T) {
	for _, listener := range []string{"smtp", "lmtp"} {
		t.Run(listener, func(t *testing.T) {
			r := newRig(t, policies)
			atDot, gone := make(chan struct{}), make(chan struct{})
			r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
				if step == sink.Dot {
					close(atDot)
					return sink.Act{Until: gone}
				}
				return sink.Act{}
			})
			c, _, err := smtptest.Dial("unix:" + filepath.Join(r.dir, listener))
			if err != nil {
				t.Fatal(err)
			}
			hello := map[string]string{"smtp": "EHLO x", "lmtp": "LHLO x"}[listener]
			if _, err := c.Pipeline(hello, "XFORWARD ADDR=192.0.2.7 IDENT=4F1", "MAIL FROM:<a@example.org>", "RCPT TO:<b@x>", "DATA"); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write(smtptest.Stuff([]byte(clean))); err != nil {
				t.Fatal(err)
			}
			<-atDot
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			r.sink.Misbehave(nil)
			close(gone)
			r.shutdown() // Once that is done.
			r.start(policies)
			r.expectReplies("the second time", mailObject{listener: listener, queueID: "4F1", to: []string{"<b@x>"}, body: clean}, "250 ")
			r.expectSent("in the end", []string{"<b@x>"}, nil)
			if n := r.journalFiles(); n != 0 {
				t.Errorf("the journal holds %d files", n)
			}
		})
	}
}

// Copies to several others come again together, so they are sent together or not at all.
func TestOthersGetOneCopy(t *testing.T) {
	more := strings.NewReplacer("{forward: copy@example.org}", "{forward: one@x}, {forward: two@x}", "{redirect: other@example.org}", "{redirect: one@x}, {redirect: two@x}").Replace(policies)
	for _, to := range []string{"<forward@x>", "<redirect@x>"} {
		r := newRig(t, more)
		r.sink.Misbehave(func(step sink.Step, arg string) sink.Act {
			if step == sink.RCPT && strings.Contains(arg, "two@x") {
				return sink.Act{Reply: "450 4.2.0 later"}
			}
			return sink.Act{}
		})
		m := mailObject{listener: "lmtp", queueID: "4F1", to: []string{to}, body: eicar()}
		for range 2 {
			r.expectReplies(to, m, "45")
		}
		r.expectSent(to, nil, nil)
		r.sink.Misbehave(nil)
		r.expectReplies(to, m, "250 ")
		if n := strings.Count(strings.Join(r.arrived(), " "), "one@x"); n != 1 {
			t.Errorf("%s: %d copies: %v", to, n, r.arrived())
		}
	}
}

// A fault of ours in the middle is told to all, who come again. Who was served is not served twice.
func TestPanicInTheMiddle(t *testing.T) {
	r := newRig(t, policies)
	engine := r.g.Engine()
	cfg := engine.cfg
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot {
			engine.cfg = nil // Which the next copy cannot do without.
		}
		return sink.Act{}
	})
	m := mailObject{listener: "lmtp", queueID: "4F1", to: []string{"<store1@x>", "<tag@x>"}, body: eicar()}
	r.expectReplies("the first time", m, "451 4.3.0 Error: internal error")
	engine.cfg = cfg
	r.sink.Misbehave(nil)
	r.expectReplies("the second time", m, "250 ")
	r.expectSent("in the end", []string{"<store1@x>", "<tag@x>"}, []string{"virus: <store1@x>"})
	if n := r.journalFiles(); n != 0 {
		t.Errorf("the journal holds %d files", n)
	}
}
