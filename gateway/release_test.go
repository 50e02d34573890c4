// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/quarantine"
)

// releaser releases what the rig keeps, as the command does.
type releaser struct {
	*rig
	store *quarantine.Store
	send  quarantine.Sender
	log   bytes.Buffer
}

func newReleaser(r *rig) *releaser {
	r.t.Helper()
	rel := &releaser{rig: r}
	var err error
	if rel.store, err = quarantine.Open(filepath.Join(r.dir, "quarantine"), quarantine.Options{}); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = rel.store.Close() })
	log := logrus.New()
	log.SetOutput(&rel.log)
	if rel.send, err = NewSender(r.g.Config(), log); err != nil {
		r.t.Fatal(err)
	}
	return rel
}

// id is the ID of the only message that is kept.
func (r *releaser) id() (id quarantine.ID) {
	r.t.Helper()
	for e, err := range r.store.List(quarantine.Filter{}) {
		if err != nil {
			r.t.Fatal(err)
		}
		id = e.ID
	}
	return id
}

func (r *releaser) release() ([]mail.Path, error) {
	r.t.Helper()
	return r.store.Release(r.t.Context(), r.id(), nil, r.send)
}

func TestRelease(t *testing.T) {
	r := newRig(t, policies)
	r.send(mailObject{listener: "smtp", queueID: "4F1", from: "<s@example.org> ENVID=e1", to: []string{"<u@x>", "<gone@x>"}, body: eicar()})
	rel := newReleaser(r)
	r.sink.Misbehave(func(step sink.Step, arg string) sink.Act {
		if step == sink.RCPT && strings.Contains(arg, "gone") {
			return sink.Act{Reply: "550 5.1.1 unknown"}
		}
		return sink.Act{}
	})
	taken, err := rel.release()
	if len(taken) != 1 || taken[0].Address != "u@x" || err == nil || !strings.Contains(err.Error(), "<gone@x>: next hop: reply 550 5.1.1 unknown") {
		t.Errorf("got %v, %v", taken, err)
	}
	m := r.sink.Messages()[0]
	if body, ok := strings.CutSuffix(string(m.Data), eicar()); !ok || !strings.HasPrefix(body, "Mailweir-Released: "+string(rel.id())) {
		t.Errorf("got %q", m.Data)
	}
	if m.MailFrom != "<s@example.org> ENVID=e1" || m.Attribute("IDENT") != "4F1" {
		t.Errorf("got %q, %v", m.MailFrom, m.XForward)
	}
	// Nothing is done without the next hop's 250.
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot {
			return sink.Act{Reply: "452 4.3.1 full"}
		}
		return sink.Act{}
	})
	if taken, err := rel.release(); err == nil || len(taken) != 0 {
		t.Errorf("refused at the dot: got %v, %v", taken, err)
	}
}

// TestReleaseSigned: mail from our own people that was kept leaves signed when it is released.
func TestReleaseSigned(t *testing.T) {
	dir, zone := signingKeys(t)
	r := newRig(t, policies+"networks: {trusted: [192.0.2.0/24]}\n"+signingSection(dir))
	r.send(mailObject{listener: "smtp", queueID: "4F1", to: []string{"<u@x>"}, body: eicar()})
	if _, err := newReleaser(r).release(); err != nil {
		t.Fatal(err)
	}
	m := r.sink.Messages()[0].Data
	if d := cmp.Diff([]string{"rsa pass", "ed25519 pass"}, verdicts(t, zone, m)); d != "" || !bytes.HasSuffix(m, []byte(eicar())) {
		t.Errorf("(-want +got):\n%s\n%s", d, m)
	}
}

// What cannot be signed is released as it is, and that is told.
func TestReleaseUnsigned(t *testing.T) {
	dir, _ := signingKeys(t)
	r := newRig(t, policies+"networks: {trusted: [192.0.2.0/24]}\n"+signingSection(dir))
	body := "X: " + strings.Repeat("x", sig.MaxHeader) + "\r\n" + eicar()
	r.send(mailObject{listener: "smtp", queueID: "4F1", to: []string{"<u@x>"}, body: body})
	rel := newReleaser(r)
	if _, err := rel.release(); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(r.sink.Messages()[0].Data, []byte(body)) || !strings.Contains(rel.log.String(), "message goes without a signature") {
		t.Errorf("the log says %q", &rel.log)
	}
}

// So is what cannot be signed in time.
func TestReleaseSignedInTime(t *testing.T) {
	dir, _ := signingKeys(t)
	r := newRig(t, policies+"networks: {trusted: [192.0.2.0/24]}\n"+signingSection(dir))
	r.send(mailObject{listener: "smtp", queueID: "4F1", to: []string{"<u@x>"}, body: eicar()})
	r.g.Config().Timeouts.Filter = time.Nanosecond
	rel := newReleaser(r)
	if taken, err := rel.release(); err != nil || len(taken) != 1 || !strings.Contains(rel.log.String(), context.DeadlineExceeded.Error()) {
		t.Errorf("got %v, %v; the log says %q", taken, err, &rel.log)
	}
}

// Who releases mail from outside need not be able to read the keys, and mail of our own is not sent without them.
func TestReleaseWithoutKeys(t *testing.T) {
	for _, tt := range []struct{ name, trusted, want string }{
		{"from outside", "203.0.113.0/24", ""},
		{"of our own", "192.0.2.0/24", "signing: key of example.org: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, _ := signingKeys(t)
			r := newRig(t, policies+"networks: {trusted: ["+tt.trusted+"]}\n"+signingSection(dir))
			r.send(mailObject{listener: "smtp", queueID: "4F1", to: []string{"<u@x>"}, body: eicar()})
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			taken, err := newReleaser(r).release()
			switch {
			case tt.want == "" && (err != nil || len(taken) != 1 || len(r.sink.Messages()) != 1):
				t.Errorf("got %v, %v", taken, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || len(r.sink.Messages()) != 0):
				t.Errorf("got %v", err)
			}
		})
	}
}
