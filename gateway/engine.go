// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	allfilters "github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/scanners"
	allscanners "github.com/mailweir/mailweir/scanners/all"
	"github.com/mailweir/mailweir/unpack"
)

// Engine looks at messages and says what becomes of them, by one config. The server and "mailweir check" share it: to look changes nothing but what scanners
// and servers that are asked remember of it. Filters learn by Follow alone. It never changes itself; safe for many goroutines.
type Engine struct {
	Scanners map[string]scanners.Scanner // By their names in the config.
	Spooler  *mail.Spooler
	Unpacker *unpack.Unpacker

	cfg     *config.Config
	chain   *filters.Chain
	names   *names
	signing *signing // Of a server; nil for commands that hand nothing on, which need not be able to read the keys.
}

// Account is all that is known about one message: what was found and what becomes of it, recipient by recipient.
type Account struct {
	Envelope     *mail.Envelope // As it was given, with what the config knows of the way that the message goes.
	Message      *mail.Message
	Result       filters.Result
	Dispositions []policy.Disposition // One for each recipient of the envelope, in order.
	Took         time.Duration
}

// Release gives back what was unpacked of the message, once no filter works on it any more. The channel, if there is one, is closed when
// that is done: until then the message's content stays open.
func (a *Account) Release() <-chan struct{} {
	if a.Result.Pending == nil && !a.Message.Busy() {
		// Content that was only read cannot lose anything by a failed close.
		_ = a.Message.Close()
		return nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if a.Result.Pending != nil {
			<-a.Result.Pending
		}
		_ = a.Message.Close()
	}()
	return done
}

// NewEngine builds the scanners and the chain of a config, for a command that only looks. Each engine wants a registry of its own, because every config
// brings its own filters.
func NewEngine(cfg *config.Config, log logrus.FieldLogger, reg prometheus.Registerer) (*Engine, error) {
	return newEngine(cfg, allfilters.Kinds(), filters.Deps{Log: log, Registerer: reg, Look: true, Now: time.Now}, nil)
}

// newEngine builds an engine of filters of the kinds given, with what deps has of the server. The resolver of the engine before is used again if it can be. On an
// error no filter is left open.
func newEngine(cfg *config.Config, kinds []filters.Kind, deps filters.Deps, old *names) (*Engine, error) {
	log, reg := deps.Log, deps.Registerer
	dir := cfg.Spool.Dir
	if dir == "" {
		dir = cfg.WorkDir
	}
	e := &Engine{
		cfg:      cfg,
		Spooler:  &mail.Spooler{Dir: dir, Memory: int64(cfg.Spool.Memory), MemoryTotal: int64(cfg.Spool.MemoryTotal)},
		Scanners: map[string]scanners.Scanner{},
	}
	if err := e.makeScanners(); err != nil {
		return nil, err
	}
	var err error
	if e.names, err = newNames(cfg, filters.LogOrNone(log), old); err != nil {
		return nil, fmt.Errorf("dns: %w", err)
	}
	e.Unpacker = &unpack.Unpacker{Spooler: e.Spooler, Options: cfg.Unpack.Options()}
	deps.Unpacker, deps.Scanners, deps.Resolver, deps.Trusted = e.Unpacker, e.Scanners, e.names.resolver, cfg.Networks.Trusted
	stages, err := makeStages(cfg, kinds, deps)
	if err == nil {
		c := filters.ChainConfig{Log: log, Registerer: reg, Unpacker: e.Unpacker}
		if cfg.StopEarly {
			c.Settled = cfg.Policies.Settled
		}
		e.chain, err = filters.NewChain(stages, c)
	}
	if err != nil {
		closeStages(stages)
		return nil, err
	}
	return e, nil
}

// closeStages closes filters that no chain has.
func closeStages(stages []filters.Stage) {
	for _, named := range slices.Concat(stages...) {
		if f, ok := named.Filter.(io.Closer); ok {
			_ = f.Close() // It has seen no message.
		}
	}
}

func (e *Engine) makeScanners() error {
	kinds := allscanners.Kinds()
	for _, name := range slices.Sorted(maps.Keys(e.cfg.Scanners)) {
		spec := e.cfg.Scanners[name]
		i := slices.IndexFunc(kinds, func(k scanners.Kind) bool { return k.Name == spec.Kind })
		if i < 0 {
			return fmt.Errorf("scanner %s: no such kind: %s", name, spec.Kind)
		}
		s, err := kinds[i].New(spec.Options, scanners.Deps{WorkDir: e.cfg.WorkDir})
		if err != nil {
			return fmt.Errorf("scanner %s: %w", name, err)
		}
		e.Scanners[name] = s
	}
	return nil
}

// makeStages makes the filters; on errors, of which each is of one filter, those that can be made.
func makeStages(cfg *config.Config, kinds []filters.Kind, deps filters.Deps) ([]filters.Stage, error) {
	stages := make([]filters.Stage, len(cfg.Chain))
	var errs []error
	for n, specs := range cfg.Chain {
		for _, spec := range specs {
			i := slices.IndexFunc(kinds, func(k filters.Kind) bool { return k.Name == spec.Name })
			if i < 0 {
				errs = append(errs, fmt.Errorf("filter %s: no such filter", spec.Name))
				continue
			}
			f, err := kinds[i].New(spec.Options, deps)
			if err != nil {
				errs = append(errs, fmt.Errorf("filter %s: %w", spec.Name, err))
				continue
			}
			timeout := spec.Timeout
			if timeout == 0 {
				timeout = cfg.Timeouts.Filter
			}
			stages[n] = append(stages[n], filters.Named{Name: spec.Name, Filter: f, Timeout: timeout, Inbound: kinds[i].Spam})
		}
	}
	return stages, errors.Join(errs...)
}

// Resolver is the resolver of all filters; nil if there is no name server to ask.
func (e *Engine) Resolver() *resolver.Resolver { return e.names.resolver }

// Follow tells the filters that learn from it what became of a message, for each recipient of the envelope in order.
func (e *Engine) Follow(ctx context.Context, a *Account, settled []filters.Settled) {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeouts.Message)
	defer cancel()
	e.chain.Follow(ctx, a.Envelope, a.Message, a.Result, filters.Outcome{Findings: a.Result.Findings, Recipients: settled})
}

// Explain asks the filters for what they can tell a person about a message; it may quote it.
func (e *Engine) Explain(ctx context.Context, a *Account) []filters.Explanation {
	return e.chain.Explain(ctx, a.Envelope, a.Message, a.Result)
}

// Close has the filters write down what they hold in memory. A message that comes after that is looked at all the same; then Close is to be called again.
func (e *Engine) Close() error { return e.chain.Close() }

// Inspect reads a message, runs the chain over it and decides for each recipient. An error means that content could not be
// read. The account is to be released; content stays open until then.
func (e *Engine) Inspect(ctx context.Context, env *mail.Envelope, content io.ReaderAt, size int64) (*Account, error) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeouts.Message)
	defer cancel()
	msg, err := mail.Parse(content, size, mail.NewBudget(e.cfg.MailLimits(), nil))
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	ctx = resolver.NewBudget(e.cfg.DNS.PerMessage, e.cfg.DNS.MessageTimeout).Pays(ctx)
	known := *env
	known.Outbound = e.cfg.Outbound(env)
	env = &known
	a := &Account{Message: msg, Envelope: env}
	var sealed func([]filters.Finding) bool
	if e.cfg.StopEarly {
		sealed = func(f []filters.Finding) bool { return e.cfg.Policies.Sealed(env, f) }
	}
	a.Result = e.chain.Run(ctx, env, msg, sealed)
	a.Dispositions = e.cfg.Policies.DecideAll(env, a.Result.Findings)
	a.Took = time.Since(begin)
	return a, nil
}
