// SPDX-License-Identifier: Apache-2.0

// Package kse scans with Kaspersky Scan Engine in HTTP mode (kavhttpd), by version 3 of its protocol: scanmemory and basesdate, over
// TCP or a unix socket. It neither uses files that the engine has to open nor TLS and API tokens: the engine is on this host or a
// network that is trusted. The filter "virus" calls it. (In ICAP mode the engine is a matter for package icap.)
package kse

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of a kse scanner.
type Options struct {
	Address string `yaml:"address" doc:"Of kavhttpd: host:port or unix:/path."`
}

// DefaultOptions are those of kavhttpd.
func DefaultOptions() Options {
	return Options{Address: "127.0.0.1:9999"}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error { return scanners.CheckAddress(o.Address) }

// Kind is the kind of scanner that the config calls kse.
func Kind() scanners.Kind {
	return scanners.NewKind("kse", DefaultOptions, func(o Options, _ scanners.Deps) (*Scanner, error) { return New(o) })
}

// New makes a scanner. It does not connect.
func New(o Options) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("kse: %w", err)
	}
	return &Scanner{options: o}, nil
}

// Scanner scans with one kavhttpd. It is safe for many goroutines; each scan has a connection of its own.
type Scanner struct {
	options Options
}

var _ scanners.Scanner = (*Scanner)(nil)

const (
	pathScan  = "/api/v3.0/scanmemory"
	pathBases = "/api/v3.0/basesdate"
)

// Limits of an answer, in octets.
const (
	maxHead = 64 << 10
	maxBody = 4 << 20
)

// Scan hands the content over by scanmemory, in base64 inside JSON as the protocol has it.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("kse: %w", err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	c, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return scanners.Report{}, err
	}
	defer c.Close()
	reading, sending := sendScan(c, scanners.Exactly(r, size), size, timeLeft(ctx))
	if reading != nil {
		return scanners.Report{}, reading
	}
	// The engine may refuse content by its size before it has read all. The answer is there to be read.
	status, body, err := readAnswer(ctx, c)
	if err != nil {
		return scanners.Report{}, errors.Join(sending, err)
	}
	report, err := parseScan(status, body)
	if sending != nil && report.Verdict == scanners.Clean {
		return scanners.Report{}, fmt.Errorf("clean before all was sent: %w", sending)
	}
	return report, err
}

// timeLeft is what the engine is told to take at most, 0 if there is no limit.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(time.Until(deadline), time.Millisecond)
}

func sendScan(c net.Conn, content io.Reader, size int64, timeout time.Duration) (reading, writing error) {
	before, after := `{"object":"`, `"}`
	if timeout > 0 {
		before = fmt.Sprintf(`{"timeout":"%d","object":"`, timeout.Milliseconds()+1)
	}
	w := bufio.NewWriterSize(c, 64<<10)
	encoded := (size + 2) / 3 * 4
	fmt.Fprintf(w, "POST %s HTTP/1.0\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s",
		pathScan, int64(len(before))+encoded+int64(len(after)), before)
	encoder := base64.NewEncoder(base64.StdEncoding, w)
	if reading, writing = scanners.Send(encoder, content); reading != nil || writing != nil {
		return reading, writing
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, after); err != nil {
		return nil, err
	}
	return nil, w.Flush()
}

// readAnswer reads an answer whole: its length has to be told, so that one that is cut off is not taken for shorter.
func readAnswer(ctx context.Context, c net.Conn) (status int, body []byte, err error) {
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, maxHead+maxBody)), nil)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause // Package http may tell of half a line instead.
		}
		return 0, nil, err
	}
	defer answer.Body.Close()
	if answer.ContentLength < 0 || answer.ContentLength > maxBody {
		return 0, nil, fmt.Errorf("status %d, content length %d", answer.StatusCode, answer.ContentLength)
	}
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, err
}

// Probe asks for the date of the signatures.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	engine, err = s.probe(ctx)
	if err != nil {
		return "", fmt.Errorf("kse: %w", err)
	}
	return engine, nil
}

func (s *Scanner) probe(ctx context.Context) (string, error) {
	c, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET "+pathBases+" HTTP/1.0\r\n\r\n"); err != nil {
		return "", err
	}
	status, body, err := readAnswer(ctx, c)
	if err != nil {
		return "", err
	}
	return parseBases(status, body)
}
