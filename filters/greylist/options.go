// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Limits of the options.
const (
	minEntries = 1000
	maxEntries = 10_000_000
	maxClients = 1000
)

// Words of fates.
const (
	fateDeliver = "deliver"
	fateDefer   = "defer"
)

// Options are the filter's options.
type Options struct {
	File        string        `yaml:"file" doc:"file with what was seen; made if it is not there, as is the secret beside it, with .key behind its name"`
	Delay       time.Duration `yaml:"delay" min:"1s" max:"24h" doc:"how long after the first attempt a stranger may come again"`
	ExpireRetry time.Duration `yaml:"expire_retry" min:"1h" max:"720h" doc:"how long after the first attempt the next one counts for the second"`
	Keep        time.Duration `yaml:"keep" min:"24h" max:"9600h" doc:"how long who has come back is known after his last message"`
	Clients     int           `yaml:"clients" min:"0" max:"1000" doc:"so many triplets of a client that came back let all others of that client pass; 0 for never"`
	MaxEntries  int           `yaml:"max_entries" min:"1000" max:"10000000" doc:"triplets that are kept; each takes about 120 octets of memory"`
}

// DefaultOptions name no file.
func DefaultOptions() *Options {
	return &Options{Delay: 5 * time.Minute, ExpireRetry: 48 * time.Hour, Keep: 35 * 24 * time.Hour, Clients: 5, MaxEntries: 250_000}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if o.File == "" || !filepath.IsAbs(o.File) {
		errs = append(errs, fmt.Errorf("file: %q: want the absolute path of a file", o.File))
	}
	if o.Delay < time.Second || o.ExpireRetry <= o.Delay {
		errs = append(errs, fmt.Errorf("delay, expire_retry: %v, %v: want at least 1s, and the second longer than the first", o.Delay, o.ExpireRetry))
	}
	if o.Keep < o.ExpireRetry {
		errs = append(errs, fmt.Errorf("keep: %v: want at least expire_retry, %v", o.Keep, o.ExpireRetry))
	}
	if o.Clients < 0 || o.Clients > maxClients {
		errs = append(errs, fmt.Errorf("clients: %d: want 0 to %d", o.Clients, maxClients))
	}
	if o.MaxEntries < minEntries || o.MaxEntries > maxEntries {
		errs = append(errs, fmt.Errorf("max_entries: %d: want %d to %d", o.MaxEntries, minEntries, maxEntries))
	}
	return errors.Join(errs...)
}
