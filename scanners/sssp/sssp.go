// SPDX-License-Identifier: Apache-2.0

// Package sssp scans with Sophos by the Sophos Simple Scanning Protocol, version 1.0, which the daemon SAVDI (savdid)
// speaks over TCP or a unix socket. It hands content over by SCANDATA and does not use files that the daemon has to open, nor
// does it change the daemon's options. The filter "virus" calls it.
package sssp

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of an sssp scanner.
type Options struct {
	Address string `yaml:"address" doc:"Of savdid: unix:/path or host:port."`
}

// DefaultOptions are those of the daemon's example config.
func DefaultOptions() Options {
	return Options{Address: "127.0.0.1:4010"}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error { return scanners.CheckAddress(o.Address) }

// Kind is the kind of scanner that the config calls sssp.
func Kind() scanners.Kind {
	return scanners.NewKind("sssp", DefaultOptions, func(o Options, _ scanners.Deps) (*Scanner, error) { return New(o) })
}

// New makes a scanner. It does not connect.
func New(o Options) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("sssp: %w", err)
	}
	return &Scanner{options: o}, nil
}

// Scanner scans with one savdid. It is safe for many goroutines; each scan has a connection of its own.
type Scanner struct {
	options Options
}

var _ scanners.Scanner = (*Scanner)(nil)

// Scan hands the content over by SCANDATA.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("sssp: %w", err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return scanners.Report{}, err
	}
	defer c.Close()
	rejected, err := c.request(fmt.Sprintf("SCANDATA %d", size))
	if err != nil {
		return scanners.Report{}, err
	}
	if rejected == rejectedSize {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than maxscandata of savdid"}, nil
	}
	if rejected != "" {
		return scanners.Report{}, fmt.Errorf("SCANDATA rejected: code %s", rejected)
	}
	// Before the content is there as a whole the daemon has nothing to say: after an error there is no answer to read.
	if _, err := io.Copy(c, scanners.Exactly(r, size)); err != nil {
		return scanners.Report{}, err
	}
	message, err := c.message()
	if err != nil {
		return scanners.Report{}, err
	}
	report, err := parseScan(message)
	c.bye()
	return report, err
}

// Probe asks for the engine: its version and the checksum and number of its signatures.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	engine, err = s.probe(ctx)
	if err != nil {
		return "", fmt.Errorf("sssp: %w", err)
	}
	return engine, nil
}

func (s *Scanner) probe(ctx context.Context) (string, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	rejected, err := c.request("QUERY ENGINE")
	if err != nil {
		return "", err
	}
	if rejected != "" {
		return "", fmt.Errorf("QUERY rejected: code %s", rejected)
	}
	message, err := c.message()
	if err != nil {
		return "", err
	}
	c.bye()
	return parseEngine(message)
}

// conn is a session: after the greeting, requests and answers in turn.
type conn struct {
	net.Conn
	lines *scanners.Lines
}

// maxAnswer bounds the octets of all answers of a session. An archive of thousands of files has some lines for each.
const maxAnswer = 4 << 20

func (s *Scanner) dial(ctx context.Context) (*conn, error) {
	nc, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc, lines: scanners.NewLines(nc, maxAnswer)}
	if err := c.greet(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) greet() error {
	line, err := c.lines.Next()
	if err != nil {
		return err
	}
	if line != "OK "+version {
		return fmt.Errorf("unexpected greeting %q", scanners.Line(line))
	}
	rejected, err := c.request(version)
	if err != nil {
		return err
	}
	if rejected != "" {
		return fmt.Errorf("%s rejected: code %s", version, rejected)
	}
	return nil
}

// request sends a line and reads whether it is accepted. rejected is the code if it is not, "" if it is.
func (c *conn) request(line string) (rejected string, err error) {
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return "", err
	}
	answer, err := c.lines.Next()
	if err != nil {
		return "", err
	}
	if id, ok := strings.CutPrefix(answer, "ACC "); ok && id != "" {
		return "", nil
	}
	if code, ok := strings.CutPrefix(answer, "REJ "); ok && isNumber(code) {
		return code, nil
	}
	return "", fmt.Errorf("unexpected answer %q", scanners.Line(answer))
}

// message reads lines up to an empty one.
func (c *conn) message() ([]string, error) {
	var lines []string
	for {
		line, err := c.lines.Next()
		if err != nil {
			return nil, err
		}
		if line == "" {
			return lines, nil
		}
		lines = append(lines, line)
	}
}

// bye ends the session politely. The verdict is known by then: errors change nothing.
func (c *conn) bye() { _, _ = io.WriteString(c, "BYE\n") }
