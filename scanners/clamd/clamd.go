// SPDX-License-Identifier: Apache-2.0

// Package clamd scans with ClamAV's daemon: INSTREAM and VERSION of clamd(8), over a unix socket or TCP. It does not
// use a file that clamd has to open, nor sessions: each scan has a connection of its own. The filter "virus" calls it.
package clamd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of a clamd scanner.
type Options struct {
	Address         string    `yaml:"address" doc:"Address of clamd: unix:/path or host:port."`
	StreamMaxLength mail.Size `yaml:"stream_max_length" doc:"Not more than StreamMaxLength, MaxFileSize and MaxScanSize of clamd.conf. Larger content is unscannable."`
	Heuristics      string    `yaml:"heuristics" oneof:"unscannable infected" doc:"What Heuristics.Limits.Exceeded and Heuristics.Encrypted are: unscannable or infected."`
}

// DefaultOptions are those of Debian's clamd.
func DefaultOptions() Options {
	return Options{
		Address:         "unix:/run/clamav/clamd.ctl",
		StreamMaxLength: 25 << 20,
		Heuristics:      "unscannable",
	}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if err := scanners.CheckAddress(o.Address); err != nil {
		errs = append(errs, err)
	}
	if o.StreamMaxLength <= 0 {
		errs = append(errs, fmt.Errorf("stream_max_length %v: want more than 0", o.StreamMaxLength))
	}
	if o.Heuristics != "unscannable" && o.Heuristics != "infected" {
		errs = append(errs, fmt.Errorf("heuristics %q: want unscannable or infected", o.Heuristics))
	}
	return errors.Join(errs...)
}

// Kind is the kind of scanner that the config calls clamd.
func Kind() scanners.Kind {
	return scanners.NewKind("clamd", DefaultOptions, func(o Options, _ scanners.Deps) (*Scanner, error) { return New(o) })
}

// New makes a scanner. It does not connect.
func New(o Options) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("clamd: %w", err)
	}
	return &Scanner{options: o}, nil
}

// Scanner scans with one clamd. It is safe for many goroutines.
type Scanner struct {
	options Options
}

var _ scanners.Scanner = (*Scanner)(nil)

// Scan hands the content over by INSTREAM.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	if size > int64(s.options.StreamMaxLength) {
		return tooLarge(), nil
	}
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("clamd: %w", err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	conn, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return scanners.Report{}, err
	}
	defer conn.Close()
	sent := send(conn, scanners.Exactly(r, size))
	if _, refused := errors.AsType[*writeError](sent); sent != nil && !refused {
		return scanners.Report{}, sent // The content failed: clamd waits for the rest of it.
	}
	// clamd answers and closes before it has read all if the content is too large for it. The answer is there to be read.
	text, err := readAnswer(conn)
	if err != nil && sent != nil {
		err = sent
	}
	if err != nil {
		return scanners.Report{}, err
	}
	report, err := parseAnswer(text, s.options.Heuristics == "infected")
	if sent != nil && report.Verdict == scanners.Clean {
		return scanners.Report{}, fmt.Errorf("clean before all was sent: %w", sent)
	}
	return report, err
}

// Probe asks for the version, such as "ClamAV 1.4.3/27000/Tue Jul  1 10:00:00 2025": engine, signatures and their date.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	text, err := s.ask(ctx, "zVERSION\x00")
	if err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	engine = scanners.Line(text)
	if !isVersion(engine) {
		return "", fmt.Errorf("clamd: unexpected version %q", engine)
	}
	return engine, nil
}

func (s *Scanner) ask(ctx context.Context, command string) (string, error) {
	conn, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, command); err != nil {
		return "", err
	}
	return readAnswer(conn)
}
