// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/quarantine"
)

// generation is all that comes from one config.
type generation struct {
	cfg     *config.Config
	engine  *Engine
	store   *quarantine.Store // nil if there is none.
	journal *journal
}

// close has what it holds in memory written down, for the next one or the next process. It may be used after that; then close is to be called again.
func (gen *generation) close() error {
	err := gen.engine.Close()
	if gen.journal != nil { // Nil if it could not be opened.
		err = errors.Join(err, gen.journal.close())
	}
	return err
}

// prepare makes what comes from cfg. It is in use until it is left.
func (g *Gateway) prepare(cfg *config.Config, reg prometheus.Registerer) (*generation, error) {
	old := g.current.Load()
	var before *names
	if old != nil {
		before = old.engine.names
	}
	next := &generation{cfg: cfg}
	var err error
	if next.engine, err = newEngine(cfg, g.kinds, filters.Deps{Log: g.log, Registerer: reg, Now: g.now}, before); err != nil {
		return nil, err
	}
	g.uses.enter(next)
	if err := g.furnish(next, old, reg); err != nil {
		g.uses.leave(next)
		return nil, err
	}
	return next, nil
}

// furnish adds what is needed beside the engine, some of it from the generation before, if there is one.
func (g *Gateway) furnish(next, old *generation, reg prometheus.Registerer) (err error) {
	cfg := next.cfg
	if next.engine.signing, err = newSigning(cfg, reg, g.now); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	if cfg.Quarantine.Dir != "" {
		next.store, err = quarantine.Open(cfg.Quarantine.Dir, quarantine.Options{Keep: cfg.Quarantine.Keep, MaxSize: cfg.Quarantine.MaxSize})
		if err != nil {
			return err
		}
	}
	dir := filepath.Join(cfg.WorkDir, "journal")
	if old != nil && old.journal.dir == dir {
		next.journal = old.journal
		return nil
	}
	next.journal, err = openJournal(dir, g.now)
	return err
}

// uses counts who uses a generation: the server as long as it is in force, and each message that is looked at, or learned, by it. What nobody uses any more
// is closed. Safe for many goroutines.
type uses struct {
	log     logrus.FieldLogger
	closing sync.WaitGroup

	mu sync.Mutex
	of map[*generation]int
}

func newUses(log logrus.FieldLogger) *uses { return &uses{log: log, of: map[*generation]int{}} }

// enter is one more that uses gen. That may be one that was closed: by a transaction that was open when the config was changed. It is closed again then.
func (u *uses) enter(gen *generation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.of[gen]++
}

// leave is one less. It waits for nothing: there may be somebody who waits for a reply.
func (u *uses) leave(gen *generation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[gen]--; u.of[gen] != 0 {
		return
	}
	delete(u.of, gen)
	u.closing.Go(func() {
		if err := gen.close(); err != nil {
			u.log.WithError(err).Error("config that was left could not write down what it holds")
		}
		debug.FreeOSMemory() // What was learned may be most of what the process has; with one more for each reload it would be several times that.
	})
}

// leaveAfter is leave once pending is closed; nil is closed already.
func (u *uses) leaveAfter(gen *generation, pending <-chan struct{}) {
	if pending == nil {
		u.leave(gen)
		return
	}
	go func() {
		<-pending
		u.leave(gen)
	}()
}

// close closes all that is still in use, such as by a filter that does not end, and waits for what is being closed. No message comes any more.
func (u *uses) close() error {
	u.mu.Lock()
	var errs []error
	for gen := range u.of {
		errs = append(errs, gen.close())
	}
	clear(u.of)
	u.mu.Unlock()
	u.closing.Wait()
	return errors.Join(errs...)
}
