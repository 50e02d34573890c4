// SPDX-License-Identifier: Apache-2.0

// Package yenc decodes yEnc (yEnc draft 1.3): files in text of eight bits. Package unpack calls it.
package yenc

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Begin starts the line that begins a file.
const Begin = "=ybegin "

// MaxLine is how many octets of a line that begins a file are looked at.
const MaxLine = 2 << 10

// Header is what the line says that begins a file.
type Header struct {
	Name string
	Size int64 // Octets of the file; -1 if the line does not say.
	Part bool  // It is one of several parts.
}

// ParseBegin reads that line, with what is behind it perhaps. length is that of the line with its end.
func ParseBegin(text []byte) (h Header, length int, ok bool) {
	text = text[:min(len(text), MaxLine)]
	line, _, _ := bytes.Cut(text, []byte("\n"))
	length = min(len(line)+1, len(text))
	s, ok := strings.CutPrefix(strings.TrimRight(string(line), "\r\n"), Begin)
	if !ok {
		return Header{}, 0, false
	}
	// The name is the last one, and may hold everything.
	s, name, named := strings.Cut(s, "name=")
	h = Header{Name: strings.TrimSpace(name), Size: -1}
	for field := range strings.FieldsSeq(s) {
		key, value, _ := strings.Cut(field, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil || n < 0:
		case key == "size":
			h.Size = n
		case key == "part":
			h.Part = true
		}
	}
	return h, length, named || h.Size >= 0
}

// Reader decodes the lines of a file, up to one that begins with "=yend" or another file. Lines before that begin with "=ybegin" or "=ypart" are
// passed over, so a whole body may be given to it.
type Reader struct {
	in      *bufio.Reader
	started bool // In a line.
	escaped bool
	done    bool
}

// NewReader decodes what r reads.
func NewReader(r io.Reader) *Reader { return &Reader{in: bufio.NewReaderSize(r, 4<<10)} }

// Read gives decoded octets.
func (d *Reader) Read(p []byte) (n int, err error) {
	for n < len(p) && !d.done {
		if !d.started && !d.escaped {
			if err := d.line(); err != nil || d.done {
				return n, ended(n, err)
			}
		}
		c, err := d.in.ReadByte()
		if err != nil {
			return n, err
		}
		switch {
		case c == '\n':
			d.started = false
		case c == '\r':
		case d.escaped:
			p[n], d.escaped = c-64-42, false
			n++
		case c == '=':
			d.escaped = true
		default:
			p[n] = c - 42
			n++
		}
	}
	return n, ended(n, nil)
}

// ended is the error of a Read that gives n octets.
func ended(n int, err error) error {
	if n == 0 && err == nil {
		return io.EOF
	}
	return err
}

// line looks at the beginning of a line: control lines are passed over, or end the file.
func (d *Reader) line() error {
	for {
		head, err := d.in.Peek(len("=ybegin"))
		switch {
		case bytes.HasPrefix(head, []byte("=yend")):
			d.done = true
			return nil
		case !bytes.HasPrefix(head, []byte("=ybegin")) && !bytes.HasPrefix(head, []byte("=ypart")):
			if len(head) > 0 && errors.Is(err, io.EOF) {
				err = nil
			}
			d.started = true
			return err
		}
		for {
			rest, err := d.in.ReadSlice('\n')
			if err == nil {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) || len(rest) == 0 {
				return err
			}
		}
	}
}
