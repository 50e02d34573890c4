// SPDX-License-Identifier: Apache-2.0

// Package gateway is the main flow: a config goes in, a running server comes out. It alone knows both the proxy and the filters:
// it takes mail objects from the one, has the others look at them, asks the policy what becomes of them, and does it.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	allfilters "github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/proxy"
)

var errNoQuarantine = errors.New("no quarantine is configured")

// Gateway is the running server. Its methods are safe for many goroutines.
type Gateway struct {
	log     logrus.FieldLogger
	metrics *metrics
	server  *proxy.Server
	kinds   []filters.Kind
	now     func() time.Time
	follows sync.WaitGroup // Filters that learn what became of a message.
	current atomic.Pointer[generation]
	mu      sync.Mutex // One change of the config at a time.
	reg     *switchboard
	uses    *uses
}

// New starts a gateway by cfg: when it returns without an error it takes mail.
func New(cfg *config.Config, log logrus.FieldLogger, reg prometheus.Registerer) (*Gateway, error) {
	return start(cfg, log, reg, allfilters.Kinds(), time.Now)
}

// start is New with the filters that there are, and their clock.
func start(cfg *config.Config, log logrus.FieldLogger, reg prometheus.Registerer, kinds []filters.Kind, now func() time.Time) (*Gateway, error) {
	g := &Gateway{log: log, metrics: newMetrics(reg), kinds: kinds, now: now, reg: newSwitchboard(), uses: newUses(log)}
	reg.MustRegister(g.reg)
	g.server = proxy.NewServer(log, reg)
	if err := g.apply(cfg); err != nil {
		return nil, errors.Join(err, g.Shutdown(context.Background()))
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
	g.mu.Lock()
	defer g.mu.Unlock()
	reg := prometheus.NewRegistry()
	next, err := g.prepare(cfg, reg)
	if err != nil {
		return err
	}
	for _, l := range cfg.Listen {
		g.metrics.add(l.Name)
	}
	if err := g.server.Apply(serverOptions(cfg, next.engine, g.handler(next))); err != nil {
		g.uses.leave(next)
		return err
	}
	g.reg.set(reg, next.engine.names.metrics)
	if old := g.current.Swap(next); old != nil {
		g.uses.leave(old)
	}
	return nil
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

// Shutdown stops taking mail and waits for what is in work, and for filters that learn from it, until ctx ends. Then the filters and the journal write down
// what they hold.
func (g *Gateway) Shutdown(ctx context.Context) error {
	return errors.Join(g.server.Shutdown(ctx), g.learned(ctx), g.uses.close())
}

// learned waits for filters that learn what became of the last messages: they do so after the reply.
func (g *Gateway) learned(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.follows.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("filters still learn: %w", ctx.Err())
	}
}
