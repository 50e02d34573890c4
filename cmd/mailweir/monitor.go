// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/proxy"
)

// monitor serves /metrics, /healthz (the process is alive) and /readyz (it takes mail).
type monitor struct {
	http  *http.Server
	ready atomic.Bool
}

// startMonitor listens where the config says; nowhere if it says nothing.
func startMonitor(cfg *config.Config, reg *prometheus.Registry, log logrus.FieldLogger) (*monitor, error) {
	m := &monitor{}
	m.ready.Store(true)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{Registry: reg}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", m.serveReady)
	m.http = &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	a := cfg.Metrics.Address
	if a.IsZero() {
		return m, nil
	}
	l, err := listenMetrics(a)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	log.WithField("address", l.Addr().String()).Info("metrics")
	go func() { _ = m.http.Serve(l) }() // Ends with close.
	return m, nil
}

// listenMetrics listens at an address. A socket that another server answers on stays, and so does what is no socket.
func listenMetrics(a config.Address) (net.Listener, error) {
	if a.Network == "unix" {
		return proxy.ListenUnix(a.Addr, 0o660)
	}
	return net.Listen(a.Network, a.Addr)
}

func (m *monitor) serveReady(w http.ResponseWriter, _ *http.Request) {
	if !m.ready.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

func (m *monitor) notReady() { m.ready.Store(false) }

func (m *monitor) close() error { return m.http.Close() }

func healthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Ask the running server if it takes mail",
		Long:  "Ask the running server if it takes mail, by its /readyz. The exit status is 0 if it does, and 1 if not: for the health check of a container.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if err := askReady(cmd.Context(), cfg.Metrics.Address); err != nil {
				printf(cmd.ErrOrStderr(), "mailweir: %v\n", err)
				return errFault
			}
			return nil
		},
	}
}

// healthTimeout bounds the wait for the answer to "mailweir health".
const healthTimeout = 5 * time.Second

// askReady asks the server whose metrics address is a.
func askReady(ctx context.Context, a config.Address) error {
	if a.IsZero() {
		return errors.New("metrics.address is not set, so there is nobody to ask")
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	resp, err := ask(ctx, a, http.MethodGet, "/readyz")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", resp.Status)
	}
	return nil
}
