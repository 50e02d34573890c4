// SPDX-License-Identifier: Apache-2.0

// Package fpscan scans with F-PROT Antivirus (Frisk, later Cyren and Command) by the protocol of its daemon fpscand, version
// 1.0: SCAN STREAM and HELP. It does not use files that the daemon has to open, nor queues: each scan has a connection of its
// own. The filter "virus" calls it.
package fpscan

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of an fpscan scanner.
type Options struct {
	Address string `yaml:"address" doc:"Of fpscand: host:port or unix:/path."`
}

// DefaultOptions are those of the daemon.
func DefaultOptions() Options {
	return Options{Address: "127.0.0.1:10200"}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error { return scanners.CheckAddress(o.Address) }

// Kind is the kind of scanner that the config calls fpscan.
func Kind() scanners.Kind {
	return scanners.NewKind("fpscan", DefaultOptions, func(o Options, _ scanners.Deps) (*Scanner, error) { return New(o) })
}

// New makes a scanner. It does not connect.
func New(o Options) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("fpscan: %w", err)
	}
	return &Scanner{options: o}, nil
}

// Scanner scans with one fpscand. It is safe for many goroutines.
type Scanner struct {
	options Options
}

var _ scanners.Scanner = (*Scanner)(nil)

// streamName is what content is called towards the daemon. Nothing of the message is told: the name comes back in the answer.
const streamName = "mailweir"

// maxAnswer bounds the octets of an answer.
const maxAnswer = 4 * scanners.MaxLine

// Scan hands the content over by SCAN STREAM.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("fpscan: %w", err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	c, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return scanners.Report{}, err
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "SCAN STREAM %s SIZE %d\n", streamName, size); err != nil {
		return scanners.Report{}, err
	}
	reading, sending := scanners.Send(c, scanners.Exactly(r, size))
	if reading != nil {
		return scanners.Report{}, reading
	}
	// The daemon may answer and close before it has read all, if the content is too large for it. The answer is there to be read.
	line, err := scanners.NewLines(c, maxAnswer).Next()
	if err != nil {
		return scanners.Report{}, errors.Join(sending, err)
	}
	report, err := parseAnswer(line)
	if sending != nil && report.Verdict == scanners.Clean {
		return scanners.Report{}, fmt.Errorf("clean before all was sent: %w", sending)
	}
	return report, err
}

// Probe asks for the versions of daemon and engine and the date and digest of the signatures by HELP.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	engine, err = s.probe(ctx)
	if err != nil {
		return "", fmt.Errorf("fpscan: %w", err)
	}
	return engine, nil
}

func (s *Scanner) probe(ctx context.Context) (string, error) {
	c, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "HELP\n"); err != nil {
		return "", err
	}
	line, err := scanners.NewLines(c, maxAnswer).Next()
	if err != nil {
		return "", err
	}
	return parseHelp(line)
}
