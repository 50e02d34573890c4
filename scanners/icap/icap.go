// SPDX-License-Identifier: Apache-2.0

// Package icap scans with a server of the Internet Content Adaptation Protocol, RFC 3507: content is shown to it as the body of an HTTP
// message, and what it makes of that message is the verdict. It is how c-icap and most commercial engines
// are reached. It does not use TLS, nor what is returned as a cure. The filter "virus" calls it.
package icap

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/scanners"
)

// Kind is the kind of scanner that the config calls icap.
func Kind() scanners.Kind {
	return scanners.NewKind("icap", DefaultOptions, func(o Options, _ scanners.Deps) (*Scanner, error) { return New(o) })
}

// Scanner scans with one service of one ICAP server. It is safe for many goroutines.
type Scanner struct {
	options Options
	service service
	preview int // Octets, previewOff or previewAuto.
	threats []string
	known   optionsCache
}

var _ scanners.Scanner = (*Scanner)(nil)

// New makes a scanner. It does not connect.
func New(o Options) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("icap: %w", err)
	}
	s := &Scanner{options: o, threats: append(threatHeaders(), o.ThreatHeaders...)}
	var err error
	if s.service, err = parseURL(o.URL); err != nil {
		return nil, fmt.Errorf("icap: %w", err)
	}
	if s.preview, err = parsePreview(o.Preview); err != nil {
		return nil, fmt.Errorf("icap: %w", err)
	}
	return s, nil
}

// Scan shows the content to the server. Only a 204 after the whole content, or a 200 that brings the same octets back, is clean.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	if limit := int64(s.options.MaxSize); limit > 0 && size > limit {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than max_size"}, nil
	}
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("icap: %w", err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	preview, err := s.previewFor(ctx)
	if err != nil {
		return scanners.Report{}, err
	}
	conn, err := scanners.Dial(ctx, s.service.address)
	if err != nil {
		return scanners.Report{}, err
	}
	defer conn.Close()

	x := &exchange{conn: conn, continued: make(chan struct{}), answered: make(chan struct{})}
	go x.receive(answerReader{in: conn, threats: s.threats, size: size, preview: preview >= 0})
	sent := x.send(s.requestHead(size, preview), scanners.Exactly(r, size), size, preview)
	if sent.content != nil {
		conn.Close() // There is no verdict on what was not read, whatever the server says of the rest.
		<-x.answered
		return scanners.Report{}, fmt.Errorf("read content: %w", sent.content)
	}
	<-x.answered
	if x.err != nil {
		return scanners.Report{}, x.err
	}
	s.known.forgetUnless(x.answer.tag)
	return s.verdict(sent, x.answer)
}

// verdict judges the answer by what was sent before it came.
func (s *Scanner) verdict(sent sent, a answer) (scanners.Report, error) {
	clean := scanners.Report{Verdict: scanners.Clean}
	switch {
	case a.report.Verdict != scanners.None:
		return a.report, nil
	case a.unmodified && (sent.whole || s.options.Early204 == "clean"):
		return clean, nil
	case a.unmodified:
		return scanners.Report{Verdict: scanners.Unscannable, Reason: "server answered before it had the whole content"}, nil
	case !sent.whole:
		return scanners.Report{}, errors.New("content came back before all was sent")
	case a.returned != sent.digest:
		return scanners.Report{}, fmt.Errorf("%d octets came back changed from %d, without a word of a threat", a.returned.size, sent.digest.size)
	}
	return clean, nil
}

// Probe asks for the options of the service: its name and the tag of its signatures, which changes with them.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	o, err := s.askOptions(ctx)
	if err != nil {
		return "", fmt.Errorf("icap: %w", err)
	}
	return scanners.Line(o.engine + " " + o.tag), nil
}
