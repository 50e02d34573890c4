// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/mail"
)

// counter counts filters that are made and closed, and has each learn for as long as it is told.
type counter struct {
	made, closed atomic.Int32
	learn        chan struct{}
}

// kinds are the filters counted, and broken, which cannot be made.
func (c *counter) kinds() []filters.Kind {
	return []filters.Kind{
		{Name: "counted", New: func(any, filters.Deps) (filters.Filter, error) {
			c.made.Add(1)
			return &counted{c}, nil
		}},
		{Name: "broken", New: func(any, filters.Deps) (filters.Filter, error) { return nil, errors.New("on purpose") }},
	}
}

type counted struct{ *counter }

func (*counted) Inspect(context.Context, *mail.Envelope, *mail.Message) ([]filters.Finding, error) {
	return nil, nil
}

func (c *counted) Follow(context.Context, *mail.Envelope, *mail.Message, filters.Outcome) { <-c.learn }

func (c *counted) Close() error {
	c.closed.Add(1)
	return nil
}

// count puts filters that are counted behind those of the rig.
func (r *rig) count() *counter {
	c := &counter{learn: make(chan struct{})}
	r.g.kinds = append(r.g.kinds, c.kinds()...)
	return c
}

// with is a config with more filters, as a stage.
func (r *rig) with(names ...string) *config.Config {
	cfg := r.config(policies)
	var stage []config.FilterSpec
	for _, n := range names {
		stage = append(stage, config.FilterSpec{Name: n})
	}
	cfg.Chain = append(cfg.Chain, stage)
	return cfg
}

// expect tells how many filters are to be there, and to be closed by now.
func (r *rig) expect(c *counter, when string, made, closed int32) {
	r.t.Helper()
	r.g.uses.closing.Wait()
	if m, n := c.made.Load(), c.closed.Load(); m != made || n != closed {
		r.t.Errorf("%s: %d filters made and %d closed, want %d and %d", when, m, n, made, closed)
	}
}

// A config that is not put in force leaves no filter open, whatever is wrong with it.
func TestRefusedConfigIsClosed(t *testing.T) {
	for name, spoil := range map[string]func(cfg *config.Config){
		"listener":       func(cfg *config.Config) { cfg.Listen[0].Address.Addr = "/nonexistent/folder/socket" },
		"quarantine":     func(cfg *config.Config) { cfg.Quarantine.Dir = os.DevNull },
		"journal":        func(cfg *config.Config) { cfg.WorkDir = os.DevNull },
		"key":            func(cfg *config.Config) { cfg.Signing.Seal.File = "/nonexistent" },
		"another filter": func(cfg *config.Config) { cfg.Chain = append(cfg.Chain, []config.FilterSpec{{Name: "broken"}}) },
		"no such filter": func(cfg *config.Config) { cfg.Chain = append(cfg.Chain, []config.FilterSpec{{Name: "none"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, policies)
			c := r.count()
			cfg := r.with("counted")
			spoil(cfg)
			if err := r.g.Reload(cfg); err == nil {
				t.Fatal("it was taken")
			}
			r.expect(c, "after the reload", 1, 1)
			r.shutdown()
			r.expect(c, "in the end", 1, 1)
		})
	}
	t.Run("twice the name", func(t *testing.T) {
		r := newRig(t, policies)
		c := r.count()
		if err := r.g.Reload(r.with("counted", "counted")); err == nil {
			t.Fatal("it was taken")
		}
		r.expect(c, "after the reload", 2, 2)
	})
}

// A config that is replaced is closed once: when its last message was answered and learned.
func TestReplacedConfigIsClosed(t *testing.T) {
	r := newRig(t, policies)
	c := r.count()
	for range 2 {
		if err := r.g.Reload(r.with("counted")); err != nil {
			t.Fatal(err)
		}
	}
	r.expect(c, "replaced without any mail", 2, 1)

	atDot, answer, replies := make(chan struct{}), make(chan struct{}), make(chan []string)
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot {
			close(atDot)
			return sink.Act{Until: answer}
		}
		return sink.Act{}
	})
	go func() { replies <- r.send(mailObject{listener: "lmtp", to: []string{"<u@x>"}, body: clean}) }()
	<-atDot
	if err := r.g.Reload(r.with("counted")); err != nil {
		t.Fatal(err)
	}
	r.expect(c, "replaced while it looks at a message", 3, 1)
	close(answer)
	if got := <-replies; !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("got %q", got)
	}
	r.expect(c, "replaced, and learning", 3, 1)
	close(c.learn)
	r.shutdown()
	r.expect(c, "in the end", 3, 3)
}

// A transaction that is open while the config is replaced ends by the old one, which writes down then what it has learned from it.
func TestOpenTransactionOutlivesItsConfig(t *testing.T) {
	r := newRig(t, policies)
	c := r.count()
	close(c.learn)
	if err := r.g.Reload(r.with("counted")); err != nil {
		t.Fatal(err)
	}
	client, _, err := smtptest.Dial("unix:" + filepath.Join(r.dir, "smtp"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Pipeline("EHLO x", "MAIL FROM:<a@example.org>", "RCPT TO:<b@x>", "DATA"); err != nil {
		t.Fatal(err)
	}
	if err := r.g.Reload(r.config(policies)); err != nil {
		t.Fatal(err)
	}
	r.expect(c, "replaced before the body came", 1, 1)
	if _, err := client.Write(smtptest.Stuff([]byte(clean))); err != nil {
		t.Fatal(err)
	}
	if reply, err := client.ReadReply(); err != nil || reply.Code != 250 {
		t.Errorf("got %v, %v", reply, err)
	}
	r.shutdown()
	r.expect(c, "in the end", 1, 2)
}

// A program that does not start leaves no filter open either.
func TestRefusedStartIsClosed(t *testing.T) {
	r := newRig(t, policies)
	c := r.count()
	cfg := r.with("counted")
	cfg.Listen[0].Address.Addr = "/nonexistent/folder/socket"
	if _, err := start(cfg, filters.LogOrNone(nil), prometheus.NewRegistry(), r.g.kinds, r.clock); err == nil {
		t.Error("it starts")
	}
	r.expect(c, "in the end", 1, 1)
}
