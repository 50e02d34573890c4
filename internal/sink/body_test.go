// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/mailweir/mailweir/internal/smtptest"
)

// What was stuffed comes out the same, and what follows the final dot is left alone.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n", ".", ".\r\n", "..\r\n", "a\n.\nb", "a\r.\r\n", "a\r\r\n.\r\n", "\r\n.\r\n", "\x00\r\n\xff", "a\r\n.\n", "\r", "\n", "x\r",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		client, server := net.Pipe()
		defer func() { _ = client.Close() }()
		const next = "NOOP\r\n"
		go func() {
			_, _ = client.Write(append(smtptest.Stuff(body), next...))
		}()
		s := newSession(&Server{opts: Options{MaxSize: 1 << 20}}, server, 1)
		m := &Message{}
		if tooLarge, err := s.readBody(m); err != nil || tooLarge {
			t.Fatalf("readBody: %v, %v", tooLarge, err)
		}
		want := body
		if len(body) > 0 && !bytes.HasSuffix(body, []byte("\r\n")) {
			want = append(bytes.Clone(body), "\r\n"...)
		}
		if !bytes.Equal(m.Data, want) {
			t.Errorf("got %q, want %q", m.Data, want)
		}
		rest := make([]byte, len(next))
		if _, err := io.ReadFull(s.r, rest); err != nil || string(rest) != next {
			t.Errorf("left %q, %v, want %q", rest, err, next)
		}
	})
}
