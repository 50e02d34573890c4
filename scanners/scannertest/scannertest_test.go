// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/scanners"
)

// flaw is what a toy scanner does wrong.
type flaw string

// flaws are the cases of the suite that have to find each of them.
var flaws = map[flaw][]string{
	"none":                      nil,
	"keeps content in memory":   {"huge"},
	"ignores errors of content": {"reader_fails", "reader_is_short_or_long"},
	"takes silence for clean":   {"silent", "cancelled_before"},
	"takes an end for clean":    {"answer_ends_early", "garbage"},
	"looks at a prefix":         {"answer_ends_early", "answer_without_end"},
	"takes unknown for clean":   {"answer_has_a_wrong_octet", "garbage"},
	"reads without end":         {"answer_without_end"},
	"hands on raw signatures":   {"signature_is_one_bounded_line"},
	"leaves a goroutine":        {"clean"},
	"sees only the start":       {"eicar", "content_arrives_whole"},
}

const flawVariable = "SCANNERTEST_FLAW"

// TestRun runs the suite on scanners with one flaw each, in a process of its own because the suite has to fail.
func TestRun(t *testing.T) {
	if name, ok := os.LookupEnv(flawVariable); ok {
		Run(t, Fixture{New: newToy(flaw(name)), Serve: serveToy})
		return
	}
	for name, cases := range flaws {
		t.Run(string(name), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRun$/^("+strings.Join(cases, "|")+")")
			cmd.Env = append(os.Environ(), flawVariable+"="+string(name))
			out, err := cmd.CombinedOutput()
			if (err == nil) != (len(cases) == 0) {
				t.Errorf("suite ended with %v; its output:\n%s", err, out)
			}
			for _, c := range cases {
				if !bytes.Contains(out, []byte("--- FAIL: TestRun/"+c)) {
					t.Errorf("case %q does not find it; output:\n%s", c, out)
				}
			}
		})
	}
}

// toy is a scanner with a protocol of its own: "SCAN size\n" and content, answered by "CLEAN\n" or "INFECTED name\n".
type toy struct {
	addr string
	flaw flaw
}

func newToy(f flaw) func(testing.TB, string) scanners.Scanner {
	return func(_ testing.TB, addr string) scanners.Scanner { return &toy{addr, f} }
}

func (s *toy) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	if s.flaw == "leaves a goroutine" {
		go func() { select {} }()
	}
	answer, err := s.ask(ctx, fmt.Sprintf("SCAN %d\n", size), s.content(r, size))
	if err != nil && s.flaw == "takes silence for clean" && ctx.Err() != nil {
		return scanners.Report{Verdict: scanners.Clean}, nil //nolint:nilerr // the flaw
	}
	if errors.Is(err, io.EOF) && s.flaw == "takes an end for clean" {
		return scanners.Report{Verdict: scanners.Clean}, nil
	}
	if err != nil {
		return scanners.Report{}, err
	}
	return s.parse(answer)
}

func (s *toy) content(r io.Reader, size int64) io.Reader {
	switch s.flaw {
	case "keeps content in memory":
		all, err := io.ReadAll(scanners.Exactly(r, size))
		if err == nil {
			return bytes.NewReader(all)
		}
		return io.MultiReader(bytes.NewReader(all), &failing{err})
	case "ignores errors of content":
		return io.LimitReader(io.MultiReader(&deafReader{r}, zeros{}), size)
	case "sees only the start":
		return io.LimitReader(io.MultiReader(io.LimitReader(scanners.Exactly(r, size), 100), zeros{}), size)
	}
	return scanners.Exactly(r, size)
}

func (s *toy) parse(answer string) (scanners.Report, error) {
	name, infected := strings.CutPrefix(answer, "INFECTED ")
	switch {
	case infected && s.flaw == "hands on raw signatures":
		return scanners.Report{Verdict: scanners.Infected, Signature: name}, nil
	case infected && scanners.Line(name) != "":
		return scanners.Report{Verdict: scanners.Infected, Signature: scanners.Line(name)}, nil
	case answer == "CLEAN", s.flaw == "takes unknown for clean", s.flaw == "looks at a prefix" && strings.HasPrefix(answer, "C"):
		return scanners.Report{Verdict: scanners.Clean}, nil
	}
	return scanners.Report{}, fmt.Errorf("unexpected answer %q", scanners.Line(answer))
}

func (s *toy) Probe(ctx context.Context) (string, error) {
	answer, err := s.ask(ctx, "VERSION\n", strings.NewReader(""))
	if err != nil || !strings.HasPrefix(answer, "Toy ") {
		return "", errors.Join(errors.New("no version"), err)
	}
	return answer, nil
}

func (s *toy) ask(ctx context.Context, command string, content io.Reader) (string, error) {
	c, err := scanners.Dial(ctx, s.addr)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := io.Copy(c, io.MultiReader(strings.NewReader(command), content)); err != nil {
		return "", err
	}
	if s.flaw == "reads without end" {
		line, err := bufio.NewReader(c).ReadString('\n')
		return strings.TrimSuffix(line, "\n"), err
	}
	in := bufio.NewReaderSize(c, 4096)
	line, err := in.ReadSlice('\n')
	if s.flaw == "looks at a prefix" && len(line) > 0 {
		err = nil
	}
	return strings.TrimSuffix(string(line), "\n"), err
}

// failing is a reader with an error.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// deafReader takes every error for the end.
type deafReader struct{ r io.Reader }

func (d *deafReader) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

// serveToy is the server of the toy protocol.
func serveToy(c net.Conn, judge Judge) error {
	in := bufio.NewReader(c)
	line, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	if line == "VERSION\n" {
		_, err := io.WriteString(c, "Toy 1\n")
		return err
	}
	size, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(line, "SCAN "), "\n"), 10, 64)
	if err != nil {
		return err
	}
	report, err := judge(Whole(in, size))
	if err != nil {
		return err
	}
	answer := "CLEAN\n"
	if report.Verdict == scanners.Infected {
		answer = "INFECTED " + report.Signature + "\n"
	}
	_, err = io.WriteString(c, answer)
	return err
}
