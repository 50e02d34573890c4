// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/scanners"
)

// How often a scanner is asked for its signatures' version, and how long it may take.
const (
	probeEvery   = time.Minute
	probeTimeout = 5 * time.Second
)

// engine is one scanner as the filter uses it.
type engine struct {
	index   int
	name    string
	scanner scanners.Scanner
	cache   *cache // Nil if nothing is kept.
	metrics *metrics
	log     logrus.FieldLogger

	mu         sync.Mutex
	nextProbe  time.Time
	version    string // What the last probe that was answered said.
	signatures int    // Counts the versions seen.
	known      bool   // Whether the last probe was answered: else verdicts are not kept.
}

// answer is what an engine said of one content.
type answer struct {
	engine *engine
	report scanners.Report
	err    error
}

// ask has the scanner look at the content, or the cache.
func (e *engine) ask(ctx context.Context, it *item) answer {
	scan := func() (scanners.Report, error) { return e.scan(ctx, it) }
	k, ok := e.key(it)
	if !ok {
		r, err := scan()
		return answer{e, r, err}
	}
	r, hit, err := e.cache.do(ctx, k, scan)
	e.metrics.cached(hit)
	return answer{e, r, err}
}

// key is what the verdict would be kept under; ok is false if it is not to be.
func (e *engine) key(it *item) (k key, ok bool) {
	if e.cache == nil || it.digest == nil {
		return key{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return key{digest: *it.digest, engine: e.index, signatures: e.signatures}, e.known
}

// scan calls the scanner. What is no answer becomes an error: a report without verdict, a panic.
func (e *engine) scan(ctx context.Context, it *item) (r scanners.Report, err error) {
	began := time.Now()
	defer func() {
		if v := recover(); v != nil {
			e.log.WithFields(logrus.Fields{"id": it.id, "scanner": e.name, "err": v, "stack": string(debug.Stack())}).Error("scanner panicked")
			r, err = scanners.Report{}, fmt.Errorf("panic: %v", v)
		}
		e.metrics.scanned(e.name, r.Verdict, err, time.Since(began))
	}()
	r, err = e.scanner.Scan(ctx, it.reader(), it.size)
	if err != nil {
		return scanners.Report{}, err
	}
	switch r.Verdict {
	case scanners.Clean, scanners.Infected, scanners.Unscannable:
		return r, nil
	case scanners.None:
	}
	return scanners.Report{}, fmt.Errorf("no answer (verdict %d)", r.Verdict)
}

// due tells if it is time for a probe, and if so takes it on for the caller.
func (e *engine) due(now time.Time) bool {
	if e.cache == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if now.Before(e.nextProbe) {
		return false
	}
	e.nextProbe = now.Add(probeEvery)
	return true
}

// probe asks the scanner for its version. While it does not tell, verdicts are neither kept nor used.
func (e *engine) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	version, err := e.safeProbe(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known = err == nil
	if err == nil && (e.signatures == 0 || version != e.version) {
		e.version = version
		e.signatures++
	}
}

func (e *engine) safeProbe(ctx context.Context) (version string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return e.scanner.Probe(ctx)
}
