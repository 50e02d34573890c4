// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
)

// TestEarlyAnswer has a server that answers after a few octets and closes while the scanner still writes.
func TestEarlyAnswer(t *testing.T) {
	tests := []struct {
		name   string
		answer string
		want   scanners.Report
		err    string // Part of the error's text.
	}{
		{
			name:   "size limit",
			answer: "INSTREAM size limit exceeded. ERROR\x00",
			want:   scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than StreamMaxLength"},
		},
		{
			name:   "infected",
			answer: "stream: Eicar FOUND\x00",
			want:   scanners.Report{Verdict: scanners.Infected, Signature: "Eicar"},
		},
		{name: "clean", answer: "stream: OK\x00", err: "clean before all was sent"},
		{name: "nothing", answer: "", err: "send content"},
		{name: "error", answer: "INSTREAM: Can't write to temporary file. ERROR\x00", err: "unexpected answer"},
	}
	listeners := map[string]func(testing.TB, fake.Handler) *fake.Server{"tcp": fake.Listen, "unix": fake.ListenUnix}
	for network, listen := range listeners {
		for _, tt := range tests {
			t.Run(network+"/"+tt.name, func(t *testing.T) {
				server := listen(t, func(c net.Conn) {
					io.ReadFull(c, make([]byte, 1000))
					io.WriteString(c, tt.answer)
				})
				s := newScanner(t, server.Addr())
				content := make([]byte, 20<<20)
				for range 20 { // The client notices at any of its steps.
					got, err := s.Scan(t.Context(), bytes.NewReader(content), int64(len(content)))
					wantReport(t, got, err, tt.want, tt.err)
				}
			})
		}
	}
}

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
