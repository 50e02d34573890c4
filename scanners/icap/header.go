// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

const (
	maxLine    = 16 << 10 // Octets of one line. Some engines list threats in fields of up to 10 KiB.
	maxHeaders = 64 << 10 // Octets of all header sections of one answer.
)

// field is one header field. A value that was folded keeps a line feed where each of its lines ended: some have a meaning.
type field struct{ name, value string }

// header is a header section.
type header []field

// get is the first value by a name, "" if there is none.
func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// headerReader reads header sections, all together of at most maxHeaders octets.
type headerReader struct {
	in   *bufio.Reader // Of maxLine octets.
	left int
}

func newHeaderReader(r io.Reader) *headerReader {
	return &headerReader{in: bufio.NewReaderSize(r, maxLine), left: maxHeaders}
}

// section reads a start line and the fields up to the empty line.
func (r *headerReader) section() (start string, h header, err error) {
	if start, err = r.line(); err != nil {
		return "", nil, err
	}
	h, err = r.fields()
	return start, h, err
}

// fields reads fields up to the empty line.
func (r *headerReader) fields() (header, error) {
	var h header
	for {
		line, err := r.line()
		if err != nil || line == "" {
			return h, err
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(h) == 0 {
				return nil, fmt.Errorf("unexpected continuation %q", scanners.Line(line))
			}
			h[len(h)-1].value += "\n" + strings.Trim(line, " \t")
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return nil, fmt.Errorf("unexpected header field %q", scanners.Line(line))
		}
		h = append(h, field{name, strings.Trim(value, " \t")})
	}
}

// line reads a line that ends in CRLF.
func (r *headerReader) line() (string, error) {
	line, err := r.in.ReadSlice('\n')
	r.left -= len(line)
	switch {
	case r.left < 0:
		return "", fmt.Errorf("header sections are longer than %d octets", maxHeaders)
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("line is longer than %d octets", maxLine)
	case err != nil:
		return "", noEOF(err)
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok {
		return "", fmt.Errorf("line %q does not end in CRLF", scanners.Line(string(line)))
	}
	return text, nil
}
