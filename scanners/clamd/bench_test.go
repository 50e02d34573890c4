// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/mailweir/mailweir/internal/fake"
)

// BenchmarkScan scans with a server that takes everything and finds nothing. Its time holds that of the server.
func BenchmarkScan(b *testing.B) {
	listeners := map[string]func(testing.TB, fake.Handler) *fake.Server{"tcp": fake.Listen, "unix": fake.ListenUnix}
	for network, listen := range listeners {
		for _, size := range []int{2_000, 117_000, 2_700_000} {
			b.Run(fmt.Sprintf("%s/%d", network, size), func(b *testing.B) {
				server := listen(b, drain(len(command)+lengthSize+size+(size-1)/chunkOctets*lengthSize+lengthSize))
				s := newScanner(b, server.Addr())
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
}

// drain takes n octets and answers.
func drain(n int) fake.Handler {
	return func(c net.Conn) {
		if _, err := io.CopyN(io.Discard, c, int64(n)); err == nil {
			io.WriteString(c, "stream: OK\x00")
		}
	}
}
