// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of the options.
const (
	maxServers  = 20
	maxInFlight = 1000
	maxFailures = 1000
)

// Options are the options of a filter that asks servers.
type Options struct {
	Servers   []string      `yaml:"servers" required:"true" doc:"addresses of the servers: host:port or unix:/path"`
	Choose    string        `yaml:"choose" oneof:"order spread" doc:"order: the first is asked, the next if it does not answer; spread: messages go evenly to all"`
	Timeout   time.Duration `yaml:"timeout" min:"100ms" max:"10m" doc:"how long a message waits for an answer, whatever number of servers is asked"`
	InFlight  int           `yaml:"in_flight" min:"1" max:"1000" doc:"messages that one server is given at once"`
	Failures  int           `yaml:"failures" min:"1" max:"1000" doc:"failures in a row that switch a server off"`
	OffFor    time.Duration `yaml:"off_for" min:"100ms" max:"1h" doc:"how long a server is switched off at first; twice as long each time it then fails again"`
	OffAtMost time.Duration `yaml:"off_at_most" min:"100ms" max:"24h" doc:"the longest that a server is left alone before it is tried again"`
}

// The words of choose.
const (
	chooseOrder  = "order"
	chooseSpread = "spread"
)

// DefaultOptions name no server.
func DefaultOptions() Options {
	return Options{Choose: chooseOrder, Timeout: 30 * time.Second, InFlight: 20, Failures: 5, OffFor: 5 * time.Second, OffAtMost: 2 * time.Minute}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if n := len(o.Servers); n == 0 || n > maxServers {
		errs = append(errs, fmt.Errorf("servers: have %d, want 1 to %d", n, maxServers))
	}
	for i, a := range o.Servers {
		if err := CheckAddress(a); err != nil {
			errs = append(errs, fmt.Errorf("servers: %w", err))
		}
		if slices.Contains(o.Servers[:i], a) {
			errs = append(errs, fmt.Errorf("servers: %.120q is named twice", a))
		}
	}
	if o.Choose != chooseOrder && o.Choose != chooseSpread {
		errs = append(errs, fmt.Errorf("choose: %.20q: want order or spread", o.Choose))
	}
	if o.Timeout <= 0 {
		errs = append(errs, errors.New("timeout: want some time"))
	}
	if o.InFlight < 1 || o.InFlight > maxInFlight {
		errs = append(errs, fmt.Errorf("in_flight: %d: want 1 to %d", o.InFlight, maxInFlight))
	}
	if o.Failures < 1 || o.Failures > maxFailures {
		errs = append(errs, fmt.Errorf("failures: %d: want 1 to %d", o.Failures, maxFailures))
	}
	if o.OffFor <= 0 || o.OffAtMost < o.OffFor {
		errs = append(errs, fmt.Errorf("off_for, off_at_most: %v, %v: want some time, and not less at most", o.OffFor, o.OffAtMost))
	}
	return errors.Join(errs...)
}
