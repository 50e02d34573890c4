// SPDX-License-Identifier: Apache-2.0

// Package gateway is the main flow: a config goes in, a running server comes out. It alone knows both the proxy and the filters:
// it takes mail objects from the one, has the others look at them, asks the policy what becomes of them, and does it.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
	"github.com/mailweir/mailweir/quarantine"
)

var errNoQuarantine = errors.New("no quarantine is configured")

// Gateway is the running server. Its methods are safe for many goroutines.
type Gateway struct {
	log     logrus.FieldLogger
	metrics *metrics
	server  *proxy.Server
	current atomic.Pointer[generation]
	reg     *switchboard
}

// generation is all that comes from one config.
type generation struct {
	cfg     *config.Config
	engine  *Engine
	store   *quarantine.Store // nil if there is none.
	journal *journal
}

// New starts a gateway by cfg: when it returns without an error it takes mail.
func New(cfg *config.Config, log logrus.FieldLogger, reg prometheus.Registerer) (*Gateway, error) {
	g := &Gateway{log: log, metrics: newMetrics(reg), reg: newSwitchboard()}
	reg.MustRegister(g.reg)
	g.server = proxy.NewServer(log, reg)
	if err := g.apply(cfg); err != nil {
		return nil, errors.Join(err, g.server.Shutdown(context.Background()))
	}
	return g, nil
}

// Reload puts cfg in the place of the config in force, whole. On an error the old one stays in force.
func (g *Gateway) Reload(cfg *config.Config) error {
	err := g.apply(cfg)
	if err != nil {
		g.metrics.reloads.WithLabelValues("kept").Inc()
		return err
	}
	g.metrics.reloads.WithLabelValues("done").Inc()
	return nil
}

// RefusedReload counts a config that could not even be read.
func (g *Gateway) RefusedReload() { g.metrics.reloads.WithLabelValues("kept").Inc() }

func (g *Gateway) apply(cfg *config.Config) error {
	reg := prometheus.NewRegistry()
	next, err := g.prepare(cfg, reg)
	if err != nil {
		return err
	}
	for _, l := range cfg.Listen {
		g.metrics.add(l.Name)
	}
	if err := g.server.Apply(serverOptions(cfg, next.engine, g.handler(next))); err != nil {
		return err
	}
	g.reg.set(reg)
	g.current.Store(next)
	return nil
}

func (g *Gateway) prepare(cfg *config.Config, reg prometheus.Registerer) (*generation, error) {
	next := &generation{cfg: cfg}
	var err error
	if next.engine, err = NewEngine(cfg, g.log, reg); err != nil {
		return nil, err
	}
	if cfg.Quarantine.Dir != "" {
		next.store, err = quarantine.Open(cfg.Quarantine.Dir, quarantine.Options{Keep: cfg.Quarantine.Keep, MaxSize: cfg.Quarantine.MaxSize})
		if err != nil {
			return nil, err
		}
	}
	dir := filepath.Join(cfg.WorkDir, "journal")
	if old := g.current.Load(); old != nil && old.journal.dir == dir {
		next.journal = old.journal
		return next, nil
	}
	next.journal, err = openJournal(dir, time.Now)
	return next, err
}

func serverOptions(cfg *config.Config, e *Engine, h proxy.Handler) proxy.Options {
	o := proxy.Options{
		Hostname:    cfg.Hostname,
		MessageSize: int64(cfg.MessageSize),
		Limits: proxy.Limits{
			Connections:          cfg.Limits.Connections,
			ConnectionsPerClient: cfg.Limits.ConnectionsPerClient,
			Messages:             cfg.Limits.Messages,
			Octets:               int64(cfg.Limits.InFlight),
		},
		Timeouts: proxy.Timeouts{Idle: cfg.Timeouts.Idle, Data: cfg.Timeouts.Data, NextHop: cfg.Timeouts.NextHop},
		Spooler:  e.Spooler,
		Handle:   h,
	}
	for _, l := range cfg.Listen {
		o.Listeners = append(o.Listeners, proxy.Listener{
			Name:            l.Name,
			Address:         proxy.Address(l.Address),
			Protocol:        proxy.Protocol(l.Protocol),
			Mode:            proxy.Mode(l.Mode),
			NextHop:         proxy.Address(l.NextHop),
			NextHopProtocol: proxy.Protocol(l.NextHopProtocol),
			AllowClients:    l.AllowClients,
			PassBareLF:      l.BareNewline == "pass",
			MaxConnections:  l.MaxConnections,
		})
	}
	return o
}

// handler is what the proxy calls with every mail object, for as long as gen is in force.
func (g *Gateway) handler(gen *generation) proxy.Handler {
	return func(ctx context.Context, tx *proxy.Transaction) []proxy.Reply {
		begin := time.Now()
		env := tx.Envelope
		d := &delivery{
			cfg: gen.cfg, engine: gen.engine, store: gen.store, journal: gen.journal, metrics: g.metrics, tx: tx, env: env,
			log: g.log.WithFields(logrus.Fields{"id": env.ID, "queue_id": env.Client.Ident}),
		}
		d.replies = d.handle(ctx)
		took := time.Since(begin)
		g.metrics.count(d, took)
		d.logLine(took)
		return d.replies
	}
}

// handle looks at the mail object and does what is decided about it.
func (d *delivery) handle(ctx context.Context) []proxy.Reply {
	d.fates = make([]policy.Fate, len(d.env.RcptTo))
	d.replies = make([]proxy.Reply, len(d.env.RcptTo))
	account, err := d.engine.Inspect(ctx, d.env, d.tx.Content, d.tx.Content.Size())
	if err != nil {
		d.log.WithError(err).Error("message could not be read")
		return d.all(policy.Defer, d.deferred())
	}
	d.account = account
	d.tx.Pending = account.Result.Pending
	if n := hops(account.Message.Header(), d.cfg.Hostname); n > d.cfg.MaxHops {
		d.log.WithField("hops", n).Warn("mail loop")
		return d.all(policy.Reject, d.text(554, "5.4.6", "Error: mail loops back to this host"))
	}
	return d.run(ctx)
}

// all is one fate and one reply for every recipient.
func (d *delivery) all(f policy.Fate, r proxy.Reply) []proxy.Reply {
	for i := range d.fates {
		d.fates[i] = f
	}
	return d.every(r)
}

// logLine writes the one line that every message gets.
func (d *delivery) logLine(took time.Duration) {
	fields := logrus.Fields{
		"listener": d.tx.Listener.Name,
		"client":   d.env.Client.Addr,
		"from":     d.env.MailFrom.Address,
		"nrcpt":    len(d.env.RcptTo),
		"to":       d.env.RcptTo[0].Address,
		"size":     d.tx.Content.Size(),
		"fate":     d.fateWords(),
		"reply":    worst(d.replies).String(),
		"dur":      took.Round(10 * time.Microsecond).String(),
	}
	if d.account != nil {
		fields["code"] = strings.Join(codes(d.account.Result.Findings), ",")
		if len(d.account.Dispositions) > 0 {
			fields["score"] = d.account.Dispositions[0].Score
			fields["policy"] = d.account.Dispositions[0].Policy
		}
	}
	d.log.WithFields(fields).Info("message")
}

// fateWords names the fates of the recipients, each once.
func (d *delivery) fateWords() string {
	var words []string
	seen := map[policy.Fate]bool{}
	for i, f := range d.fates {
		if d.replies[i].Temporary() {
			f = policy.Defer
		}
		if !seen[f] {
			seen[f] = true
			words = append(words, f.String())
		}
	}
	return strings.Join(words, ",")
}

// Config is the config in force.
func (g *Gateway) Config() *config.Config { return g.current.Load().cfg }

// Engine is the engine in force.
func (g *Gateway) Engine() *Engine { return g.current.Load().engine }

// Server is the proxy, for its addresses.
func (g *Gateway) Server() *proxy.Server { return g.server }

// Expire removes from the quarantine what is too old or too much.
func (g *Gateway) Expire(ctx context.Context) error {
	store := g.current.Load().store
	if store == nil {
		return nil
	}
	n, octets, err := store.Expire(ctx)
	if n > 0 {
		g.log.WithFields(logrus.Fields{"messages": n, "octets": octets}).Info("quarantine expired")
	}
	if err != nil {
		return fmt.Errorf("expire quarantine: %w", err)
	}
	return nil
}

// Shutdown stops taking mail and waits for what is in work, until ctx ends.
func (g *Gateway) Shutdown(ctx context.Context) error { return g.server.Shutdown(ctx) }
