// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

var clean = scanners.Report{Verdict: scanners.Clean}

// wantReport wants report want, or an error that has text in it if text is not "".
func wantReport(t *testing.T, got scanners.Report, err error, want scanners.Report, text string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("got error %v, want %q", err, text)
	}
}

func at(addr string, change ...func(*Options)) Options {
	o := DefaultOptions()
	o.URL, o.Preview = "icap://"+addr+"/scan", "off"
	for _, c := range change {
		c(&o)
	}
	return o
}

// TestEcho has servers that send the content back while they get it, as those do that know no 204.
func TestEcho(t *testing.T) {
	const size = 8 << 20 // More than the sockets hold: who does not read while writing waits for ever.
	asIs := func([]byte) {}
	flipped := func(p []byte) {
		if len(p) > 0 {
			p[len(p)-1] ^= 1
		}
	}
	tests := []struct {
		name   string
		server func(net.Conn)
		size   int
		want   scanners.Report
		err    string
	}{
		{name: "whole", server: echo(asIs, "0\r\n\r\n"), size: size, want: clean},
		{name: "small", server: echo(asIs, "0\r\n\r\n"), size: 1, want: clean},
		{name: "empty", server: echo(asIs, "0\r\n\r\n"), want: clean},
		{name: "trailer", server: echo(asIs, "0\r\nX-Time: 1\r\n\r\n"), size: size, want: clean},
		{name: "one bit", server: echo(flipped, "0\r\n\r\n"), size: 1000, err: "1000 octets came back changed from 1000"},
		{name: "one octet more", server: echo(asIs, "1\r\nx\r\n0\r\n\r\n"), size: 1000, err: "more than the 1000 octets"},
		{name: "no end", server: echo(asIs, ""), size: 1000, err: "unexpected EOF"},
		{name: "no end of trailer", server: echo(asIs, "0\r\n"), size: 1000, err: "unexpected EOF"},
		{name: "bad trailer", server: echo(asIs, "0\r\nsecond answer\r\n\r\n"), size: 1000, err: "unexpected header field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScanner(t, at(fake.Listen(t, tt.server).Addr()))
			got, err := s.Scan(t.Context(), bytes.NewReader(text(tt.size)), int64(tt.size))
			wantReport(t, got, err, tt.want, tt.err)
		})
	}
}

// TestEarly has servers that answer a large content after its first octets.
func TestEarly(t *testing.T) {
	const size = 32 << 20
	tests := []struct {
		name   string
		answer string
		early  string // Option early_204.
		want   scanners.Report
		err    string
	}{
		{name: "204", answer: clean204, want: scanners.Report{Verdict: scanners.Unscannable, Reason: "server answered before it had the whole content"}},
		{name: "204 is clean", answer: clean204, early: "clean", want: clean},
		{name: "infected", answer: answerTo(scanners.Report{Verdict: scanners.Infected, Signature: "Eicar"}), want: scanners.Report{Verdict: scanners.Infected, Signature: "Eicar"}},
		{name: "empty body", answer: "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=40\r\n\r\n" + httpOK + "0\r\n\r\n", err: "came back before all was sent"},
		{name: "error", answer: "ICAP/1.0 503 Overloaded\r\n\r\n", err: "503 Overloaded"},
	}
	for _, tt := range tests {
		for _, preview := range []string{"off", "100"} {
			t.Run(tt.name+", preview "+preview, func(t *testing.T) {
				server := fake.Listen(t, func(c net.Conn) {
					io.ReadFull(c, make([]byte, 50))
					io.WriteString(c, tt.answer)
					io.Copy(io.Discard, bufio.NewReader(io.LimitReader(c, 1000))) // And then nothing more is read.
					<-t.Context().Done()
				})
				s := newScanner(t, at(server.Addr(), func(o *Options) {
					o.Preview = preview
					if tt.early != "" {
						o.Early204 = tt.early
					}
				}))
				got, err := s.Scan(t.Context(), bytes.NewReader(make([]byte, size)), size)
				wantReport(t, got, err, tt.want, tt.err)
			})
		}
	}
}

// TestRequest looks at what is sent.
func TestRequest(t *testing.T) {
	tests := []struct {
		method  string
		preview string
		want    request
	}{
		{method: "respmod", preview: "off", want: request{method: "RESPMOD", http: []string{
			"GET /message HTTP/1.1", "Host: mailweir", "HTTP/1.1 200 OK", "Content-Type: application/octet-stream", "Content-Length: 10",
		}}},
		{method: "reqmod", preview: "10", want: request{method: "REQMOD", preview: true, http: []string{
			"POST /message HTTP/1.1", "Host: mailweir", "Content-Type: application/octet-stream", "Content-Length: 10",
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.method, func(t *testing.T) {
			requests := make(chan request, 1)
			server := fake.Listen(t, func(c net.Conn) {
				in := bufio.NewReader(c)
				q, err := readRequest(in)
				if err != nil {
					t.Error(err)
				}
				io.Copy(io.Discard, &requestBody{in: in, c: c, preview: q.preview})
				requests <- q
				io.WriteString(c, clean204)
			})
			o := at(server.Addr(), func(o *Options) {
				o.Method, o.Preview, o.Headers = tt.method, tt.preview, map[string]string{"X-Client-IP": "192.0.2.1"}
			})
			got, err := newScanner(t, o).Scan(t.Context(), bytes.NewReader(text(10)), 10)
			wantReport(t, got, err, clean, "")
			q := <-requests
			for name, want := range map[string]string{"Host": server.Addr(), "Allow": "204", "X-Client-IP": "192.0.2.1"} {
				if got := q.header.Get(name); got != want {
					t.Errorf("field %s: got %q, want %q", name, got, want)
				}
			}
			q.header = nil
			if diff := cmp.Diff(tt.want, q, cmp.AllowUnexported(request{})); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOptionsAreKept counts how often the server is asked for its options.
func TestOptionsAreKept(t *testing.T) {
	var asked atomic.Int64
	var answer atomic.Value
	answer.Store(clean204)
	server := fake.Listen(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		q, err := readRequest(in)
		if err != nil {
			return
		}
		if q.method == "OPTIONS" {
			asked.Add(1)
			io.WriteString(c, optionsAnswer)
			return
		}
		io.Copy(io.Discard, &requestBody{in: in, c: c, preview: q.preview})
		io.WriteString(c, answer.Load().(string))
	})
	s := newScanner(t, at(server.Addr(), func(o *Options) { o.Preview = "auto" }))
	scan := func() {
		t.Helper()
		got, err := s.Scan(context.Background(), bytes.NewReader(text(100)), 100)
		wantReport(t, got, err, clean, "")
	}
	want := func(n int64) {
		t.Helper()
		if got := asked.Load(); got != n {
			t.Errorf("asked %d times for options, want %d", got, n)
		}
	}
	scan()
	scan()
	want(1)
	answer.Store(strings.Replace(clean204, "v1", "v2", 1))
	scan() // The tag has changed, and with it perhaps the options.
	want(1)
	scan()
	want(2)
}

func text(size int) []byte {
	const line = "All is well in this line of text.\r\n"
	return []byte(strings.Repeat(line, size/len(line)+1)[:size])
}

func place(size, offset int) []byte {
	c := text(size)
	copy(c[offset:], scannertest.EICAR())
	return c
}
