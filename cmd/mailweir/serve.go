// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/gateway"
)

// expireEvery is how often the quarantine is looked through for what is too old or too much.
const expireEvery = 10 * time.Minute

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: "Run the server in the foreground. SIGHUP reads the config file again, as \"mailweir reload\" does; if it has a fault the\n" +
			"config in force stays. SIGTERM ends it: what is in work is finished first.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg)
		},
	}
}

// server is a running gateway with what surrounds it.
type server struct {
	log     *logrus.Logger
	gateway *gateway.Gateway
	web     *monitor
	control *control
	notify  notifier
}

// serve runs until ctx ends.
func serve(ctx context.Context, cfg *config.Config) error {
	s := &server{log: newLogger(cfg), notify: newNotifier()}
	hup := make(chan os.Signal, 1) // From the very start: without it the signal would end the process.
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	s.warn(cfg)
	if err := s.start(cfg); err != nil {
		return err
	}
	s.log.WithFields(logrus.Fields{"version": version(), "config": cfg.File}).Info("ready")
	s.notify.send("READY=1\nSTATUS=Taking mail")
	s.loop(ctx, hup)
	return s.stop()
}

// warn logs what is no fault of the config but likely no intention.
func (s *server) warn(cfg *config.Config) {
	for _, w := range cfg.Warnings {
		s.log.WithField("warning", w).Warn("config")
	}
}

// start brings up the gateway and what surrounds it. On an error nothing is left running.
func (s *server) start(cfg *config.Config) (err error) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo())
	if s.gateway, err = gateway.New(cfg, s.log, reg); err != nil {
		return err
	}
	if s.web, err = startMonitor(cfg, reg, s.log); err != nil {
		return errors.Join(err, s.gateway.Shutdown(context.Background()))
	}
	if s.control, err = startControl(cfg.WorkDir, s.reload); err != nil {
		return errors.Join(err, s.web.close(), s.gateway.Shutdown(context.Background()))
	}
	return nil
}

// loop does what has to be done from time to time, and at SIGHUP, until ctx ends. The watchdog is fed apart from that, because to read a large list
// or to look through a large quarantine takes its time.
func (s *server) loop(ctx context.Context, hup <-chan os.Signal) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.expire(ctx) })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
				_ = s.reload() // It has told the log.
			}
		}
	})
	watchdog, stop := s.notify.watchdog()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-watchdog:
			s.notify.send("WATCHDOG=1")
		}
	}
}

// expire looks through the quarantine from time to time, until ctx ends.
func (s *server) expire(ctx context.Context) {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.gateway.Expire(ctx); err != nil {
				s.log.WithError(err).Warn("quarantine")
			}
		}
	}
}

// reload reads the config file again and puts it in force, or keeps the one in force and says why. It may be called by many
// goroutines at once: the gateway takes one config after the other.
func (s *server) reload() error {
	s.notify.reloading()
	defer s.notify.send("READY=1")
	cfg, err := s.nextConfig()
	if err != nil {
		s.gateway.RefusedReload()
	} else {
		err = s.gateway.Reload(cfg)
	}
	if err != nil {
		s.log.WithError(err).Error("config not changed")
		return err
	}
	setLogger(s.log, cfg)
	s.warn(cfg)
	s.log.WithField("config", cfg.File).Info("config changed")
	return nil
}

// nextConfig reads the config file again and refuses what cannot be put in force by a running server.
func (s *server) nextConfig() (*config.Config, error) {
	old := s.gateway.Config()
	cfg, err := config.Load(old.File)
	if err == nil && (old.Metrics != cfg.Metrics || old.WorkDir != cfg.WorkDir) {
		err = errors.New("metrics and work_dir cannot change without a restart")
	}
	return cfg, err
}

// stop ends the server in bounded time.
func (s *server) stop() error {
	s.notify.send("STOPPING=1")
	timeout := s.gateway.Config().Timeouts.Shutdown
	s.log.WithField("dur", timeout).Info("stopping: waiting for messages in work")
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	s.web.notReady()
	err := s.gateway.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("stopped with messages in work; Postfix sends them again")
		err = nil
	}
	err = errors.Join(err, s.control.close(), s.web.close())
	s.log.Info("stopped")
	return err
}

func newLogger(cfg *config.Config) *logrus.Logger {
	log := logrus.New()
	log.SetOutput(os.Stderr)
	setLogger(log, cfg)
	return log
}

func setLogger(log *logrus.Logger, cfg *config.Config) {
	if level, err := logrus.ParseLevel(cfg.Log.Level); err == nil {
		log.SetLevel(level)
	}
	if cfg.Log.Format == "json" {
		log.SetFormatter(&logrus.JSONFormatter{})
		return
	}
	log.SetFormatter(&logrus.TextFormatter{FullTimestamp: true, DisableColors: true})
}
