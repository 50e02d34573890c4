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
	maxReply = 2 << 20  // Octets of its body. rspamd also tells all links and addresses of a message.
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

// exchange sends a request and reads the reply, of whatever status.
func exchange(ctx context.Context, address string, q *request) (status int, body []byte, err error) {
	conn, err := breaker.Dial(ctx, address)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = conn.Close() }()
	r, source := q.build(address)
	w := bufio.NewWriterSize(conn, writeOctets)
	sent := errors.Join(r.Write(w), w.Flush())
	if source != nil && source.err != nil {
		return 0, nil, fmt.Errorf("read the message: %w: %w", source.err, breaker.ErrOurs)
	}
	// A server that refuses may say so and close before it has read all. What it said is there to be read, and is no verdict.
	status, body, err = readReply(conn, r)
	if sent != nil && (err != nil || status == http.StatusOK) {
		return 0, nil, fmt.Errorf("send: %w", sent)
	}
	return status, body, err
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

// readReply reads a reply whole, but not more than the limits.
func readReply(conn io.Reader, r *http.Request) (status int, body []byte, err error) {
	limited := &io.LimitedReader{R: conn, N: maxHead + maxReply}
	reply, err := http.ReadResponse(bufio.NewReader(limited), r)
	if err != nil {
		return 0, nil, fmt.Errorf("read reply: %w", tooLong(limited, err))
	}
	defer reply.Body.Close()
	body, err = io.ReadAll(io.LimitReader(reply.Body, maxReply+1))
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("read reply: %w", tooLong(limited, err))
	case len(body) > maxReply || limited.N == 0:
		return 0, nil, errTooLong
	}
	return reply.StatusCode, body, nil
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
func check(ctx context.Context, address string, q *request) (*verdict, error) {
	status, body, err := exchange(ctx, address, q)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, refused(status, body)
	}
	return parseVerdict(body)
}

// ping asks a server if it is there.
func ping(ctx context.Context, address string) error {
	status, body, err := exchange(ctx, address, &request{method: http.MethodGet, path: "/ping", header: http.Header{}})
	if err != nil {
		return err
	}
	if status != http.StatusOK || !strings.HasPrefix(string(body), "pong") {
		return fmt.Errorf("unexpected answer %d %.40q", status, body)
	}
	return nil
}
