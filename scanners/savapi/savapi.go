// SPDX-License-Identifier: Apache-2.0

// Package savapi scans with Avira by the line protocol of the SAVAPI service, versions 3 and 4. The service opens files by itself:
// content is put into a file of mailweir's work folder, which the service has to be able to read. The filter "virus"
// calls it.
package savapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of a savapi scanner.
type Options struct {
	Address string `yaml:"address" doc:"Of the service: host:port or unix:/path, on this host."`
	Product int    `yaml:"product" doc:"The product number of the licence."`
	Group   string `yaml:"group" doc:"Group that may read the files; \"\" if the service runs as mailweir's user or root."`
}

// DefaultOptions lack the product number, which each licence has its own.
func DefaultOptions() Options {
	return Options{Address: "127.0.0.1:4444"}
}

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	if o.Product <= 0 {
		return fmt.Errorf("product %d: want the number of the licence", o.Product)
	}
	return scanners.CheckAddress(o.Address)
}

// Kind is the kind of scanner that the config calls savapi.
func Kind() scanners.Kind {
	return scanners.NewKind("savapi", DefaultOptions, New)
}

// New makes a scanner. It does not connect.
func New(o Options, d scanners.Deps) (*Scanner, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("savapi: %w", err)
	}
	files, err := scanners.NewFiles(d.WorkDir, o.Group)
	if err != nil {
		return nil, fmt.Errorf("savapi: %w", err)
	}
	return &Scanner{options: o, files: files}, nil
}

// Scanner scans with one SAVAPI service. It is safe for many goroutines; each scan has a connection of its own.
type Scanner struct {
	options Options
	files   *scanners.Files
}

var _ scanners.Scanner = (*Scanner)(nil)

// Scan puts the content into a file and has it scanned by SCAN. A service that does not answer costs no file.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	report, err := s.scan(ctx, r, size)
	if err != nil {
		return scanners.Report{}, fmt.Errorf("savapi: %w", err)
	}
	return report, nil
}

func (s *Scanner) scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return scanners.Report{}, err
	}
	defer c.Close()
	path, err := s.files.Write(ctx, scanners.Exactly(r, size))
	if err != nil {
		return scanners.Report{}, err
	}
	defer func() { _ = os.Remove(path) }()
	if err := c.send("SCAN " + path); err != nil {
		return scanners.Report{}, err
	}
	report, err := readScan(c.lines)
	if err != nil {
		return scanners.Report{}, err
	}
	c.quit()
	return report, nil
}

// Probe asks for the versions of service, engine and signatures.
func (s *Scanner) Probe(ctx context.Context) (engine string, err error) {
	engine, err = s.probe(ctx)
	if err != nil {
		return "", fmt.Errorf("savapi: %w", err)
	}
	return engine, nil
}

func (s *Scanner) probe(ctx context.Context) (string, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	var engine strings.Builder
	engine.WriteString("Avira")
	for _, key := range []string{"SAVAPI", "AVE", "VDF"} {
		value, err := c.ask("GET "+key, key)
		if err != nil {
			return "", err
		}
		engine.WriteString(" " + key + " " + value)
	}
	c.quit()
	return scanners.Line(engine.String()), nil
}

// conn is a session with the service.
type conn struct {
	net.Conn
	lines *scanners.Lines
}

// maxAnswer bounds the octets of all answers of a session. An archive may have a line for each of its files.
const maxAnswer = 4 << 20

// dial opens a session and sets what a scan for mail needs, whatever the service's config says.
func (s *Scanner) dial(ctx context.Context) (*conn, error) {
	nc, err := scanners.Dial(ctx, s.options.Address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc, lines: scanners.NewLines(nc, maxAnswer)}
	if err := c.open(s.options.Product); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) open(product int) error {
	line, err := c.lines.Next()
	if err != nil {
		return err
	}
	version, ok := strings.CutPrefix(line, "100 SAVAPI:")
	if !ok || !strings.HasPrefix(version, "3.") && !strings.HasPrefix(version, "4.") {
		return fmt.Errorf("unexpected greeting %q", scanners.Line(line))
	}
	for _, set := range [][2]string{{"PRODUCT", strconv.Itoa(product)}, {"SCAN_MODE", "ALL"}, {"ARCHIVE_SCAN", "1"}} {
		value, err := c.ask("SET "+set[0]+" "+set[1], set[0])
		if err != nil {
			return err
		}
		if value != set[1] {
			return fmt.Errorf("%s is %q, want %s", set[0], scanners.Line(value), set[1])
		}
	}
	return nil
}

// ask sends a command whose answer is "100 KEY:VALUE", and returns the value.
func (c *conn) ask(command, key string) (string, error) {
	if err := c.send(command); err != nil {
		return "", err
	}
	line, err := c.lines.Next()
	if err != nil {
		return "", err
	}
	value, ok := strings.CutPrefix(line, "100 "+key+":")
	if !ok {
		return "", fmt.Errorf("%s: unexpected answer %q", command, scanners.Line(line))
	}
	return value, nil
}

func (c *conn) send(command string) error {
	_, err := io.WriteString(c, command+"\n")
	return err
}

// quit ends the session politely. The verdict is known by then: errors change nothing.
func (c *conn) quit() { _ = c.send("QUIT") }
