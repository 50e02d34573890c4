// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"
)

func TestReadBody(t *testing.T) {
	long := strings.Repeat("x", 3*bodyBuffer)
	tests := []struct {
		name  string
		in    string
		want  string
		rest  string
		bare  bool // A lone dot behind a bare LF.
		loose bool // CR CR LF before the final dot.
	}{
		{name: "empty", in: ".\r\n", want: ""},
		{name: "one line", in: "a\r\n.\r\n", want: "a\r\n"},
		{name: "pipelined quit", in: "a\r\n.\r\nQUIT\r\n", want: "a\r\n", rest: "QUIT\r\n"},
		{name: "stuffed dot", in: "..\r\n.\r\n", want: ".\r\n"},
		{name: "stuffed line", in: "a\r\n..b\r\n.\r\n", want: "a\r\n.b\r\n"},
		{name: "unstuffed dot line", in: ".a\r\n.\r\n", want: "a\r\n"},
		{name: "two dots in a row", in: "..\r\n..\r\n.\r\n", want: ".\r\n.\r\n"},
		{name: "LF.LF", in: "a\n.\nMAIL FROM:<x@y>\r\n.\r\n", want: "a\n.\nMAIL FROM:<x@y>\r\n", bare: true},
		{name: "LF.CRLF", in: "a\n.\r\nb\r\n.\r\n", want: "a\n.\r\nb\r\n", bare: true},
		{name: "CRLF.LF", in: "a\r\n..\nb\r\n.\r\n", want: "a\r\n.\nb\r\n"},
		{name: "CRLF.LF not stuffed", in: "a\r\n.\nb\r\n.\r\n", want: "a\r\n\nb\r\n"},
		{name: "CR.CR", in: "a\r.\rb\r\n.\r\n", want: "a\r.\rb\r\n"},
		{name: "CRLF.CR", in: "a\r\n..\rb\r\n.\r\n", want: "a\r\n.\rb\r\n"},
		{name: "CR.CRLF", in: "a\r.\r\nb\r\n.\r\n", want: "a\r.\r\nb\r\n"},
		{name: "CRCRLF.CRLF", in: "a\r\r\n.\r\nMAIL FROM:<x@y>\r\n", want: "a\r\r\n", rest: "MAIL FROM:<x@y>\r\n", loose: true},
		{name: "NUL around the dot", in: "a\r\n\x00.\x00\r\nb\r\n.\r\n", want: "a\r\n\x00.\x00\r\nb\r\n"},
		{name: "NUL after the dot", in: "a\r\n..\x00\r\nb\r\n.\r\n", want: "a\r\n.\x00\r\nb\r\n"},
		{name: "bare LF and dot within a line", in: "a\n.b\r\n.\r\n", want: "a\n.b\r\n"},
		{name: "bare LF right before the end", in: "a\n\r\n.\r\n", want: "a\n\r\n"},
		{name: "long line", in: long + "\r\n.\r\n", want: long + "\r\n"},
		{name: "dot at the end of a buffer", in: long[:bodyBuffer-4] + "\r\n..\r\n.\r\n", want: long[:bodyBuffer-4] + "\r\n.\r\n"},
	}
	readers := map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "octet by octet": iotest.OneByteReader, "halves": iotest.HalfReader,
	}
	for _, tt := range tests {
		for how, reader := range readers {
			t.Run(tt.name+"/"+how, func(t *testing.T) {
				var got bytes.Buffer
				r := reader(strings.NewReader(tt.in))
				end, rest, err := readBody(r, nil, &got)
				if err != nil {
					t.Fatalf("readBody(%q): %v", tt.in, err)
				}
				more, _ := io.ReadAll(r)
				rest = append(rest, more...)
				if got.String() != tt.want || string(rest) != tt.rest {
					t.Errorf("readBody(%.80q): got %.80q and rest %q, want %.80q and %q", tt.in, &got, rest, tt.want, tt.rest)
				}
				if end.bareLFDot != tt.bare || end.loose != tt.loose || end.size != int64(len(tt.want)) {
					t.Errorf("readBody(%.80q): got %+v", tt.in, end)
				}
			})
		}
	}
}

func TestReadBodyBuffered(t *testing.T) {
	var got bytes.Buffer
	end, rest, err := readBody(strings.NewReader("\nb\r\n.\r\nNOOP\r\n"), []byte("..a\r"), &got)
	if err != nil || got.String() != ".a\r\nb\r\n" || string(rest) != "NOOP\r\n" || end.size != 7 {
		t.Errorf("got %q, rest %q, %+v, %v", &got, rest, end, err)
	}
}

func TestReadBodyNoEnd(t *testing.T) {
	for _, in := range []string{"", "a", "a\r\n", "a\r\n.", "a\r\n.\r", "a\n.\n", "\r\n"} {
		if _, _, err := readBody(strings.NewReader(in), nil, io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("readBody(%q): got %v, want %v", in, err, io.ErrUnexpectedEOF)
		}
	}
}

func TestReadBodyFullDisk(t *testing.T) {
	w := writerFunc(func([]byte) (int, error) { return 0, syscall.ENOSPC })
	end, rest, err := readBody(strings.NewReader("a\r\n.\r\nQUIT\r\n"), nil, w)
	if err != nil || !errors.Is(end.writeErr, syscall.ENOSPC) || string(rest) != "QUIT\r\n" {
		t.Errorf("got %+v, rest %q, %v: the body is to be read to its end", end, rest, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// unstuff is the plain reading of RFC 5321 that readBody is compared with: line by line, where only CRLF ends a line.
func unstuff(in string) (body, rest string, ok bool) {
	for {
		i := strings.Index(in, "\r\n")
		if i < 0 {
			return "", "", false
		}
		line := in[:i+2]
		in = in[i+2:]
		if line == ".\r\n" {
			return body, in, true
		}
		body += strings.TrimPrefix(line, ".")
	}
}

func FuzzReadBody(f *testing.F) {
	f.Add([]byte("a\r\n..\r\n.\r\nQUIT\r\n"), uint8(3))
	f.Add([]byte("a\n.\n\r\r\n.\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, piece uint8) {
		want, wantRest, ok := unstuff(string(in))
		var got bytes.Buffer
		r := &pieces{data: in, n: int(piece%7) + 1}
		end, rest, err := readBody(r, nil, &got)
		if (err == nil) != ok {
			t.Fatalf("readBody(%q): got error %v, want an end of data: %v", in, err, ok)
		}
		if err != nil {
			return
		}
		if all := string(rest) + string(r.data); got.String() != want || all != wantRest || end.size != int64(len(want)) {
			t.Fatalf("readBody(%q): got %q and rest %q, want %q and %q", in, &got, all, want, wantRest)
		}
	})
}

// pieces is a reader that gives a few octets at a time.
type pieces struct {
	data []byte
	n    int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.data[:min(p.n, len(p.data))])
	p.data = p.data[n:]
	return n, nil
}

func BenchmarkReadBody(b *testing.B) {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	in := []byte(strings.Repeat(line, 117_000/len(line)) + ".\r\n")
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, _, err := readBody(bytes.NewReader(in), nil, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// wokenConn is a connection whose first read is woken up by somebody who meant the one before.
type wokenConn struct {
	net.Conn
	reads int
}

func (c *wokenConn) SetReadDeadline(time.Time) error { return nil }

func (c *wokenConn) Read(p []byte) (int, error) {
	if c.reads++; c.reads == 1 {
		return 0, os.ErrDeadlineExceeded
	}
	return copy(p, "body"), nil
}

// A config that changes just when a body begins does not end the body; time that is over does.
func TestReadBodyWokenUp(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		end  time.Duration
		want string
	}{{time.Minute, "body"}, {0, ""}} {
		r := &timedReader{conn: &wokenConn{}, now: func() time.Time { return now }, idle: time.Minute, end: now.Add(c.end)}
		p := make([]byte, 10)
		n, err := r.Read(p)
		if string(p[:n]) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%v left: got %q, %v", c.end, p[:n], err)
		}
	}
}
