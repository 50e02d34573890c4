// SPDX-License-Identifier: Apache-2.0

// Package hashes knows malware by its digest: lists of SHA-256, SHA-1 and MD5 in files, and the EICAR test file. It
// needs no daemon, so it is what mailweir scans with before any product is set up. It looks at the octets it is given
// as a whole: a virus that is changed by one octet is not on the list, and "clean" means "not on any list".
package hashes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/mailweir/mailweir/reload"
	"github.com/mailweir/mailweir/scanners"
)

// Options are the scanner's options.
type Options struct {
	Files      []string      `yaml:"files" path:"file" doc:"Lists, absolute paths."`
	EICAR      bool          `yaml:"eicar" doc:"Whether the EICAR test file is infected."`
	CheckEvery time.Duration `yaml:"check_every" doc:"How often, at most, the files are looked at for a change."`
}

// DefaultOptions is the EICAR test file and no list.
func DefaultOptions() Options {
	return Options{EICAR: true, CheckEvery: 5 * time.Second}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	for _, f := range o.Files {
		if !filepath.IsAbs(f) {
			errs = append(errs, fmt.Errorf("files: %q: want an absolute path", f))
		}
	}
	if len(o.Files) == 0 && !o.EICAR {
		errs = append(errs, errors.New("files: want at least one list, or eicar: true"))
	}
	if o.CheckEvery < time.Second || o.CheckEvery > time.Hour {
		errs = append(errs, fmt.Errorf("check_every: %v: want 1s to 1h", o.CheckEvery))
	}
	return errors.Join(errs...)
}

// Kind is the kind of scanner that the config calls hashes.
func Kind() scanners.Kind {
	return scanners.NewKind("hashes", DefaultOptions, func(o Options, _ scanners.Deps) (*Scanner, error) { return New(o) })
}

// New loads the lists. A list that is missing or broken is an error that names file and line.
func New(o Options) (*Scanner, error) {
	return newScanner(o, time.Now)
}

func newScanner(o Options, now func() time.Time) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("hashes: %w", err)
	}
	files, err := reload.Open(o.Files, reload.Options{Every: o.CheckEvery, MaxOctets: maxFile, Now: now}, readLists)
	if err != nil {
		return nil, fmt.Errorf("hashes: %w", err)
	}
	return &Scanner{
		eicar:   o.EICAR,
		files:   files,
		buffers: sync.Pool{New: func() any { return new([bufferSize]byte) }},
	}, nil
}

// Scanner looks content up. It is safe for many goroutines.
type Scanner struct {
	eicar   bool
	files   *reload.Files[lists]
	buffers sync.Pool // Of *[bufferSize]byte.
}

var _ scanners.Scanner = (*Scanner)(nil)

const bufferSize = 32 << 10 // Octets read at a time.

// Scan reads r once and computes only the digests that the lists ask for. With no list it does not read what is too long
// to be the EICAR test file.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	l := s.files.Current()
	hashes := l.hashes()
	if err := context.Cause(ctx); err != nil {
		return scanners.Report{}, fmt.Errorf("hashes: %w", err)
	}
	if len(hashes) == 0 && size > maxEICAR {
		return scanners.Report{Verdict: scanners.Clean}, nil
	}
	head := &head{}
	writers := []io.Writer{head}
	for _, h := range hashes {
		writers = append(writers, h)
	}
	if err := s.read(ctx, io.MultiWriter(writers...), scanners.Exactly(r, size)); err != nil {
		return scanners.Report{}, fmt.Errorf("hashes: %w", err)
	}
	if s.eicar && isEICAR(head.octets) {
		return scanners.Report{Verdict: scanners.Infected, Signature: eicarSignature}, nil
	}
	return l.report(hashes, size), nil
}

// read copies content to w while ctx lasts.
func (s *Scanner) read(ctx context.Context, w io.Writer, content io.Reader) error {
	buf := s.buffers.Get().(*[bufferSize]byte)
	defer s.buffers.Put(buf)
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n, err := content.Read(buf[:])
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Probe tells how many digests are loaded, their checksum and the date of the newest list. After a list changed into one that cannot be
// read it is an error that says why, for as long as Scan goes by the lists read before.
func (s *Scanner) Probe(ctx context.Context) (string, error) {
	if err := context.Cause(ctx); err != nil {
		return "", fmt.Errorf("hashes: %w", err)
	}
	l := s.files.Current()
	if err := s.files.Fault(); err != nil {
		return "", fmt.Errorf("hashes: the lists of %s stay in use: %w", l.date(), err)
	}
	engine := fmt.Sprintf("mailweir hashes, %d digests", l.count())
	if l.count() > 0 {
		engine += fmt.Sprintf(" (%08x) of %s", l.sum, l.date())
	}
	if s.eicar {
		engine += ", EICAR"
	}
	return engine, nil
}
