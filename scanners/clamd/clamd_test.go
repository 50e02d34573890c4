// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

func TestConformance(t *testing.T) {
	scannertest.Run(t, scannertest.Fixture{
		New:   newScanner,
		Serve: serve,
		Limit: int64(DefaultOptions().StreamMaxLength),
		Garbage: []string{
			"stream: OK", "stream: OK\n", "stream: OKAY\x00", "stream: OK FOUND", "1: stream: OK\x00", "stream: OK\x00stream: OK\x00",
			"OK\x00", "PONG\x00", "UNKNOWN COMMAND\x00", "stream:  FOUND\x00", "stream: Can't allocate memory ERROR\x00",
			"COMMAND READ TIMED OUT\x00", "/tmp/x: OK\x00", "ClamAV \x00", "ClamAV x\x00",
		},
	})
}

func newScanner(t testing.TB, addr string) scanners.Scanner {
	t.Helper()
	o := DefaultOptions()
	o.Address = addr
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serve is clamd as clamd(8) has it.
func serve(c net.Conn, judge scannertest.Judge) error {
	in := bufio.NewReaderSize(c, 64<<10)
	command, err := in.ReadString(0)
	if err != nil {
		return err
	}
	switch command {
	case "zVERSION\x00":
		_, err = io.WriteString(c, "ClamAV 1.4.3/27000/Tue Jul  1 10:00:00 2025\x00")
	case "zINSTREAM\x00":
		var report scanners.Report
		if report, err = judge(&chunkReader{r: in}); err == nil {
			_, err = io.WriteString(c, answer(report))
		}
	default:
		_, err = io.WriteString(c, "UNKNOWN COMMAND\x00")
	}
	return err
}

func answer(report scanners.Report) string {
	if report.Verdict == scanners.Infected {
		return fmt.Sprintf("stream: %s FOUND\x00", report.Signature)
	}
	return "stream: OK\x00"
}

// chunkReader reads the content of chunks up to the one of length 0.
type chunkReader struct {
	r    io.Reader
	left uint32
	end  bool
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if c.end {
		return 0, io.EOF
	}
	if c.left == 0 {
		if err := binary.Read(c.r, binary.BigEndian, &c.left); err != nil {
			return 0, noEOF(err)
		}
		if c.left == 0 {
			c.end = true
			return 0, io.EOF
		}
	}
	n, err := c.r.Read(p[:min(len(p), int(c.left))])
	c.left -= uint32(n)
	return n, noEOF(err)
}

// noEOF makes an end inside a stream an error.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
