// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/mailweir/mailweir/breaker"
)

// writeOctets are sent at a time.
const writeOctets = 32 << 10

// Limits of a reply.
const (
	maxReply = 32 << 20 // Octets of its body. rspamd also tells the hosts of links and the mail addresses of a message: by default the first 10,240.
	maxHead  = 16 << 10 // Octets that go before.
)

// request is one request. net/http writes it and reads the reply, on a connection of its own and in the goroutine of whoever asks: so nothing reads the message
// once that has returned.
type request struct {
	method, path string
	header       http.Header
	content      io.ReaderAt // Nil for none.
	size         int64
}

// exchange sends a request and reads the reply: read is given its status and body.
func exchange(ctx context.Context, address string, q *request, read func(status int, body io.Reader) error) error {
	conn, err := breaker.Dial(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	r, source := q.build(address)
	w := bufio.NewWriterSize(conn, writeOctets)
	sent := errors.Join(r.Write(w), w.Flush())
	if source != nil && source.err != nil {
		return fmt.Errorf("read the message: %w: %w", source.err, breaker.ErrOurs)
	}
	// A server that refuses may say so and close before it has read all. What it said is there to be read, and is no verdict.
	status, err := readReply(conn, r, read)
	if sent != nil && (err == nil || status == 0 || status == http.StatusOK) {
		return fmt.Errorf("send: %w", sent)
	}
	return err
}

func (q *request) build(address string) (*http.Request, *source) {
	host := address
	if strings.HasPrefix(address, "unix:") {
		host = "localhost"
	}
	q.header.Set("User-Agent", "mailweir")
	r := &http.Request{
		Method: q.method, URL: &url.URL{Scheme: "http", Host: host, Path: q.path}, Host: host, Header: q.header,
		ProtoMajor: 1, ProtoMinor: 1, Close: true,
	}
	if q.content == nil {
		return r, nil
	}
	s := &source{r: io.NewSectionReader(q.content, 0, q.size), left: q.size}
	r.ContentLength, r.Body = q.size, io.NopCloser(s)
	if q.size == 0 {
		r.Body = http.NoBody
	}
	return r, s
}

// source reads the message, and remembers if that failed.
type source struct {
	r    io.Reader
	left int64
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF) && s.left > 0:
		s.err = io.ErrUnexpectedEOF
		return n, s.err
	case err != nil && !errors.Is(err, io.EOF):
		s.err = err
	}
	return n, err
}

// readReply has read read a reply, and sees that it is whole and within the limits. The status is 0 if it has none.
func readReply(conn io.Reader, r *http.Request, read func(status int, body io.Reader) error) (status int, err error) {
	limited := &io.LimitedReader{R: conn, N: maxHead + maxReply}
	reply, err := http.ReadResponse(bufio.NewReader(limited), r)
	if err != nil {
		return 0, fmt.Errorf("read reply: %w", tooLong(limited, err))
	}
	defer reply.Body.Close()
	if err := read(reply.StatusCode, reply.Body); err != nil {
		return reply.StatusCode, tooLong(limited, err)
	}
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return reply.StatusCode, fmt.Errorf("read reply: %w", tooLong(limited, err))
	}
	if limited.N == 0 {
		return reply.StatusCode, errTooLong
	}
	return reply.StatusCode, nil
}

var errTooLong = fmt.Errorf("reply is longer than %d octets", maxReply)

func tooLong(r *io.LimitedReader, err error) error {
	switch {
	case r.N == 0:
		return errTooLong
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// check asks for a verdict.
func check(ctx context.Context, address string, q *request) (v *verdict, err error) {
	err = exchange(ctx, address, q, func(status int, body io.Reader) (err error) {
		if status != http.StatusOK {
			return refused(status, body)
		}
		v, err = parseVerdict(body)
		return err
	})
	return v, err
}

// ping asks a server if it is there.
func ping(ctx context.Context, address string) error {
	q := request{method: http.MethodGet, path: "/ping", header: http.Header{}}
	return exchange(ctx, address, &q, func(status int, body io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(body, int64(len(pong))))
		if err == nil && (status != http.StatusOK || string(text) != pong) {
			err = fmt.Errorf("unexpected answer %d %.40q", status, text)
		}
		return err
	})
}

// pong is the answer to a ping.
const pong = "pong"
