// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/mailweir/mailweir/internal/fake"
)

// BenchmarkScan scans with a server that takes everything and finds nothing. Its time holds that of the server.
func BenchmarkScan(b *testing.B) {
	for _, size := range []int{2_000, 117_000, 2_700_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			server := fake.Listen(b, func(c net.Conn) {
				in := bufio.NewReader(c)
				if q, err := readRequest(in); err == nil {
					io.Copy(io.Discard, &requestBody{in: in, c: c, preview: q.preview})
					io.WriteString(c, clean204)
				}
			})
			s := newScanner(b, at(server.Addr()))
			content := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Scan(b.Context(), bytes.NewReader(content), int64(size)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
