// SPDX-License-Identifier: Apache-2.0

// Package command scans with any product that has a program for the command line. What the program wants to be told and how its
// answer reads is written in a profile, a YAML file: many are built in, and operators can write their own. The content is in a file of
// mailweir's work folder while the program runs; no shell is ever used. The filter "virus" calls it.
//
// A program costs far more than a daemon, as it loads its signatures for every scan: where a product has a daemon that one of the
// other scanners speaks to, that is the better way.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of a command scanner.
type Options struct {
	Profile  string   `yaml:"profile" doc:"Name of a built-in profile, or absolute path of one."`
	Program  string   `yaml:"program" doc:"Absolute path of the program, instead of the profile's."`
	Args     []string `yaml:"args" doc:"Arguments of one's own, where the profile has {args}."`
	Group    string   `yaml:"group" doc:"Group that may read the file, for programs that ask a daemon; \"\" is none."`
	Parallel int      `yaml:"parallel" doc:"How many may run at once; others wait."`
}

// DefaultOptions lack the profile.
func DefaultOptions() Options {
	return Options{Parallel: 2}
}

const maxParallel = 1000

// Validate tells what is wrong with the options, and with the profile they name.
func (o *Options) Validate() error {
	var errs []error
	p, err := loadProfile(o.Profile)
	if err != nil {
		errs = append(errs, err)
	}
	if o.Program != "" && !filepath.IsAbs(o.Program) {
		errs = append(errs, fmt.Errorf("program %q: want an absolute path", o.Program))
	}
	if p != nil && len(o.Args) > 0 && !p.takesArgs() {
		errs = append(errs, fmt.Errorf("args: profile %s has no place for them", p.Name))
	}
	if o.Parallel < 1 || o.Parallel > maxParallel {
		errs = append(errs, fmt.Errorf("parallel %d: want 1 to %d", o.Parallel, maxParallel))
	}
	return errors.Join(errs...)
}

// Kind is the kind of scanner that the config calls command.
func Kind() scanners.Kind {
	return scanners.NewKind("command", DefaultOptions, New)
}

// New makes a scanner. The program has to be there; it is not run.
func New(o Options, d scanners.Deps) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	p, err := loadProfile(o.Profile)
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	if o.Program != "" {
		p.Program = o.Program
	}
	if _, err := exec.LookPath(p.Program); err != nil {
		return nil, fmt.Errorf("command: profile %s: %w", p.Name, err)
	}
	files, err := scanners.NewFiles(d.WorkDir, o.Group)
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	return &Scanner{profile: p, args: o.Args, files: files, free: make(chan struct{}, o.Parallel)}, nil
}

// Scanner runs one program. It is safe for many goroutines.
type Scanner struct {
	profile *profile
	args    []string
	files   *scanners.Files
	free    chan struct{} // Holds an element for each program that runs.
}

var _ scanners.Scanner = (*Scanner)(nil)

// Scan puts the content into a file and runs the program on it. The file is gone when Scan returns, and so is the program with
// all that it has started.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("command %s: %w", s.profile.Name, err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	path, err := s.files.Write(ctx, scanners.Exactly(r, size))
	if err != nil {
		return scanners.Report{}, err
	}
	defer func() { _ = os.Remove(path) }()
	out, err := s.run(ctx, s.profile.Program, expand(s.profile.Args, s.args, path))
	if err != nil {
		return scanners.Report{}, err
	}
	return s.profile.judge(out)
}

// Probe runs the program's version command.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	program := s.profile.Program
	if s.profile.Version.Program != "" {
		program = s.profile.Version.Program
	}
	out, err := s.run(ctx, program, expand(s.profile.Version.Args, s.args, ""))
	if err == nil {
		engine, err = s.profile.engine(out)
	}
	if err != nil {
		return "", fmt.Errorf("command %s: %w", s.profile.Name, err)
	}
	return engine, nil
}

func (s *Scanner) run(ctx context.Context, program string, args []string) (output, error) {
	select {
	case s.free <- struct{}{}:
		defer func() { <-s.free }()
	case <-ctx.Done():
		return output{}, context.Cause(ctx)
	}
	return run(ctx, s.files.Dir(), program, args)
}
