// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/breaker"
)

// commands are those of the protocol that the option command stands for.
func commands() map[string]string {
	return map[string]string{"symbols": "SYMBOLS", "check": "CHECK", "report": "REPORT"}
}

// query is one request.
type query struct {
	command  string
	fields   []string // Of the request, beside those that the query itself calls for.
	user     string   // "" for none.
	top      string   // Goes ahead of the content.
	content  io.ReaderAt
	size     int64 // Octets of content that are sent.
	compress bool
}

// sendError is the error of a connection that did not take the request whole.
type sendError struct{ err error }

func (e *sendError) Error() string { return "send: " + e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// exchange sends a request and reads the reply. The connection is half closed in between, as the protocol has it.
func exchange(ctx context.Context, address string, q *query) (*reply, error) {
	conn, err := breaker.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	sent := q.send(ctx, conn)
	if sent == nil {
		sent = conn.CloseWrite()
	}
	if errors.Is(sent, breaker.ErrOurs) {
		return nil, sent
	}
	// A server that refuses may say so and close before it has read all. What it said is there to be read, and is no verdict.
	r, err := readReply(conn)
	switch {
	case sent != nil && (err == nil || !errors.As(err, new(*refusal))):
		return nil, sent
	case err != nil:
		return nil, err
	}
	return r, nil
}

// send writes the request.
func (q *query) send(ctx context.Context, w io.Writer) error {
	size := int64(len(q.top)) + q.size
	var z *zlib.Writer
	if q.compress {
		z = zlib.NewWriter(nil)
		// The length goes ahead of the content: it is compressed twice, so that it need not be held.
		var c counter
		if err := q.deflate(ctx, z, &c); err != nil {
			return err
		}
		size = c.n
	}
	if _, err := io.WriteString(w, q.head(size)); err != nil {
		return &sendError{err}
	}
	if q.compress {
		return q.deflate(ctx, z, w)
	}
	return q.copy(ctx, w)
}

func (q *query) head(size int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s SPAMC/1.5\r\n", q.command)
	if q.content != nil {
		fmt.Fprintf(&b, "Content-length: %d\r\n", size)
	}
	if q.user != "" {
		fmt.Fprintf(&b, "User: %s\r\n", q.user)
	}
	if q.compress {
		b.WriteString("Compress: zlib\r\n")
	}
	for _, f := range q.fields {
		b.WriteString(f + "\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}

func (q *query) deflate(ctx context.Context, z *zlib.Writer, w io.Writer) error {
	z.Reset(w)
	if err := q.copy(ctx, z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return &sendError{err}
	}
	return nil
}

// copyOctets are held of the content at a time.
const copyOctets = 32 << 10

// copy writes the content, and tells errors of the content from those of the connection.
func (q *query) copy(ctx context.Context, w io.Writer) error {
	if q.content == nil {
		return nil
	}
	if _, err := io.WriteString(w, q.top); err != nil {
		return &sendError{err}
	}
	r := io.NewSectionReader(q.content, 0, q.size)
	page := make([]byte, min(copyOctets, q.size))
	for left := q.size; left > 0; {
		if err := ctx.Err(); err != nil { // What is only counted does not fail by itself.
			return err
		}
		n := min(left, int64(len(page)))
		if _, err := io.ReadFull(r, page[:n]); err != nil {
			return fmt.Errorf("read the message: %w: %w", err, breaker.ErrOurs)
		}
		if _, err := w.Write(page[:n]); err != nil {
			return &sendError{err}
		}
		left -= n
	}
	return nil
}

// counter counts what is written to it.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// check asks for a verdict.
func check(ctx context.Context, address string, q *query) (verdict, error) {
	r, err := exchange(ctx, address, q)
	if err != nil {
		return verdict{}, err
	}
	return r.verdict(q.command)
}

// ping asks a server if it is there.
func ping(ctx context.Context, address string) error {
	r, err := exchange(ctx, address, &query{command: "PING"})
	if err != nil {
		return err
	}
	if r.text != "PONG" {
		return fmt.Errorf("unexpected answer %.40q", r.text)
	}
	return nil
}
